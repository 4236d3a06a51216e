import { InvalidArgumentError } from 'commander'
import { nearestName } from '../../base/nearest-name.ts'
import type { ClusterMetadata, TopicMetadata, TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { partitionsOf } from './partition-offsets.ts'
import type { Results } from './results.ts'

/** A topic, and which of its partitions; all of them when none are named. */
export interface TopicSelection {
  readonly topic: string
  readonly partitions: readonly number[] | undefined
}

/** Reads `orders`, `orders:0` or `orders:0,2`. @throws InvalidArgumentError for anything else */
export function parseTopicSelection(text: string): TopicSelection {
  const match = /^([^:]+)(?::(\d{1,9}(?:,\d{1,9})*))?$/.exec(text)
  if (match?.[1] === undefined)
    throw new InvalidArgumentError(`'${text}' must be TOPIC, TOPIC:PARTITION or TOPIC:PARTITION,PARTITION.`)
  return { topic: match[1], partitions: match[2]?.split(',').map(Number) }
}

/** For an option that may be repeated. */
export function collectTopics(
  text: string,
  previous: readonly TopicSelection[] = [],
): readonly TopicSelection[] {
  return [...previous, parseTopicSelection(text)]
}

/** The topics of `names` that exist. The others are told of, with the name that may have been meant. */
export function existingTopics(
  results: Results,
  metadata: ClusterMetadata,
  names: readonly string[],
): TopicMetadata[] {
  return names.flatMap((name) => {
    const topic = metadata.topics.get(name)
    if (topic?.errorCode === errorCodes.NONE) return [topic]
    refuseTopic(results, metadata, name, topic?.errorCode ?? errorCodes.UNKNOWN_TOPIC_OR_PARTITION)
    return []
  })
}

/** Says of a topic why it is not to be had; the metadata is of all topics. */
export function refuseTopic(
  results: Results,
  metadata: ClusterMetadata,
  topic: string,
  errorCode: number,
): void {
  const isUnknown = errorCode === errorCodes.UNKNOWN_TOPIC_OR_PARTITION
  const meant = isUnknown ? nearestName(topic, metadata.topics.keys()) : undefined
  const advice = meant === undefined ? undefined : `Did you mean '${meant}'?`
  results.refused({ topic }, `topic '${topic}'`, { errorCode }, advice)
}

/** The partitions that are selected and exist. The others are told of. */
export function selectedPartitions(
  results: Results,
  metadata: ClusterMetadata,
  selections: readonly TopicSelection[],
): TopicPartition[] {
  return selections.flatMap(({ topic, partitions }) => {
    if (existingTopics(results, metadata, [topic]).length === 0) return []
    const all = partitionsOf(metadata, [topic])
    if (partitions === undefined) return all
    for (const partition of partitions)
      if (all[partition] === undefined)
        results.refused({ topic, partition }, `partition ${partition} of topic '${topic}'`, {
          errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
        })
    return all.filter(({ partition }) => partitions.includes(partition))
  })
}
