import { RecordTooLargeError } from '../../base/errors.ts'
import { sizeBound } from '../../batch/record-size.ts'
import type { Clock, Random } from '../../env/env.ts'
import type { KnownTopic } from '../cluster/known-topic.ts'
import { BufferMemory } from './buffer-memory.ts'
import type { FlushRounds } from './flush-rounds.ts'
import type { WindowRules } from './idempotence.ts'
import { PartitionQueue } from './partition-queue.ts'
import { noPartition, type PendingRecord } from './pending-record.ts'
import { type BatchEncoding, ProducerBatch } from './producer-batch.ts'
import type { RecordMetadata } from './producer-record.ts'
import { Receipts } from './receipts.ts'
import { drawPartition, type PartitionLoad, StickyPartition } from './sticky-partition.ts'

/** How records are collected. Sizes in bytes. */
export interface AccumulatorOptions extends BatchEncoding {
  readonly clock: Clock
  readonly random: Random
  readonly bufferMemory: number
  readonly batchSize: number
  readonly maxRequestSize: number
  readonly deliveryTimeoutMs: number
  /** Whether partitions with less waiting are drawn more often. */
  readonly isAdaptive: boolean
  readonly windowRules: WindowRules
  /** Batches belong to the round in which they are opened. */
  readonly rounds: FlushRounds
  /** There is a batch that was not there, or that is complete now. */
  readonly onBatch: () => void
}

/** What waits for one topic. */
interface TopicQueues {
  readonly sticky: StickyPartition
  /** By partition; made when first needed. */
  readonly queues: (PartitionQueue | undefined)[]
}

/** Kafka's RecordAccumulator: records that are not sent yet, in batches, in a queue for each partition, in bounded memory. */
export class RecordAccumulator {
  readonly memory: BufferMemory
  /** Queues that have something. */
  readonly active = new Set<PartitionQueue>()
  readonly #options: AccumulatorOptions
  readonly #batchBytesMax: number
  readonly #topics = new Map<string, TopicQueues>()

  constructor(options: AccumulatorOptions) {
    const { bufferMemory, batchSize, maxRequestSize } = options
    this.#options = options
    this.memory = new BufferMemory(bufferMemory)
    this.#batchBytesMax = Math.min(batchSize, maxRequestSize, bufferMemory)
  }

  /**
   * Puts a record into a batch of its partition, choosing that if it has none. Returns what becomes of it, or `undefined`
   * when there is no memory: nothing was done.
   *
   * @throws RecordTooLargeError when no request could carry it, or all the memory would not hold it
   * @throws TypeError naming the field of the record that is not what it should be
   */
  append(record: PendingRecord, known: KnownTopic): Promise<RecordMetadata> | undefined {
    const topic = this.#topics.get(known.name) ?? this.#begin(known.name)
    if (record.partition === noPartition) return this.#appendSticky(record, topic, known)
    const queue = this.#queue(topic, known.name, record.partition)
    return queue.tryAppend(record, this.#batchBytesMax) ?? this.#appendToNew(record, queue)
  }

  /** Gives back the memory of a batch that is settled. */
  release(batch: ProducerBatch): void {
    this.memory.giveBack(batch.reservedBytes)
    batch.reservedBytes = 0
  }

  /** Gives back what a batch that is encoded now does not need. */
  trim(batch: ProducerBatch): void {
    const spareBytes = Math.max(0, batch.reservedBytes - batch.sizeBytes)
    this.memory.giveBack(spareBytes)
    batch.reservedBytes -= spareBytes
  }

  #appendSticky(
    record: PendingRecord,
    topic: TopicQueues,
    known: KnownTopic,
  ): Promise<RecordMetadata> | undefined {
    const { sticky } = topic
    const partition = sticky.partition ?? this.#draw(topic, known)
    const queue = this.#queue(topic, known.name, partition)
    const bytesBefore = queue.openBytes
    const sent = queue.tryAppend(record, this.#batchBytesMax)
    if (sent !== undefined) {
      sticky.add(queue.openBytes - bytesBefore)
      return sent
    }
    if (sticky.hasHadItsShare) {
      // Its batch is complete too: a change costs no half-filled one.
      this.#draw(topic, known)
      return this.#appendSticky(record, topic, known)
    }
    const sentByNew = this.#appendToNew(record, queue)
    if (sentByNew !== undefined) sticky.add(queue.openBytes)
    return sentByNew
  }

  #appendToNew(record: PendingRecord, queue: PartitionQueue): Promise<RecordMetadata> | undefined {
    const recordBytes = sizeBound(record)
    this.#refuseTooLarge(recordBytes)
    const reservedBytes = Math.max(this.#batchBytesMax, recordBytes)
    if (!this.memory.tryTake(reservedBytes)) return undefined
    const batch = this.#newBatch(queue)
    batch.reservedBytes = reservedBytes
    try {
      const sent = batch.tryAppend(record, reservedBytes)
      queue.open(batch)
      this.active.add(queue)
      this.#options.onBatch()
      return sent
    } catch (error) {
      this.release(batch)
      batch.fail(() => error)
      throw error
    }
  }

  #newBatch({ topic, partition }: PartitionQueue): ProducerBatch {
    const createdMs = this.#options.clock.monotonicMs()
    const deadlineMs = createdMs + this.#options.deliveryTimeoutMs
    const round = this.#options.rounds.current
    round.unsettledCount++
    const receipts = new Receipts(() => round.settleOne())
    return new ProducerBatch({ topic, partition, createdMs, deadlineMs }, this.#options, receipts)
  }

  #refuseTooLarge(recordBytes: number): void {
    const { maxRequestSize, bufferMemory } = this.#options
    if (recordBytes > maxRequestSize)
      throw new RecordTooLargeError(recordBytes, maxRequestSize, 'max.request.size')
    if (recordBytes > bufferMemory) throw new RecordTooLargeError(recordBytes, bufferMemory, 'buffer.memory')
  }

  #draw(topic: TopicQueues, known: KnownTopic): number {
    const led = known.partitions.filter(({ leaderId }) => leaderId >= 0)
    const candidates = led.length > 0 ? led : known.partitions
    const { isAdaptive, random } = this.#options
    const loads = candidates.map(
      ({ partition }): PartitionLoad => ({
        partition,
        queuedCount: isAdaptive ? (topic.queues[partition]?.queuedCount ?? 0) : 0,
      }),
    )
    // Nothing to draw where there is one: random bytes for each batch would show.
    const chance = loads.length > 1 ? random.bytes(4).readUInt32BE() / 2 ** 32 : 0
    const partition = drawPartition(loads, chance)
    topic.sticky.moveTo(partition)
    return partition
  }

  #begin(name: string): TopicQueues {
    const topic = { sticky: new StickyPartition(this.#options.batchSize), queues: [] }
    this.#topics.set(name, topic)
    return topic
  }

  #queue(topic: TopicQueues, name: string, partition: number): PartitionQueue {
    topic.queues[partition] ??= new PartitionQueue(name, partition, this.#options.windowRules)
    return topic.queues[partition]
  }
}
