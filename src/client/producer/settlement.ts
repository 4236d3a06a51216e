import { InvalidRecordError, TidemarkError, TimeoutError } from '../../base/errors.ts'
import type { Env } from '../../env/env.ts'
import { errorCodes, errorName } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import { backoffMs, chanceFrom } from '../cluster/backoff.ts'
import type { TopicDirectory } from '../cluster/topic-directory.ts'
import type { RecordAccumulator } from './accumulator.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { BatchAnswer } from './produce-call.ts'
import type { ProducerBatch } from './producer-batch.ts'
import { verdictOf } from './verdict.ts'

/** What settling batches depends on. */
export interface SettlementOptions {
  readonly env: Pick<Env, 'clock' | 'random'>
  readonly topics: TopicDirectory
  readonly accumulator: RecordAccumulator
  readonly retries: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly deliveryTimeoutMs: number
}

/** Counts of what became of batches and records, since the producer began. */
export interface SettledCounts {
  acknowledgedCount: number
  failedCount: number
  /** Batches that were sent again. */
  retryCount: number
  /** Batches that were split for their size. */
  splitCount: number
}

/** Decides what becomes of a batch after an answer, or none: acknowledged, sent again, split, or failed. */
export class Settlement {
  readonly counts: SettledCounts = { acknowledgedCount: 0, failedCount: 0, retryCount: 0, splitCount: 0 }
  readonly #options: SettlementOptions

  constructor(options: SettlementOptions) {
    this.#options = options
  }

  /** A broker has answered. */
  answered(queue: PartitionQueue, batch: ProducerBatch, answer: BatchAnswer): void {
    const { errorCode } = answer
    const verdict = verdictOf(errorCode)
    if (verdict === 'written') this.written(queue, batch, answer.baseOffset, answer.logAppendTimeMs)
    else if (verdict === 'out-of-sequence') this.#outOfSequence(queue, batch, answer)
    else if (verdict === 'too-large' && batch.recordsCount > 1 && !batch.isSettled) this.#split(queue, batch)
    else if (verdict === 'again') this.#again(queue, batch, answer)
    else this.#fail(queue, batch, errorsOf(queue, answer))
  }

  /** No answer has come, nor will it. */
  unanswered(queue: PartitionQueue, batch: ProducerBatch, error: unknown): void {
    this.#options.topics.doubt(queue.topic)
    const isWorthIt = error instanceof TidemarkError && error.retriable
    if (isWorthIt && this.#mayRetry(batch)) this.#retry(queue, batch, this.#backoffMs(batch))
    else this.#fail(queue, batch, () => error)
  }

  /** The batch is in the log; -1 for what is not known of it. */
  written(queue: PartitionQueue, batch: ProducerBatch, baseOffset: number, logAppendTimeMs: number): void {
    batch.isInFlight = false
    queue.window.acknowledge(batch)
    if (batch.isSettled) return
    this.counts.acknowledgedCount += batch.recordsCount
    this.#options.accumulator.release(batch)
    batch.acknowledge(baseOffset, logAppendTimeMs)
  }

  /** Fails what has not been settled by its deadline. */
  expire(queue: PartitionQueue, nowMs: number): void {
    const late: ProducerBatch[] = []
    for (const batch of queue.batches) {
      if (batch.birth.deadlineMs > nowMs) break
      late.push(batch)
    }
    for (const batch of late) this.#expireOne(queue, batch)
  }

  /** Fails whatever is left. */
  failAll(queue: PartitionQueue, error: unknown): void {
    for (const batch of queue.batches) this.#fail(queue, batch, () => error)
  }

  #expireOne(queue: PartitionQueue, batch: ProducerBatch): void {
    if (queue.window.isWritten(batch)) return this.written(queue, batch, -1, -1)
    const { topic, partition } = queue
    const { deliveryTimeoutMs } = this.#options
    const outcome =
      batch.attempts === 0
        ? 'They were never sent'
        : 'They may have been written, or may yet be, all the same'
    const error = new TimeoutError(
      `${batch.recordsCount} record(s) for ${topic}-${partition} were not acknowledged within ` +
        `delivery.timeout.ms = ${deliveryTimeoutMs}. ${outcome}`,
    )
    this.#fail(queue, batch, () => error)
  }

  #outOfSequence(queue: PartitionQueue, batch: ProducerBatch, answer: BatchAnswer): void {
    const atMs = this.#options.env.clock.monotonicMs() + this.#backoffMs(batch)
    if (queue.window.refuteSequence(batch, atMs)) this.written(queue, batch, -1, -1)
    else if (batch.isSettled) return
    else if (this.#mayRetry(batch)) this.counts.retryCount++
    else this.#fail(queue, batch, errorsOf(queue, answer))
  }

