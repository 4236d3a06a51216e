import { randomBytes } from 'node:crypto'
import type { Random } from './env.ts'

/** The system's cryptographic randomness. */
export function nodeRandom(): Random {
  return { bytes: (length) => randomBytes(length) }
}
