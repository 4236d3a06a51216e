import { InvalidArgumentError } from 'commander'
import { nearestName } from '../../base/nearest-name.ts'
import { AdminError } from '../../client/admin/admin-error.ts'
import type { TopicListing } from '../../client/admin/describe-topics.ts'
import type { TopicPartition } from '../../client/cluster/cluster-metadata.ts'
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

/** Says of a topic why something was not done; of one that does not exist, which of `all` may have been meant. */
export function refuseTopic(
  results: Results,
  all: readonly TopicListing[],
  topic: string,
  error: AdminError,
): void {
  if (error.kafkaName === 'UNKNOWN_TOPIC_OR_PARTITION') refuseUnknownTopic(results, all, topic)
  else results.refused({ topic }, error)
}

/** In words of ours, and not in those that each kind of broker has for it. */
function refuseUnknownTopic(results: Results, all: readonly TopicListing[], topic: string): void {
  const meant = nearestName(
    topic,
    all.map(({ name }) => name),
  )
  const advice = meant === undefined ? undefined : `Did you mean '${meant}'?`
  results.refused({ topic }, unknown(`topic '${topic}'`), advice)
}

/** The partitions that are selected and exist, of the topics that there are. The others are told of. */
export function selectedPartitions(
  results: Results,
  all: readonly TopicListing[],
  selections: readonly TopicSelection[],
): TopicPartition[] {
  return selections.flatMap(({ topic, partitions }) => {
    const found = all.find(({ name }) => name === topic)
    if (found === undefined) {
      refuseUnknownTopic(results, all, topic)
      return []
    }
    const exists = (partition: number): boolean => partition < found.partitions
    for (const partition of partitions ?? [])
      if (!exists(partition))
        results.refused({ topic, partition }, unknown(`partition ${partition} of topic '${topic}'`))
    const numbers = Array.from({ length: found.partitions }, (_, partition) => partition)
    return numbers
      .filter((partition) => partitions === undefined || partitions.includes(partition))
      .map((partition) => ({ topic, partition }))
  })
}

function unknown(subject: string): AdminError {
  return new AdminError('UNKNOWN_TOPIC_OR_PARTITION', subject)
}
