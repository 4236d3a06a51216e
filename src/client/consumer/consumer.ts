import { ClosedError } from '../../base/errors.ts'
import type { Clock } from '../../env/env.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import {
  earliestTimestamp,
  type FoundOffset,
  latestTimestamp,
  type OffsetQuery,
} from '../cluster/offset-lookup.ts'
import { orAborted } from '../cluster/retry.ts'
import type { GroupGeneration } from '../group/group-membership.ts'
import type { CommittedOffset, OffsetToCommit } from '../group/group-offsets.ts'
import { without } from '../cluster/topic-partitions.ts'
import type { Assignment } from './assignment.ts'
import type { ConsumedBatch, ConsumedRecord } from './consumed-record.ts'
import { ConsumerEngine } from './consumer-engine.ts'
import {
  type ConsumerOptions,
  isOffset,
  type PartitionToAssign,
  type ResolvedConsumerOptions,
  resolveConsumerOptions,
} from './consumer-options.ts'
import { Iteration } from './iteration.ts'

export type { ConsumerOptions, PartitionToAssign, RebalanceListener } from './consumer-options.ts'

/** Where to seek to: an offset, the first record that is kept, the end, or the first record of at least that time. */
export type SeekTarget = number | 'beginning' | 'end' | { readonly timestamp: number }

/** What gives up waiting: the promise rejects with the signal's reason. */
export interface WaitOptions {
  readonly signal?: AbortSignal
}

/** An offset of a partition. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number
}

/** How a consumer is doing. */
export interface ConsumerMetrics {
  readonly assignedCount: number
  readonly pausedCount: number
  /** Bytes of batches that were fetched and are not all handed out. */
  readonly bufferedBytes: number
}

/** How a consumer is closed. */
export interface CloseOptions {
  /** How long committing and leaving the group may take. Default 30 seconds. */
  readonly timeoutMs?: number
}

const closeTimeoutMs = 30_000

/**
 * Reads records of topics, for itself or sharing the work with the other members of a group.
 *
 * ```ts
 * await using consumer = new Consumer(client, { groupId: 'billing', topics: ['orders'] })
 * for await (const record of consumer) bill(record.key, record.value)
 * ```
 *
 * A record is *handed* when the loop gets it, and *done* when the loop comes back for the next. With `autoCommit` what is done is
 * committed by itself, so that a record on which the process fails comes again (at least once). {@link commit} commits what was
 * handed, the record in hand included: called first thing in the loop it makes at most once of it.
 *
 * Records are fetched ahead, but only so many: a slow loop slows down the fetching, and the broker keeps the rest.
 */
export class Consumer<K = Buffer, V = Buffer> implements AsyncDisposable {
  readonly #clock: Clock
  readonly #options: ResolvedConsumerOptions<K, V>
  readonly #engine: ConsumerEngine<K, V>
  #closing: Promise<void> | undefined

  /** @throws TypeError, RangeError for options that are none, or do not go together */
  constructor(client: ClusterClient, options: ConsumerOptions<K, V> = {}) {
    this.#clock = client.env.clock
    this.#options = resolveConsumerOptions(options)
    this.#engine = new ConsumerEngine(client, this.#options)
    const { assignment, topics } = this.#options
    if (assignment !== undefined) this.assign(assignment)
    if (topics !== undefined) this.subscribe(topics)
  }

  /** The records, one by one: `for await (const record of consumer)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumedRecord<K, V>> {
    return this.records()
  }

  /**
   * The records, one by one. The loop waits for more when there are none; it ends when the consumer is closed. Leaving it, by `break`
   * or by an error, leaves the consumer as it is: another loop goes on after what was handed out. One loop at a time. A loop that
   * its signal ends is done with what was in hand: it had come back for more.
   *
   * The loop throws what the consumer cannot get over: NoPositionError, CorruptionError, KafkaError such as
   * TOPIC_AUTHORIZATION_FAILED. What concerns one partition comes again until the application seeks past it, or drops it.
   *
   * @throws TypeError when it is being iterated already, ClosedError after {@link close}
   */
  records({ signal }: WaitOptions = {}): AsyncIterableIterator<ConsumedRecord<K, V>> {
    return this.#iterate(() => this.#engine.delivery.takeRecord(), signal)
  }

