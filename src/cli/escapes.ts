const named: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', '\\': '\\' }

/** Turns `\n`, `\r`, `\t`, `\0`, `\\` and `\xNN` into what they stand for, as kcat does in delimiters and formats. */
export function unescape(text: string): Buffer {
  const parts = text.split(/(\\x[0-9a-fA-F]{2}|\\[nrt0\\])/)
  return Buffer.concat(
    parts.map((part, index) => {
      // Every second part is an escape, because the pattern is captured.
      if (index % 2 === 0) return Buffer.from(part)
      if (part[1] === 'x') return Buffer.from(part.slice(2), 'hex')
      return Buffer.from(named[part[1] ?? ''] ?? part)
    }),
  )
}