  #again(queue: PartitionQueue, batch: ProducerBatch, answer: BatchAnswer): void {
    const hasMoved = this.#learnLeader(queue, answer)
    if (!this.#mayRetry(batch)) return this.#fail(queue, batch, errorsOf(queue, answer))
    this.#retry(queue, batch, hasMoved ? 0 : this.#backoffMs(batch))
  }

  /** Whether the answer told of another leader than was known (KIP-951); otherwise the cluster is to be asked. */
  #learnLeader({ topic, partition }: PartitionQueue, { errorCode, currentLeader }: BatchAnswer): boolean {
    const { topics } = this.#options
    if (!leaderErrors.has(errorCode)) return false
    const before = topics.get(topic)?.partitions[partition]?.leaderEpoch ?? -1
    topics.learnLeader(topic, partition, currentLeader.leaderId, currentLeader.leaderEpoch)
    const hasMoved = (topics.get(topic)?.partitions[partition]?.leaderEpoch ?? -1) > before
    if (!hasMoved) topics.doubt(topic)
    return hasMoved
  }

  #retry(queue: PartitionQueue, batch: ProducerBatch, delayMs: number): void {
    if (!batch.isSettled) this.counts.retryCount++
    queue.window.retry(batch, this.#options.env.clock.monotonicMs() + delayMs)
  }

  #mayRetry(batch: ProducerBatch): boolean {
    return batch.isSettled || batch.attempts <= this.#options.retries
  }

  #backoffMs(batch: ProducerBatch): number {
    const { env, retryBackoffMs: firstMs, retryBackoffMaxMs: maxMs } = this.#options
    return backoffMs(Math.max(1, batch.attempts), { firstMs, maxMs }, chanceFrom(env.random))
  }

  /** What is refused for its size is not written, so its halves can take over its sequences. */
  #split(queue: PartitionQueue, batch: ProducerBatch): void {
    const { accumulator } = this.#options
    const halves = batch.split()
    const reservedBytes = batch.reservedBytes >> 1
    batch.isInFlight = false
    for (const half of halves) half.reservedBytes = reservedBytes
    halves[0].reservedBytes += batch.reservedBytes - 2 * reservedBytes
    batch.reservedBytes = 0
    queue.window.replace(batch, halves)
    for (const half of halves) half.encode()
    for (const half of halves) accumulator.trim(half)
    this.counts.splitCount++
  }

  #fail(queue: PartitionQueue, batch: ProducerBatch, errorOf: (index: number) => unknown): void {
    batch.isInFlight = false
    queue.remove(batch)
    queue.window.giveUp(batch)
    if (batch.isSettled) return
    this.counts.failedCount += batch.recordsCount
    this.#options.accumulator.release(batch)
    batch.fail(errorOf)
  }
}

/** Errors that say that the broker is not, or not surely, the one to ask. */
const leaderErrors: ReadonlySet<number> = new Set([
  errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
  errorCodes.UNKNOWN_TOPIC_ID,
  errorCodes.INCONSISTENT_TOPIC_ID,
  errorCodes.LEADER_NOT_AVAILABLE,
  errorCodes.NOT_LEADER_OR_FOLLOWER,
  errorCodes.FENCED_LEADER_EPOCH,
  errorCodes.UNKNOWN_LEADER_EPOCH,
  errorCodes.KAFKA_STORAGE_ERROR,
])

/** The error of each record: where single ones are at fault (KIP-467), those are told apart from the others. */
function errorsOf(queue: PartitionQueue, answer: BatchAnswer): (index: number) => Error {
  const name = errorName(answer.errorCode) ?? 'UNKNOWN_SERVER_ERROR'
  const place = `${queue.topic}-${queue.partition}`
  const reason = answer.errorMessage === null ? '' : `: ${answer.errorMessage}`
  const shared = new KafkaError(name, `${place} refused a batch: ${name}${reason}`)
  const faults = new Map(
    answer.recordErrors.map(({ batchIndex, batchIndexErrorMessage }) => [batchIndex, batchIndexErrorMessage]),
  )
  if (faults.size === 0) return () => shared
  const others = new InvalidRecordError(
    `${place} refused a batch because of other records in it: this one was not written either${reason}`,
  )
  return (index) => {
    if (!faults.has(index)) return others
    return new InvalidRecordError(
      `${place} refused the record: ${faults.get(index) ?? answer.errorMessage ?? name}`,
    )
  }
}