  /** The same records, up to `maxPollRecords` of one partition at a time. What is in hand then is the batch. */
  batches({ signal }: WaitOptions = {}): AsyncIterableIterator<ConsumedBatch<K, V>> {
    return this.#iterate(() => this.#engine.delivery.takeBatch(), signal)
  }

  /**
   * Reads other topics, shared with the group.
   *
   * @throws TypeError without a `groupId`, or when partitions were assigned by hand
   */
  subscribe(topics: readonly string[] | RegExp): void {
    this.#throwIfClosed()
    if (this.#engine.session === undefined && this.#assignment.size > 0)
      throw new TypeError(
        'this consumer reads partitions that were assigned to it by hand: unsubscribe first',
      )
    this.#engine.subscribe(topics)
  }

  /** Leaves the group, or drops what was assigned by hand. */
  async unsubscribe(): Promise<void> {
    await this.#engine.unsubscribe()
  }

  /**
   * Reads these partitions and no others. Partitions that were read before keep their positions.
   *
   * @throws TypeError while topics are subscribed to
   */
  assign(partitions: readonly PartitionToAssign[]): void {
    this.#throwIfClosed()
    if (this.#engine.session !== undefined)
      throw new TypeError(
        'this consumer shares topics with its group, which assigns partitions: unsubscribe first',
      )
    this.#assignment.remove(without(this.#assignment.toTopicPartitions(), partitions))
    this.#assignment.add(partitions)
    for (const { offset, ...of } of partitions) if (offset !== undefined) this.seek(of, offset)
    this.#engine.resupply()
  }

  /** The partitions that are read now. */
  assignment(): TopicPartition[] {
    return this.#assignment.toTopicPartitions()
  }

  /**
   * Goes on reading elsewhere. What is in hand stays with the application; what was fetched is dropped.
   *
   * @throws RangeError for a partition that is not assigned, or an offset that is none
   */
  seek(of: TopicPartition, to: SeekTarget): void {
    const partition = this.#assignment.get(of)
    if (typeof to === 'number') {
      if (!isOffset(to)) throw new RangeError(`${partition.name}: ${to} is no offset`)
      partition.moveTo({ offset: to, leaderEpoch: -1 })
    } else partition.demand({ kind: 'timestamp', timestamp: timestampOf(to) })
    this.#engine.resupply()
  }

  /** Hands out nothing more of these, and fetches nothing, until they are resumed. @throws RangeError */
  pause(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) this.#assignment.get(each).isPaused = true
  }

  /** Goes on with what was paused. @throws RangeError for a partition that is not assigned */
  resume(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) this.#assignment.get(each).isPaused = false
    this.#engine.resupply()
  }

