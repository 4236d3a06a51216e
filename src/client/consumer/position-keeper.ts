import { NoPositionError, TidemarkError, UnsupportedVersionError } from '../../base/errors.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  type OffsetForLeaderEpochResponse,
  offsetForLeaderEpochRequest,
  offsetForLeaderEpochResponse,
} from '../../wire/messages/23-offset-for-leader-epoch.ts'
import { backoffMs, chanceFrom } from '../cluster/backoff.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { askEachOnce, type ItemCall, inOrderOf, type Outcome } from '../cluster/item-calls.ts'
import type { KnownTopic } from '../cluster/known-topic.ts'
import { leaderOf } from '../cluster/leader-of.ts'
import { earliestTimestamp, latestTimestamp, type OffsetLookup } from '../cluster/offset-lookup.ts'
import { groupByTopic, partitionKey } from '../cluster/topic-partitions.ts'
import { rpc } from '../network/rpc.ts'
import type { AssignedPartition, Position } from './assigned-partition.ts'
import type { Assignment } from './assignment.ts'
import { reportTrouble } from './channels.ts'

/** Where to begin when there is no offset to go on from. */
export type AutoOffsetReset = 'earliest' | 'latest' | 'none'

/** Where a group left off; an offset of -1 for a partition that it has not committed. */
export type FetchCommitted = (
  partitions: readonly TopicPartition[],
) => Promise<readonly (TopicPartition & Position)[]>

/** What a {@link PositionKeeper} works with. */
export interface PositionKeeperOptions<K, V> {
  readonly client: ClusterClient
  readonly assignment: Assignment<K, V>
  readonly lookup: OffsetLookup
  /** Undefined without a group. */
  readonly fetchCommitted: FetchCommitted | undefined
  readonly autoOffsetReset: AutoOffsetReset
  readonly allowAutoCreateTopics: boolean
  readonly purpose: string
  readonly signal: AbortSignal
  /** Called when partitions may have become ready, or have an error to tell. */
  readonly onChange: () => void
}

type Partition<K, V> = AssignedPartition<K, V>

type EpochEnd = OffsetForLeaderEpochResponse['topics'][number]['partitions'][number]

const offsetForLeaderEpochApi = rpc(offsetForLeaderEpochRequest, offsetForLeaderEpochResponse)
const consumerReplicaId = -1

/**
 * Finds out what partitions need before they can be fetched: who leads them, where to begin, and, after the leader has changed,
 * whether its log still has what was read (KIP-320). Failures that may pass are tried again after a pause, each partition for
 * itself; others are the application's to hear.
 */
export class PositionKeeper<K, V> {
  readonly #options: PositionKeeperOptions<K, V>

  constructor(options: PositionKeeperOptions<K, V>) {
    this.#options = options
  }

  /** Sets about what is missing anywhere, unless somebody is at it already. */
  advance(): void {
    const waiting = [...this.#options.assignment].filter((partition) => this.#isDue(partition))
    for (const partition of waiting) if (partition.leader === undefined) this.#takeLeader(partition)
    const wanting = (kind: string) =>
      waiting.filter(({ leader, want, error }) => leader && !error && want?.kind === kind)
    for (const partition of wanting('reset')) this.#resetByPolicy(partition)
    this.#start(wanting('committed'), (these) => this.#findCommitted(these), 'find committed offsets')
    this.#start(wanting('timestamp'), (these) => this.#findByTime(these), 'find offsets')
    this.#start(wanting('validation'), (these) => this.#validate(these), 'validate positions')
    const strangers = waiting.filter(({ leader, isBusy, error }) => !leader && !isBusy && !error)
    for (const { topic, items } of groupByTopic(strangers, (each) => each))
      this.#start(items, (these) => this.#learnTopic(topic, these), 'find leaders')
  }

  /** The leader is none, or cannot be reached: to be found again after a pause. */
  distrustLeader(partition: Partition<K, V>): void {
    this.#options.client.topics.doubt(partition.topic)
    partition.leader = undefined
    this.pause(partition)
  }

  /** Something failed. It is tried again after a pause, or the application is told. */
  fail(partition: Partition<K, V>, error: unknown, during: string): void {
    if (error instanceof TidemarkError && error.retriable) {
      this.pause(partition)
      reportTrouble(`${during} of ${partition.name}`, error)
    } else partition.error = error instanceof Error ? error : new Error(String(error))
  }

  /** Nothing is asked about the partition for a while: longer with each failure in a row. */
  pause(partition: Partition<K, V>): void {
    const { client, onChange } = this.#options
    const { retryBackoffMs: firstMs, retryBackoffMaxMs: maxMs } = client.limits
    partition.failureCount++
    const delayMs = backoffMs(partition.failureCount, { firstMs, maxMs }, chanceFrom(client.env.random))
    partition.retryAtMs = client.env.clock.monotonicMs() + delayMs
    client.timers.after(delayMs + 1, onChange)
  }

  /** One that comes or goes, too: the application may ask for its position while it is told. */
  #isDue({ isBusy, error, leader, want, retryAtMs }: Partition<K, V>): boolean {
    if (isBusy || error !== undefined) return false
    if (leader !== undefined && want === undefined) return false
    return retryAtMs <= this.#options.client.env.clock.monotonicMs()
  }

