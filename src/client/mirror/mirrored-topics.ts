import { zeroUuid } from '../../wire/uuid.ts'
import { AdminError } from '../admin/admin-error.ts'
import type { ConfigEntry } from '../admin/describe-configs.ts'
import type { TopicListing } from '../admin/describe-topics.ts'
import type { TopicIds } from './copy-progress.ts'
import type { MirrorEnd } from './mirror-end.ts'
import { notesTopic } from './mirror-notes.ts'

/** A topic that is there on both sides. */
export interface MirroredTopic extends TopicIds {
  readonly name: string
  /** How many the source has; the target has no fewer. */
  readonly partitions: number
  /** How large the target lets a batch be: its `max.message.bytes`. */
  readonly maxBatchBytes: number
}

/** What {@link prepareTopics} works with. */
export interface PrepareOptions {
  readonly source: MirrorEnd
  readonly target: MirrorEnd
  readonly topics: readonly (string | RegExp)[]
  readonly replicationFactor?: number | undefined
  readonly onWarning: (message: string) => void
  readonly signal: AbortSignal | undefined
}

/** Kafka's default. */
const defaultMaxBatchBytes = 1024 * 1024 + 12

/**
 * Configs of a topic that are not taken over: timestamps are kept, so that brokers must not set their own, and how replicas are
 * throttled is a matter of a cluster's brokers.
 */
const configsNotCopied: readonly string[] = [
  'message.timestamp.type',
  'leader.replication.throttled.replicas',
  'follower.replication.throttled.replicas',
]

/**
 * The topics of `all` that are selected: by name, also internal ones, or by an expression, which these are never.
 *
 * @throws AdminError UNKNOWN_TOPIC_OR_PARTITION for a name that there is not
 */
function selectTopics(all: readonly TopicListing[], selection: readonly (string | RegExp)[]): TopicListing[] {
  const names = new Set(selection.filter((each) => typeof each === 'string'))
  const patterns = selection.filter((each) => each instanceof RegExp)
  for (const name of names)
    if (!all.some((topic) => topic.name === name))
      throw new AdminError('UNKNOWN_TOPIC_OR_PARTITION', `topic '${name}' of the source`)
  return all.filter(({ name, isInternal }) => {
    const isMatched = !isInternal && name !== notesTopic && patterns.some((each) => matches(each, name))
    return names.has(name) || isMatched
  })
}

/** Whether `pattern` matches, whatever an earlier match has left in it. */
export function matches(pattern: RegExp, name: string): boolean {
  pattern.lastIndex = 0
  return pattern.test(name)
}

/**
 * The selected topics, with their partitions on both sides. A topic that the target has not is created with the same number of partitions,
 * and those configs that are set on it in the source; one that has grown in the source grows in the target.
 */
export async function prepareTopics(options: PrepareOptions): Promise<MirroredTopic[]> {
  const { source, target, topics, signal } = options
  const asking = signal === undefined ? {} : { signal }
  const wanted = selectTopics(await source.admin().listTopics({ internal: true, ...asking }), topics)
  const present = await target.admin().listTopics({ internal: true, ...asking })
  const presentByName = new Map(present.map((topic) => [topic.name, topic]))
  const missing = wanted.filter(({ name }) => !presentByName.has(name))
  const grown = wanted.filter(
    ({ name, partitions }) => (presentByName.get(name)?.partitions ?? partitions) < partitions,
  )
  const created = await createMissing(options, missing)
  if (grown.length > 0)
    await target.admin().createPartitions(
      grown.map(({ name, partitions }) => ({ name, count: partitions })),
      asking,
    )
  const limits = await batchLimits(options, wanted)
  return wanted.map(({ name, partitions, topicId }) => ({
    ...{ name, partitions, sourceTopicId: topicId },
    targetTopicId: presentByName.get(name)?.topicId ?? created.get(name) ?? zeroUuid,
    maxBatchBytes: limits.get(name) ?? defaultMaxBatchBytes,
  }))
}

/** `max.message.bytes` of topics of the target. */
async function batchLimits(
  { target, signal }: PrepareOptions,
  topics: readonly TopicListing[],
): Promise<Map<string, number>> {
  const keys = ['max.message.bytes']
  const resources = topics.map(({ name }) => ({ type: 'topic' as const, name, keys }))
  const described = await target.admin().describeConfigs(resources, signal === undefined ? {} : { signal })
  return new Map(
    described.map(({ name, configs }) => [name, Number(configs[0]?.value ?? defaultMaxBatchBytes)]),
  )
}

/** Resolves to the ids of the new topics. */
async function createMissing(
  { source, target, replicationFactor, onWarning, signal }: PrepareOptions,
  missing: readonly TopicListing[],
): Promise<Map<string, string>> {
  if (missing.length === 0) return new Map()
  const asking = signal === undefined ? {} : { signal }
  const resources = missing.map(({ name }) => ({ type: 'topic' as const, name }))
  const [described, [known]] = await Promise.all([
    source.admin().describeConfigs(resources, asking),
    target.admin().describeConfigs([{ type: 'topic', name: notesTopic }], asking),
  ])
  const knownNames = new Set(known?.configs.map(({ name }) => name))
  const topics = missing.map(({ name, partitions }) => {
    const set = configsToCopy(described.find((each) => each.name === name)?.configs ?? [])
    for (const [config] of set)
      if (!knownNames.has(config))
        onWarning(`topic '${name}': the target knows no config ${config}: left out`)
    const config = Object.fromEntries(set.filter(([each]) => knownNames.has(each)))
    return { name, partitions, config, ...(replicationFactor === undefined ? {} : { replicationFactor }) }
  })
  const created = await target.admin().createTopics(topics, asking)
  return new Map(created.map(({ name, topicId }) => [name, topicId]))
}

/** The configs that somebody has set on the topic itself, but for those that are not for another cluster. */
function configsToCopy(configs: readonly ConfigEntry[]): (readonly [name: string, value: string])[] {
  return configs.flatMap(({ name, value, source }) =>
    source === 'DYNAMIC_TOPIC_CONFIG' && value !== null && !configsNotCopied.includes(name)
      ? [[name, value] as const]
      : [],
  )
}
