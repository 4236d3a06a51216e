import { TidemarkError } from '../../base/errors.ts'
import { KafkaError, type KafkaErrorName } from '../../wire/kafka-error.ts'
import type { Target } from '../cluster/broker-finder.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import { retry } from '../cluster/retry.ts'
import type { BrokerLink, CallOptions } from '../network/transport.ts'
import { AdminError, type Answered, asAdminError, errorIn } from './admin-error.ts'
import { type AdminOptions, type ItemOptions, type ItemResult, orThrow, signalIn } from './item-results.ts'

/** How several things are asked for, each of which may fail for itself. */
export interface ItemCall<Item, Answer extends Answered, Fields extends object> {
  readonly items: readonly Item[]
  /** Who answers for an item. */
  readonly targetOf: (item: Item) => Target
  /** What an error calls an item, such as `topic 'orders'`. */
  readonly subjectOf: (item: Item) => string
  /** Asks one broker for the items that are its own: an answer for each, in their order; undefined where there is none. */
  readonly ask: (
    link: BrokerLink,
    items: readonly Item[],
    options: CallOptions,
  ) => Promise<readonly (Answer | undefined)[]>
  /** What is told of an item. Without an answer, fields have their defaults. */
  readonly fieldsOf: (item: Item, answer: Answer | undefined) => Fields
}

/** One thing on its way to an answer. */
interface Entry<Item, Answer> {
  readonly item: Item
  readonly target: Target
  readonly subject: string
  answer: Answer | undefined
  failure: TidemarkError | undefined
  /** It has no answer yet, or a failure that may pass: then it is asked for again. */
  isOpen: boolean
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
])

/**
 * Asks for things, each broker for those that are its own, all brokers at once; and again for the ones whose failure may
 * pass, of whoever answers for them then, until the client's `apiTimeoutMs` is over. A result for each, in their order.
 *
 * @throws ConnectionError, TimeoutError when nobody could be asked at all; KafkaError, AggregateError for the things
 *   that failed, unless `throwOnError` is false
 */
export async function askForItems<Item, Answer extends Answered, Fields extends object>(
  client: ClusterClient,
  call: ItemCall<Item, Answer, Fields>,
  options: ItemOptions = {},
): Promise<(Fields & ItemResult)[]> {
  const entries = call.items.map((item): Entry<Item, Answer> => {
    const [target, subject] = [call.targetOf(item), call.subjectOf(item)]
    return { item, target, subject, answer: undefined, failure: undefined, isOpen: true }
  })
  await settle(client, call, entries, signalIn(options))
  const results = entries.map(({ item, subject, answer, failure }) => {
    const fields = call.fieldsOf(item, answer)
    return failure === undefined ? fields : { ...fields, error: asAdminError(failure, subject) }
  })
  return orThrow<Fields & ItemResult>(results, options)
}

/** Resolves when each entry has an answer, or a failure that does not pass in time. */
async function settle<Item, Answer extends Answered>(
  client: ClusterClient,
  call: ItemCall<Item, Answer, object>,
  entries: readonly Entry<Item, Answer>[],
  options: AdminOptions,
): Promise<void> {
  const attempt = async (): Promise<void> => {
    await askOnce(client, call, openOf(entries), options)
    const failure = openOf(entries)[0]?.failure
    if (failure !== undefined) throw failure
  }
  const onRetry = (): void => {
    for (const { target } of openOf(entries)) client.doubt(target)
  }
  try {
    await retry(attempt, { env: client.env, limits: client.limits, signal: options.signal, onRetry })
  } catch (error) {
    const isOfItem = entries.some(({ failure }) => failure === error)
    const isOfAll = entries.every(({ failure }) => failure !== undefined && !(failure instanceof KafkaError))
    if (!isOfItem || isOfAll) throw error
  }
}

function openOf<E extends Entry<unknown, unknown>>(entries: readonly E[]): E[] {
  return entries.filter(({ isOpen }) => isOpen)
}

async function askOnce<Item, Answer extends Answered>(
  client: ClusterClient,
  { ask }: ItemCall<Item, Answer, object>,
  entries: readonly Entry<Item, Answer>[],
  options: CallOptions,
): Promise<void> {
  const groups = await groupByLink(client, entries, options)
  const asked = [...groups].map(([link, group]) =>
    failingTogether(group, async () => {
      const items = group.map(({ item }) => item)
      const answers = await ask(link, items, options)
      for (const [index, entry] of group.entries()) note(entry, answers[index])
    }),
  )
  await Promise.all(asked)
}

/** The entries by the connection to who answers for them: several targets may be one broker. */
async function groupByLink<E extends Entry<unknown, unknown>>(
  client: ClusterClient,
  entries: readonly E[],
  options: CallOptions,
): Promise<Map<BrokerLink, E[]>> {
  const byTarget = new Map<string, [E, ...E[]]>()
  for (const entry of entries) {
    const key = JSON.stringify(entry.target)
    const group = byTarget.get(key)
    if (group === undefined) byTarget.set(key, [entry])
    else group.push(entry)
  }
  const byLink = new Map<BrokerLink, E[]>()
  const found = [...byTarget.values()].map((group) =>
    failingTogether(group, async () => {
      const link = await client.link(group[0].target, options)
      byLink.set(link, [...(byLink.get(link) ?? []), ...group])
    }),
  )
  await Promise.all(found)
  return byLink
}

/** A failure to ask is the failure of all that was to be asked for; anything else is the caller's, or ours. */
async function failingTogether(
  entries: readonly Entry<unknown, unknown>[],
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act()
  } catch (error) {
    const isKafkas = error instanceof KafkaError
    if (!isKafkas && !(error instanceof TidemarkError && error.retriable)) throw error
    const isOpen = !isKafkas || passing.has(error.kafkaName)
    for (const entry of entries) Object.assign(entry, { failure: error, isOpen })
  }
}

function note<Answer extends Answered>(entry: Entry<unknown, Answer>, answer: Answer | undefined): void {
  const { subject, target } = entry
  const failure =
    answer === undefined
      ? new AdminError('UNKNOWN_SERVER_ERROR', subject, 'the broker has not answered for it')
      : errorIn(answer, subject)
  Object.assign(entry, { answer, failure, isOpen: failure !== undefined && isPassing(failure, target) })
}

function isPassing({ kafkaName }: AdminError, target: Target): boolean {
  const isNews = typeof target === 'object' && 'leaderOf' in target
  return passing.has(kafkaName) || (isNews && kafkaName === 'UNKNOWN_TOPIC_OR_PARTITION')
}

/** The answers that belong to `items`, in their order, found by their names. */
export function inOrderOf<Item, Answer>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  answers: Iterable<readonly [name: string, answer: Answer]>,
): (Answer | undefined)[] {
  const byName = new Map(answers)
  return items.map((item) => byName.get(nameOf(item)))
}
