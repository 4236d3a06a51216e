import { BufferFullError, TimeoutError } from '../../base/errors.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { KnownTopic } from '../cluster/known-topic.ts'
import type { RecordAccumulator } from './accumulator.ts'
import type { FlushRounds } from './flush-rounds.ts'
import { type Partitioner, partitionOfKey } from './partitioner.ts'
import { noPartition, type PendingRecord } from './pending-record.ts'
import type { RecordMetadata } from './producer-record.ts'
import { WaitingLine } from './waiting-line.ts'
import { WaitingRecord } from './waiting-record.ts'

/** What the way into the accumulator depends on. */
export interface IntakeOptions {
  readonly client: ClusterClient
  readonly accumulator: RecordAccumulator
  /** Records that wait belong to the round in which they came. */
  readonly rounds: FlushRounds
  readonly maxBlockMs: number
  readonly bufferMemory: number
  readonly allowAutoTopicCreation: boolean
  readonly partitionerIgnoreKeys: boolean
  readonly partitioner: Partitioner | undefined
  /** Records wait for memory: nothing may linger. */
  readonly onShortage: () => void
}

/**
 * The way of a record into the accumulator. When its topic is known and there is memory, which is nearly always, it is
 * there when {@link take} returns. Otherwise it waits: for metadata in the line of its topic, for memory in one line for all. Nobody
 * passes those who wait, so that records of a partition stay in the order in which they were sent.
 */
export class RecordIntake {
  readonly #options: IntakeOptions
  /** By topic: those of which nothing is known yet. */
  readonly #unknown = new Map<string, WaitingLine>()
  readonly #forMemory: WaitingLine
  readonly #closing = new AbortController()

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#forMemory = this.#newLine(
      () =>
        new BufferFullError(
          `buffer.memory = ${options.bufferMemory} bytes stayed full for max.block.ms = ${options.maxBlockMs}: ` +
            'brokers take records more slowly than they are sent. Wait for some of the promises before sending more',
        ),
    )
  }

  /** Records that are in no batch yet. */
  get waitingCount(): number {
    let count = this.#forMemory.count
    for (const line of this.#unknown.values()) count += line.count
    return count
  }

  get isShortOfMemory(): boolean {
    return this.#forMemory.count > 0
  }

  /**
   * Returns what becomes of the record.
   *
   * @param signal aborted when nobody waits for that any more
   * @throws what is wrong with the record itself
   */
  take(record: PendingRecord, signal: AbortSignal | undefined): Promise<RecordMetadata> {
    const known = this.#options.client.topics.get(record.topic)
    const isPlaceKnown =
      known !== undefined && hasPartition(known, record.partition) && !this.#unknown.has(record.topic)
    const sent = isPlaceKnown ? this.#append(record, known) : undefined
    if (sent !== undefined) return sent
    const waiting = new WaitingRecord(record, this.#options.rounds.current, signal)
    if (isPlaceKnown) this.#awaitMemory(waiting)
    else this.#awaitTopic(waiting, known)
    return waiting.sent
  }

  /** There may be memory again. */
  onMemory(): void {
    if (this.#forMemory.count > 0) this.#forMemory.serve((waiting) => this.#appendAgain(waiting))
  }

  /** Fails what waits. */
  close(error: Error): void {
    this.#closing.abort(error)
    this.#forMemory.failAll(error)
    for (const line of this.#unknown.values()) line.failAll(error)
    this.#unknown.clear()
  }

  /** `undefined` when there is no memory, or others wait for it. */
  #append(record: PendingRecord, known: KnownTopic): Promise<RecordMetadata> | undefined {
    if (record.partition === noPartition) record.partition = this.#choosePartition(record, known)
    return this.#forMemory.count === 0 ? this.#options.accumulator.append(record, known) : undefined
  }

  #awaitMemory(waiting: WaitingRecord): void {
    this.#forMemory.join(waiting, this.#options.maxBlockMs)
    this.#options.onShortage()
  }

  /** Whether there was memory. */
  #appendAgain(waiting: WaitingRecord): boolean {
    const { record } = waiting
    const known = this.#options.client.topics.get(record.topic)
    if (known === undefined)
      throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `topic '${record.topic}' is gone`)
    const sent = this.#options.accumulator.append(record, known)
    if (sent !== undefined) waiting.resolve(sent)
    return sent !== undefined
  }

  #choosePartition(record: PendingRecord, known: KnownTopic): number {
    const { partitioner, partitionerIgnoreKeys } = this.#options
    const count = known.partitions.length
    const chosen = partitioner?.(record, known)
    if (chosen !== undefined) {
      if (Number.isInteger(chosen) && chosen >= 0 && chosen < count) return chosen
      throw new RangeError(
        `the partitioner chose partition ${chosen} of topic '${known.name}', which has ${count}`,
      )
    }
    if (record.key === null || partitionerIgnoreKeys) return noPartition
    // Encoded once, for the hash and for the batch.
    if (typeof record.key === 'string') record.key = Buffer.from(record.key)
    return partitionOfKey(record.key, count)
  }

  /** @param known what is known, without the record's partition: it may be new */
  #awaitTopic(waiting: WaitingRecord, known: KnownTopic | undefined): void {
    const { topic } = waiting.record
    const line = this.#unknown.get(topic)
    if (line !== undefined) return line.join(waiting, this.#options.maxBlockMs)
    if (known !== undefined) this.#options.client.topics.doubt(topic)
    const { maxBlockMs } = this.#options
    const begun = this.#newLine(
      () => new TimeoutError(`nothing was heard of topic '${topic}' within max.block.ms = ${maxBlockMs}`),
    )
    this.#unknown.set(topic, begun)
    begun.join(waiting, maxBlockMs)
    void this.#askFor(topic, begun)
  }

  /** The topic was asked for. */
  #goOn(waiting: WaitingRecord, known: KnownTopic): void {
    const { record } = waiting
    if (!hasPartition(known, record.partition))
      throw new KafkaError(
        'UNKNOWN_TOPIC_OR_PARTITION',
        `there is no partition ${record.partition} in topic '${known.name}', which has ${known.partitions.length}`,
      )
    const sent = this.#append(record, known)
    if (sent === undefined) this.#awaitMemory(waiting)
    else waiting.resolve(sent)
  }

  async #askFor(topic: string, line: WaitingLine): Promise<void> {
    const { client, allowAutoTopicCreation, maxBlockMs } = this.#options
    try {
      const known = await client.topics.need(topic, {
        signal: this.#closing.signal,
        autoCreate: allowAutoTopicCreation,
        timeoutMs: maxBlockMs,
      })
      this.#unknown.delete(topic)
      line.serve((waiting) => {
        this.#goOn(waiting, known)
        return true
      })
    } catch (error) {
      this.#unknown.delete(topic)
      line.failAll(error)
    }
  }

  #newLine(expired: () => Error): WaitingLine {
    const { timers, env } = this.#options.client
    return new WaitingLine(timers, () => env.clock.monotonicMs(), expired)
  }
}

function hasPartition({ partitions }: KnownTopic, partition: number): boolean {
  return partition === noPartition || partition < partitions.length
}
