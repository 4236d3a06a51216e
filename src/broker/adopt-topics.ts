import type { Env } from '../env/env.ts'
import type { ClusterView } from '../cluster/cluster-view.ts'
import type { Controller, NewTopic } from '../cluster/controller.ts'
import type { MetadataStore } from '../cluster/metadata-store.ts'
import { readTopicId } from '../log/partition-metadata.ts'
import type { DataDirectory } from './data-directory.ts'
import { offsetsTopic } from './offsets-topic.ts'

/** Partitions of Kafka's own that mean nothing outside the cluster they are of. */
const notTopics: ReadonlySet<string> = new Set(['__cluster_metadata', '__tidemark_metadata'])

/** Their settings were in the other broker's metadata: until somebody sets them again nothing is deleted for its age or size. */
const keptForever = { 'retention.ms': '-1', 'retention.bytes': '-1' } as const

/**
 * Whether topics are being taken over, or have been: a crash in between is made up for, and afterwards a directory that is
 * found is what a crash has left of a topic that was deleted.
 */
const adoptionKey = '/cluster/adoption'
const begun = 'begun'
const finished = 'finished'

interface Adoption {
  readonly directories: readonly DataDirectory[]
  readonly env: Env
  readonly brokerId: number
  readonly store: MetadataStore
  readonly view: ClusterView
  readonly controller: Controller
}

/**
 * A data directory without metadata of ours, but with partitions, is another broker's: makes its topics known, once.
 * Resolves with their names.
 */
export async function adoptTopics({ directories, env, brokerId, ...cluster }: Adoption): Promise<string[]> {
  const { store, view, controller } = cluster
  const stage = (await store.get(adoptionKey))?.value
  const isOurs = stage === finished || (stage === undefined && view.topics.size > 0)
  const topics = isOurs
    ? []
    : topicsInDirectories(directories, env, brokerId).filter(({ name }) => !view.topics.has(name))
  if (stage === undefined) {
    const value = topics.length === 0 ? finished : begun
    await store.commit([{ op: 'create', key: adoptionKey, value }])
  }
  for (const topic of topics) await controller.createTopic(topic)
  if (topics.length > 0 || stage === begun)
    await store.commit([{ op: 'set', key: adoptionKey, value: finished }])
  return topics.map(({ name }) => name)
}

/**
 * The topics that the partitions in `directories` make up, as Apache Kafka or another broker has written them: each with
 * its id, if the partitions agree on one, and as many partitions as the highest number says. One that was ever compacted
 * goes on being so.
 */
function topicsInDirectories(directories: readonly DataDirectory[], env: Env, brokerId: number): NewTopic[] {
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
