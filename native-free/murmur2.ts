import { byteAt, wordAt } from './little-endian.ts'

const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995

/**
 * MurmurHash2 as Kafka's default partitioner hashes keys (`org.apache.kafka.common.utils.Utils.murmur2`): 32 bits,
 * seed 0x9747b28c. The result is signed, as in Java.
 */
export function murmur2(bytes: Uint8Array): number {
  let hash = SEED ^ bytes.length
  const wordsEnd = bytes.length & ~3
  for (let at = 0; at < wordsEnd; at += 4) {
    const mixed = Math.imul(wordAt(bytes, at), MULTIPLIER)
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(mixed ^ (mixed >>> 24), MULTIPLIER)
  }
  if (wordsEnd < bytes.length) {
    for (let at = bytes.length - 1; at >= wordsEnd; at--) hash ^= byteAt(bytes, at) << (8 * (at - wordsEnd))
    hash = Math.imul(hash, MULTIPLIER)
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER)
  return hash ^ (hash >>> 15)
}

/** Drops the sign bit, as Kafka does before it takes a hash modulo the number of partitions (`Utils.toPositive`). */
export function toPositive(value: number): number {
  return value & 0x7fffffff
}
