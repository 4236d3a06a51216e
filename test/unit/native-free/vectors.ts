import { readFileSync } from 'node:fs'

const folder = new URL('../../../data/vectors/', import.meta.url)

/** A file of `data/vectors`, whose README tells how Kafka made it. */
export function readVector(name: string): Buffer {
  return readFileSync(new URL(name, folder))
}

export interface HashVector {
  readonly hex: string
  readonly murmur2: number
  readonly positive: number
  readonly xxhash32: number
  readonly xxhash32Seed7: number
  readonly crc32c: number
}

export function readHashVectors(): HashVector[] {
  return JSON.parse(readVector('hashes.json').toString())
}
