import { KafkaError, type KafkaErrorName } from '../../wire/kafka-error.ts'
import type { TidemarkError } from '../../base/errors.ts'
import type { Target } from '../cluster/broker-finder.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import { askEach, type ItemCall } from '../cluster/item-calls.ts'
import type { Answered } from '../cluster/response-error.ts'
import { AdminError, asAdminError, errorIn } from './admin-error.ts'
import { type ItemOptions, type ItemResult, orThrow, signalIn } from './item-results.ts'

/** How an Admin asks for several things, and what it tells of each. */
export interface AdminCall<Item, Answer extends Answered, Fields extends object>
  extends Pick<ItemCall<Item, Answer>, 'targetOf' | 'subjectOf' | 'ask'> {
  readonly items: readonly Item[]
  /** What is told of an item. Without an answer, or with one that is an error, fields have their defaults. */
  readonly fieldsOf: (item: Item, answer: Answer | undefined) => Fields
}

/**
 * After these errors the same thing may be had from somebody else, or in a moment. Others that Kafka calls retriable are
 * the answer here: what timed out may have been done, and an unknown topic is most often a mistyped one, but for one that
 * its own leader does not know.
 */
const passing: ReadonlySet<KafkaErrorName> = new Set<KafkaErrorName>([
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'NOT_CONTROLLER',
  'NOT_COORDINATOR',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'UNSTABLE_OFFSET_COMMIT',
  'THROTTLING_QUOTA_EXCEEDED',
  'NETWORK_EXCEPTION',
])

/**
 * Asks for things as {@link askEach} does, and tells of each what an Admin tells: a result for each, in their order.
 *
 * @throws as {@link askEach} does; KafkaError, AggregateError for the things that failed, unless `throwOnError` is false
 */
export async function askForItems<Item, Answer extends Answered, Fields extends object>(
  client: ClusterClient,
  { items, fieldsOf, ...call }: AdminCall<Item, Answer, Fields>,
  options: ItemOptions = {},
): Promise<(Fields & ItemResult)[]> {
  const mayPass = (error: TidemarkError, item: Item) => isPassing(error, call.targetOf(item))
  const outcomes = await askEach<Item, Answer>(
    client,
    items,
    { ...call, errorIn, mayPass },
    signalIn(options),
  )
  const results = outcomes.map((outcome) => {
    if ('value' in outcome) return fieldsOf(outcome.of, outcome.value)
    const error = asAdminError(outcome.error, call.subjectOf(outcome.of))
    return { ...fieldsOf(outcome.of, undefined), error }
  })
  return orThrow<Fields & ItemResult>(results, options)
}

function isPassing(error: TidemarkError, target: Target): boolean {
  if (!(error instanceof KafkaError) || passing.has(error.kafkaName)) return true
  const isOfLeader = error instanceof AdminError && typeof target === 'object' && 'leaderOf' in target
  return isOfLeader && error.kafkaName === 'UNKNOWN_TOPIC_OR_PARTITION'
}
