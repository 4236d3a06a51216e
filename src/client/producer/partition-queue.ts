import { DeliveryWindow, type WindowRules } from './idempotence.ts'
import type { PendingRecord } from './pending-record.ts'
import type { ProducerBatch } from './producer-batch.ts'
import type { RecordMetadata } from './producer-record.ts'

/** The batches of one partition: those that are being filled or wait, and behind them in time, ahead in line, those that were sent. */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  /** Batches that were sent at least once. */
  readonly window: DeliveryWindow<ProducerBatch>
  /** Batches that were not. Only the last is filled. */
  readonly #fresh: ProducerBatch[] = []

  constructor(topic: string, partition: number, rules: WindowRules) {
    this.topic = topic
    this.partition = partition
    this.window = new DeliveryWindow(rules)
  }

  /** Batches that were never sent. */
  get queuedCount(): number {
    return this.#fresh.length
  }

  get isEmpty(): boolean {
    return this.#fresh.length === 0 && this.window.isEmpty
  }

  /** Bytes in the batch that is being filled. */
  get openBytes(): number {
    return this.#fresh.at(-1)?.sizeBytes ?? 0
  }

  /** All batches that are not settled, the oldest first. */
  get batches(): ProducerBatch[] {
    return [...this.window.batches, ...this.#fresh]
  }

  /** Adds to the batch that is being filled; `undefined` when there is none, or it is full. */
  tryAppend(record: PendingRecord, maxBytes: number): Promise<RecordMetadata> | undefined {
    return this.#fresh.at(-1)?.tryAppend(record, maxBytes)
  }

  /** Begins to fill a batch; the one before is complete. */
  open(batch: ProducerBatch): void {
    this.#fresh.push(batch)
  }

  /** Takes out a batch that was never sent. */
  remove(batch: ProducerBatch): void {
    const place = this.#fresh.indexOf(batch)
    if (place >= 0) this.#fresh.splice(place, 1)
  }

  /**
   * The batch that goes out next, or `undefined`. It stays where it is until {@link take}.
   *
   * @param hasTime whether batches may wait for more records; those that are complete never do
   */
  next(nowMs: number, lingerMs: number, hasTime: boolean): ProducerBatch | undefined {
    const again = this.window.next(nowMs)
    if (again !== undefined || !this.window.hasRoom) return again
    return this.#fresh[0] !== undefined && this.#isRipe(nowMs, lingerMs, hasTime) ? this.#fresh[0] : undefined
  }

  /** Moves what {@link next} returned to those that were sent, if it is new. */
  take(batch: ProducerBatch): void {
    if (batch !== this.#fresh[0]) return
    this.#fresh.shift()
    this.window.take(batch)
  }

  /** When the queue is to be looked at again if nothing happens before; a time that has come does not count. */
  wakeAtMs(nowMs: number, lingerMs: number): number {
    const oldest = this.window.batches[0] ?? this.#fresh[0]
    const times = [oldest?.birth.deadlineMs ?? Number.POSITIVE_INFINITY, this.window.nextAtMs]
    const first = this.#fresh[0]
    if (first !== undefined) times.push(first.birth.createdMs + lingerMs)
    return Math.min(...times.filter((timeMs) => timeMs > nowMs))
  }

  #isRipe(nowMs: number, lingerMs: number, hasTime: boolean): boolean {
    const createdMs = this.#fresh[0]?.birth.createdMs ?? nowMs
    return !hasTime || this.#fresh.length > 1 || createdMs + lingerMs <= nowMs
  }
}
