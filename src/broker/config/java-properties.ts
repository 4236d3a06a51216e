import { KafkaError } from '../../wire/kafka-error.ts'

/** One assignment of a properties file. */
export interface Property {
  readonly name: string
  readonly value: string
  /** The line, from 1, on which it begins. */
  readonly line: number
}

/**
 * Reads the syntax of `java.util.Properties`: comments with `#` or `!`; a name and a value apart by `=`, `:` or
 * blanks; a backslash at the end of a line goes on with the next, without the blanks at its beginning; elsewhere it
 * stands before `t`, `n`, `r`, `f`, `uXXXX`, or a character that is meant as itself. Repeated names are all
 * returned; in Java the last one counts. Throws a KafkaError INVALID_CONFIG that names `file` and the line for a
 * `\u` without four digits.
 */
export function parseProperties(text: string, file: string): Property[] {
  return logicalLines(text).map(({ content, line }) => {
    const [, name = '', value = ''] = assignment.exec(content) ?? []
    const where = `${file}:${line}`
    return { name: unescaped(name, where), value: unescaped(value, where), line }
  })
}

/** The name up to the first separator that no backslash precedes; one `=` or `:`, with blanks around; the rest. */
const assignment = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s

/** Lines without comments and blank ones, the continued ones joined. */
function logicalLines(text: string): { content: string; line: number }[] {
  const found: { content: string; line: number }[] = []
  let isContinued = false
  for (const [index, natural] of text.split(/\r\n|\r|\n/).entries()) {
    const trimmed = natural.replace(/^[ \t\f]+/, '')
    if (!isContinued && (trimmed === '' || /^[#!]/.test(trimmed))) continue
    // An even number of backslashes at the end are that many halved, and continue nothing.
    const goesOn = trailingBackslashes(trimmed) % 2 === 1
    const content = goesOn ? trimmed.slice(0, -1) : trimmed
    const last = found.at(-1)
    if (isContinued && last !== undefined) last.content += content
    else found.push({ content, line: index + 1 })
    isContinued = goesOn
  }
  return found.filter(({ content }) => content !== '')
}

function trailingBackslashes(text: string): number {
  let count = 0
  while (text[text.length - 1 - count] === '\\') count++
  return count
}

const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescaped(text: string, where: string): string {
  return text.replace(
    /\\(?:u(.{0,4})|(.?))/gs,
    (_, digits: string | undefined, character: string | undefined) => {
      if (digits === undefined) return controls[character ?? ''] ?? character ?? ''
      if (!/^[0-9a-f]{4}$/i.test(digits))
        throw new KafkaError(
          'INVALID_CONFIG',
          `${where}: \\u${digits} is no character: write \\u and four hexadecimal digits, or two backslashes for one`,
        )
      return String.fromCharCode(Number.parseInt(digits, 16))
    },
  )
}
