import { BufferFullError, TimeoutError } from '../../base/errors.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { KnownTopic } from '../cluster/known-topic.ts'
import type { RecordAccumulator } from './accumulator.ts'
import { type Partitioner, partitionOfKey } from './partitioner.ts'
import { noPartition, type PendingRecord } from './pending-record.ts'
import { WaitingLine } from './waiting-line.ts'

/** What the way into the accumulator depends on. */
export interface IntakeOptions {
  readonly client: ClusterClient
  readonly accumulator: RecordAccumulator
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

  /** @throws what is wrong with the record itself */
  take(record: PendingRecord): void {
    const known = this.#options.client.topics.get(record.topic)
    const line = this.#unknown.get(record.topic)
    if (known === undefined || line !== undefined) this.#awaitTopic(record)
    else this.#append(record, known)
  }

  /** There may be memory again. */
  onMemory(): void {
    if (this.#forMemory.count > 0) this.#forMemory.serve((record) => this.#appendAgain(record))
  }

  /** Fails what waits. */
  close(error: Error): void {
    this.#closing.abort(error)
    this.#forMemory.failAll(error)
    for (const line of this.#unknown.values()) line.failAll(error)
    this.#unknown.clear()
  }

  #append(record: PendingRecord, known: KnownTopic): void {
    if (record.partition === noPartition) record.partition = this.#choosePartition(record, known)
    else if (record.partition >= known.partitions.length) return this.#awaitPartition(record)
    if (this.#forMemory.count === 0 && this.#options.accumulator.append(record, known)) return
    this.#forMemory.join(record, this.#options.maxBlockMs)
    this.#options.onShortage()
  }

  #appendAgain(record: PendingRecord): boolean {
    const known = this.#options.client.topics.get(record.topic)
    if (known !== undefined) return this.#options.accumulator.append(record, known)
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `topic '${record.topic}' is gone`)
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

  #awaitTopic(record: PendingRecord): void {
    const { topic } = record
    const line = this.#unknown.get(topic)
    if (line !== undefined) return line.join(record, this.#options.maxBlockMs)
    const { maxBlockMs } = this.#options
    const begun = this.#newLine(
      () => new TimeoutError(`nothing was heard of topic '${topic}' within max.block.ms = ${maxBlockMs}`),
    )
    this.#unknown.set(topic, begun)
    begun.join(record, maxBlockMs)
    void this.#askFor(topic, begun)
  }

  /** Nobody knows of such a partition: it may be new. Those who asked once and were told the same are refused. */
  #awaitPartition(record: PendingRecord): void {
    const { topics } = this.#options.client
    if (record.waitUntilMs !== Number.POSITIVE_INFINITY) {
      const count = topics.get(record.topic)?.partitions.length ?? 0
      throw new KafkaError(
        'UNKNOWN_TOPIC_OR_PARTITION',
        `there is no partition ${record.partition} in topic '${record.topic}', which has ${count}`,
      )
    }
    topics.doubt(record.topic)
    this.#awaitTopic(record)
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
      line.serve((record) => {
        this.#append(record, known)
        return true
      })
    } catch (error) {
      this.#unknown.delete(topic)
      line.failAll(error)
    }
  }

  #newLine(expired: (record: PendingRecord) => Error): WaitingLine {
    const { timers, env } = this.#options.client
    return new WaitingLine(timers, () => env.clock.monotonicMs(), expired)
  }
}