  /** The partitions that are paused. */
  paused(): TopicPartition[] {
    return [...this.#assignment]
      .filter(({ isPaused }) => isPaused)
      .map(({ topic, partition }) => ({ topic, partition }))
  }

  /**
   * The offset of the next record to be handed out, found out if need be.
   *
   * @throws RangeError for a partition that is not assigned, NoPositionError, and what prevents finding it
   */
  async position(of: TopicPartition, { signal }: WaitOptions = {}): Promise<number> {
    this.#engine.drive()
    for (;;) {
      this.#throwIfClosed()
      this.#engine.delivery.throwIfFailed()
      const { error, offset, want } = this.#assignment.get(of)
      if (error !== undefined) throw error
      if (want === undefined) return offset
      await orAborted(this.#engine.change(), signal)
    }
  }

  /**
   * How many offsets there are between the position and the end that consumers see: the high watermark, or under
   * `read_committed` the last stable offset. As of the last fetch; undefined before the first.
   *
   * @throws RangeError for a partition that is not assigned
   */
  lag(of: TopicPartition): number | undefined {
    const { offset, want, highWatermark, lastStableOffset } = this.#assignment.get(of)
    const end = this.#options.isolationLevel === 'read_committed' ? lastStableOffset : highWatermark
    return want !== undefined || end < 0 ? undefined : Math.max(0, end - offset)
  }

  /** What the group has committed; an offset of -1 where it has nothing. @throws TypeError without a `groupId`, KafkaError */
  async committed(
    partitions: readonly TopicPartition[],
    { signal }: WaitOptions = {},
  ): Promise<CommittedOffset[]> {
    this.#throwIfClosed()
    return await this.#engine.committed(partitions, signal)
  }

  /**
   * Commits `offsets`, each of the next record to be read; by default what was handed out, the record in hand included.
   *
   * @throws TypeError without a `groupId`; KafkaError when the group has given the partitions to others
   */
  async commit(offsets?: readonly OffsetToCommit[]): Promise<void> {
    this.#throwIfClosed()
    this.#engine.groupOffsets()
    if (offsets === undefined) await this.#engine.committer.commitHanded()
    else await this.#engine.committer.commit(offsets)
  }

  /** The first offsets that are kept, in the order of `partitions`. @throws KafkaError */
  async beginningOffsets(
    partitions: readonly TopicPartition[],
    options: WaitOptions = {},
  ): Promise<PartitionOffset[]> {
    return await this.#offsetsAt(partitions, earliestTimestamp, options)
  }

  /** The offsets after the last records that this consumer may see, in the order of `partitions`. @throws KafkaError */
  async endOffsets(
    partitions: readonly TopicPartition[],
    options: WaitOptions = {},
  ): Promise<PartitionOffset[]> {
    return await this.#offsetsAt(partitions, latestTimestamp, options)
  }

  /** The first records of at least the given times, in their order; an offset of -1 where there is none. @throws KafkaError */
  async offsetsForTimes(
    queries: readonly OffsetQuery[],
    { signal }: WaitOptions = {},
  ): Promise<(OffsetQuery & FoundOffset)[]> {
    this.#throwIfClosed()
    return await this.#engine.lookup.find(queries, signal)
  }

  /** Who this consumer is in its group. @throws TypeError without a `groupId` */
  groupMetadata(): GroupGeneration {
    const { groupId } = this.#engine.groupOffsets()
    const { groupInstanceId = null } = this.#options
    const outside = { groupId, memberId: '', generationId: -1, groupInstanceId }
    return this.#engine.session?.membership.generation ?? outside
  }

  metrics(): ConsumerMetrics {
    return {
      assignedCount: this.#assignment.size,
      pausedCount: this.paused().length,
      bufferedBytes: this.#engine.fetcher.bufferedBytes,
    }
  }

  /**
   * Ends the loop, commits what is done if that is to be done by itself, and leaves the group. The record in hand is not done:
   * {@link commit} before, if it is. May be called within the loop. Idempotent.
   */
  close({ timeoutMs = closeTimeoutMs }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#engine.close(timeoutMs)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #iterate<T>(take: () => T | undefined, signal: AbortSignal | undefined): Iteration<T> {
    this.#throwIfClosed()
    const { delivery } = this.#engine
    const onReturn = (): void => this.#engine.session?.membership.pollTouched()
    const iteration = new Iteration<T>({ clock: this.#clock, delivery, take, onReturn, signal })
    this.#engine.start()
    return iteration
  }

  async #offsetsAt(
    partitions: readonly TopicPartition[],
    timestamp: number,
    { signal }: WaitOptions,
  ): Promise<PartitionOffset[]> {
    this.#throwIfClosed()
    const queries = partitions.map(({ topic, partition }) => ({ topic, partition, timestamp }))
    const found = await this.#engine.lookup.find(queries, signal)
    return found.map(({ topic, partition, offset }) => ({ topic, partition, offset }))
  }

  get #assignment(): Assignment<K, V> {
    return this.#engine.assignment
  }

  #throwIfClosed(): void {
    if (this.#closing !== undefined) throw new ClosedError('the consumer is closed')
  }
}

function timestampOf(target: Exclude<SeekTarget, number>): number {
  if (target === 'beginning') return earliestTimestamp
  if (target === 'end') return latestTimestamp
  if (isOffset(target.timestamp)) return target.timestamp
  throw new RangeError(`${target.timestamp} is no timestamp: give whole milliseconds since 1970`)
}
