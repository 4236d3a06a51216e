/** Pseudo-random numbers in [0, 2^32) from a seed (Marsaglia's xorshift), so that every run works on the same bytes. */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>>= 0)
  }
}

/** Values of `sizeBytes` random letters each: text, as most of what is logged, and not to be guessed by a compressor. */
export function randomValues(count: number, sizeBytes: number): Buffer[] {
  const next = numbersFrom(sizeBytes)
  return Array.from({ length: count }, () =>
    Buffer.from(Array.from({ length: sizeBytes }, () => 97 + (next() % 26))),
  )
}

/** At least `sizeBytes` of lines of JSON as events look: the same fields over and over, with other contents. */
export function jsonLines(sizeBytes: number): Buffer {
  const next = numbersFrom(7)
  const lines: string[] = []
  for (let length = 0; length < sizeBytes; length += lines.at(-1)?.length ?? 0) lines.push(jsonLine(next))
  return Buffer.from(lines.join('')).subarray(0, sizeBytes)
}

function jsonLine(next: () => number): string {
  const event = {
    id: next().toString(16),
    type: ['order-placed', 'order-paid', 'order-shipped'][next() % 3],
    customer: next() % 100_000,
    amount: (next() % 100_000) / 100,
    at: new Date(1.7e12 + (next() % 1e9)).toISOString(),
  }
  return `${JSON.stringify(event)}\n`
}
