import type { Random } from '../env/env.ts'

/** Repeatable randomness: the same seed gives the same values, on every machine. Not for secrets. */
export interface SeededRandom extends Random {
  /** A number in `[0, 1)`, with 32 random bits. */
  next(): number
  /** An integer in `[0, end)`. */
  int(end: number): number
  /** One item of a list that is not empty. */
  pick<T>(list: readonly T[]): T
}

/** A {@link SeededRandom} from any integer. The generator is sfc32 (Chris Doty-Humphrey, PractRand). */
export function seededRandom(seed: number): SeededRandom {
  const nextBits = sfc32(seed)
  const next = () => nextBits() / 2 ** 32
  const int = (end: number) => {
    if (!Number.isSafeInteger(end) || end < 1)
      throw new RangeError(`int(${end}): there is no integer in [0, ${end})`)
    return Math.floor(next() * end)
  }
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new RangeError('pick: the list is empty')
    const index = int(list.length)
    return list[index]!
  }
  const bytes = (length: number) => {
    const result = Buffer.allocUnsafe(length)
    for (let at = 0; at < length; at++) result[at] = nextBits() >>> 24
    return result
  }
  return { next, int, pick, bytes }
}

/** Returns the generator of unsigned 32-bit integers. */
function sfc32(seed: number): () => number {
  let [a, b, c, counter] = [Math.floor(seed / 2 ** 32) | 0, seed | 0, 0, 1]
  const nextBits = () => {
    const result = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + result) | 0
    return result >>> 0
  }
  // Near seeds start alike; twelve rounds spread every bit of them.
  for (let round = 0; round < 12; round++) nextBits()
  return nextBits
}
