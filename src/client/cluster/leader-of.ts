import type { Target } from './broker-finder.ts'
import type { TopicPartition } from './cluster-metadata.ts'

/** Whoever leads a partition. */
export function leaderOf({ topic, partition }: TopicPartition): Target {
  return { leaderOf: { topic, partition } }
}