  /** Takes over who leads the partition, if that is known. */
  #takeLeader(partition: Partition<K, V>): void {
    const topic = this.#options.client.topics.current(partition.topic)
    if (topic !== undefined) this.#takeLeaderFrom(topic, partition)
  }

  #takeLeaderFrom(topic: KnownTopic, partition: Partition<K, V>): void {
    const known = topic.partitions[partition.partition]
    if (known === undefined || known.leaderId < 0) {
      const error =
        known === undefined
          ? new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${partition.name}`)
          : new KafkaError('LEADER_NOT_AVAILABLE', `nobody leads ${partition.name} at this moment`)
      this.#options.client.topics.doubt(topic.name)
      return this.fail(partition, error, 'find leader')
    }
    partition.leader = { nodeId: known.leaderId, epoch: known.leaderEpoch, topicId: topic.topicId }
    const isNewer = known.leaderEpoch > Math.max(partition.leaderEpoch, partition.validatedEpoch)
    if (partition.leaderEpoch >= 0 && isNewer) partition.demandValidation()
  }

  /** Works on `partitions` in the background. What was moved meanwhile keeps what it was moved to. */
  #start(
    partitions: readonly Partition<K, V>[],
    work: (
      partitions: readonly Partition<K, V>[],
    ) => Promise<readonly Outcome<Partition<K, V>, () => void>[]>,
    during: string,
  ): void {
    if (partitions.length === 0) return
    const versions = new Map(partitions.map((each) => [each, each.version]))
    for (const each of partitions) each.isBusy = true
    const settle = (outcomes: readonly Outcome<Partition<K, V>, () => void>[]): void => {
      for (const each of partitions) each.isBusy = false
      for (const { of, ...outcome } of outcomes) {
        if (!this.#options.assignment.holds(of) || of.version !== versions.get(of)) continue
        if ('value' in outcome) {
          of.failureCount = 0
          outcome.value()
        } else this.fail(of, outcome.error, during)
      }
      this.#options.onChange()
    }
    void work(partitions).then(settle, (error) => {
      if (!this.#options.signal.aborted) settle(partitions.map((of) => ({ of, error })))
    })
  }

  async #learnTopic(name: string, partitions: readonly Partition<K, V>[]) {
    const { client, signal, allowAutoCreateTopics: autoCreate } = this.#options
    const topic = await client.topics.lookUp(name, { signal, autoCreate })
    return partitions.map((of) => ({ of, value: () => this.#takeLeaderFrom(topic, of) }))
  }

  async #findCommitted(partitions: readonly Partition<K, V>[]) {
    const { fetchCommitted } = this.#options
    const committed = await (fetchCommitted?.(partitions) ?? [])
    const byKey = new Map(committed.map((each) => [partitionKey(each), each]))
    return partitions.map((of) => ({
      of,
      value: () => {
        const found = byKey.get(partitionKey(of))
        if (found === undefined || found.offset < 0)
          return of.demand({ kind: 'reset', reason: 'there is no committed offset' })
        of.committedOffset = found.offset
        of.moveTo(found)
        this.#validateIfOlder(of)
      },
    }))
  }

  async #findByTime(partitions: readonly Partition<K, V>[]): Promise<Outcome<Partition<K, V>, () => void>[]> {
    const { lookup, signal } = this.#options
    const queries = partitions.map((of) => ({
      ...{ topic: of.topic, partition: of.partition, of },
      timestamp: of.want?.kind === 'timestamp' ? of.want.timestamp : latestTimestamp,
    }))
    const outcomes = await lookup.attempt(queries, signal)
    return outcomes.map((outcome) => {
      const { of, timestamp } = outcome.of
      if (!('value' in outcome)) {
        of.leader = undefined
        return { of, error: outcome.error }
      }
      const { offset } = outcome.value
      // Nothing is that late: everything that is still to come is.
      if (offset < 0 && timestamp >= 0)
        return { of, value: () => of.demand({ kind: 'timestamp', timestamp: latestTimestamp }) }
      return { of, value: () => of.moveTo({ offset: Math.max(0, offset), leaderEpoch: -1 }) }
    })
  }

  async #validate(partitions: readonly Partition<K, V>[]): Promise<Outcome<Partition<K, V>, () => void>[]> {
    const { client, purpose, signal } = this.#options
    const outcomes = await askEachOnce(client, partitions, epochEndCall, { purpose, signal })
    return outcomes.map((outcome) => {
      const { of } = outcome
      const { leader } = of
      if ('value' in outcome)
        return { of, value: () => this.#takeVerdict(of, leader?.epoch ?? -1, outcome.value) }
      // A broker that cannot say whether the position holds is believed to hold it, as in older times.
      if (outcome.error instanceof UnsupportedVersionError)
        return { of, value: () => of.validated(leader?.epoch ?? -1) }
      of.leader = undefined
      return { of, error: outcome.error }
    })
  }

  /** `end` is where the epoch of the last record handed out ends in the leader's log; -1 when that knows no such epoch. */
  #takeVerdict(
    partition: Partition<K, V>,
    leaderEpoch: number,
    end: { readonly leaderEpoch: number; readonly endOffset: number },
  ): void {
    const { offset, name } = partition
    if (end.endOffset >= offset) return partition.validated(leaderEpoch)
    const reason =
      end.endOffset < 0 || end.leaderEpoch < 0
        ? `the log was cut before offset ${offset}, and does not say where`
        : `the log was cut at offset ${end.endOffset}, and had been read up to ${offset}`
    reportTrouble(
      `validate position of ${name}`,
      new NoPositionError(partition.topic, partition.partition, reason),
    )
    if (end.endOffset < 0 || end.leaderEpoch < 0 || this.#options.autoOffsetReset === 'none')
      partition.demand({ kind: 'reset', reason })
    else {
      partition.moveTo({ offset: end.endOffset, leaderEpoch: end.leaderEpoch })
      partition.validatedEpoch = leaderEpoch
    }
  }

  #resetByPolicy(partition: Partition<K, V>): void {
    const { autoOffsetReset } = this.#options
    const reason = partition.want?.kind === 'reset' ? partition.want.reason : ''
    if (autoOffsetReset === 'none') {
      partition.error = new NoPositionError(partition.topic, partition.partition, reason)
      return
    }
    const timestamp = autoOffsetReset === 'earliest' ? earliestTimestamp : latestTimestamp
    partition.demand({ kind: 'timestamp', timestamp })
  }

  #validateIfOlder(partition: Partition<K, V>): void {
    const { leader, leaderEpoch } = partition
    if (leader !== undefined && leaderEpoch >= 0 && leader.epoch > leaderEpoch) partition.demandValidation()
  }
}

/** How leaders are asked where the epochs end that records were read of. */
const epochEndCall: ItemCall<AssignedPartition, EpochEnd> = {
  targetOf: leaderOf,
  subjectOf: ({ name }) => `OffsetForLeaderEpoch of ${name}`,
  ask: async (link, partitions, options) => {
    const topics = groupByTopic(partitions, ({ partition, leader, leaderEpoch }) => ({
      ...{ partition, currentLeaderEpoch: leader?.epoch ?? -1, leaderEpoch },
    })).map(({ topic, items }) => ({ topic, partitions: items }))
    const response = await link.call(
      offsetForLeaderEpochApi,
      { replicaId: consumerReplicaId, topics },
      options,
    )
    return inOrderOf(partitions, partitionKey, answersOf(response))
  },
}

function answersOf({ topics }: OffsetForLeaderEpochResponse) {
  return topics.flatMap(({ topic, partitions }) =>
    partitions.map((end) => [partitionKey({ topic, partition: end.partition }), end] as const),
  )
}
