import type { Env } from '../env/env.ts'
import type { NewTopic } from '../cluster/controller.ts'
import { readTopicId } from '../log/partition-metadata.ts'
import type { DataDirectory } from './data-directory.ts'
import { offsetsTopic } from './offsets-topic.ts'

/** Partitions of Kafka's own that mean nothing outside the cluster they are of. */
const notTopics: ReadonlySet<string> = new Set(['__cluster_metadata', '__tidemark_metadata'])

/** Their settings were in the other broker's metadata: until somebody sets them again nothing is deleted for its age or size. */
const keptForever = { 'retention.ms': '-1', 'retention.bytes': '-1' } as const

/**
 * The topics that the partitions in `directories` make up, for a data directory that another broker, such as Apache
 * Kafka, has written: each with its id, if the partitions agree on one, and as many partitions as the highest number
 * says. One that was ever compacted goes on being so.
 */
export function topicsInDirectories(
  directories: readonly DataDirectory[],
  env: Env,
  brokerId: number,
): NewTopic[] {
  const found = new Map<string, { lastPartition: number; ids: Set<string>; isCompacted: boolean }>()
  for (const directory of directories)
    for (const of of directory.partitions()) {
      if (notTopics.has(of.topic)) continue
      const topic = found.get(of.topic) ?? {
        lastPartition: 0,
        ids: new Set<string>(),
        isCompacted: of.topic === offsetsTopic,
      }
      found.set(of.topic, topic)
      topic.isCompacted ||= directory.offset('cleaner', of) !== undefined
      topic.lastPartition = Math.max(topic.lastPartition, of.partition)
      const id = readTopicId(env.files, directory.partitionPath(of))
      if (id !== undefined) topic.ids.add(id)
    }
  return [...found].map(([name, { lastPartition, ids, isCompacted }]) => {
    const [topicId] = ids
    const partitionCount = lastPartition + 1
    return {
      name,
      partitionCount,
      replicationFactor: 1,
      config: isCompacted ? { ...keptForever, 'cleanup.policy': 'compact' } : keptForever,
      assignment: Array.from({ length: partitionCount }, () => [brokerId]),
      ...(ids.size === 1 && topicId !== undefined ? { topicId } : {}),
    }
  })
}
