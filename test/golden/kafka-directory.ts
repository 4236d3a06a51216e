import { readFileSync } from 'node:fs'

/** The log directory that Apache Kafka wrote; its README tells how. */
const directory = new URL('../../data/golden/kafka-4.0/', import.meta.url)

export const segmentBases = [0, 565, 1090, 1627]
export const logEndOffset = 1764

export function readKafkaFile(name: string): Buffer {
  return readFileSync(new URL(name, directory))
}

export function readPartitionFile(name: string): Buffer {
  return readKafkaFile(`fixture-0/${name}`)
}

/** Like {@link readPartitionFile}, but empty when Kafka wrote no such file. */
export function readOptionalFile(name: string): Buffer {
  try {
    return readPartitionFile(name)
  } catch {
    return Buffer.alloc(0)
  }
}
