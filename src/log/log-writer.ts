import { AssertionError } from '../base/assert.ts'
import {
  ClosedError,
  DiskFullError,
  OffsetMismatchError,
  QueueFullError,
  RecordTooLargeError,
  SequenceError,
  TidemarkError,
} from '../base/errors.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import type { Batch } from '../batch/batch.ts'
import { assignOffsets } from '../batch/patch.ts'
import type { Clock } from '../env/env.ts'
import { channels } from './channels.ts'
import type { LogFlusher } from './log-flusher.ts'
import type { LogState } from './log-state.ts'
import { producerBatchOf } from './producer-batch.ts'
import type { ProducedBatch, ProducerBatch } from './producer-table.ts'
import { recallBatches } from './recall-batches.ts'
import type { SpaceReserve } from './space-reserve.ts'
import { storageError } from './storage-error.ts'
import type { AbortedTransaction } from './transaction-index.ts'
import { writeFully } from './write-fully.ts'

/** What an append is told when it is done. */
export interface AppendResult {
  /** Offset of the first record. */
  readonly baseOffset: number
  /** Offset of the last record. */
  readonly lastOffset: number
  /** Largest timestamp of the records, in milliseconds since 1970. */
  readonly timestamp: number
  /** True when this idempotent append had been done before: the offsets are those of the first time. */
  readonly duplicate: boolean
}

interface Append {
  readonly batch: Batch
  /** Where the log must end for the append to be made; undefined for anywhere. */
  readonly expectedOffset: number | undefined
  readonly resolve: (result: AppendResult) => void
  readonly reject: (error: Error) => void
}

/**
 * An append that is part of a write. A duplicate is too, though it adds no bytes: what it repeats may be in the
 * same write, and is acknowledged no earlier.
 */
interface Placed {
  readonly append: Append
  readonly result: AppendResult
  readonly aborted: AbortedTransaction | undefined
}

/** One write takes at most this many bytes, so that no turn of the event loop copies for more than some milliseconds. */
const writeBytesMax = 8 * 1024 * 1024

/** What the writer asks of the log around it. */
export interface WriterHost {
  /** Starts a new segment at the end of the log, or throws; then nothing has changed. */
  roll(): void
  /** Whether the active segment, or one that begins with `first`, has become too old for `batch`. */
  isRollDue(batch: Batch, first: Batch): boolean
  /** Notes that leader epoch `epoch` begins at the end of the log, durably, or throws; then nothing has changed. */
  noteEpoch(epoch: number): void
}

/**
 * The one writer of a partition. Appends queue up; one turn of the event loop later all that are there get their
 * offsets and go to the disk in one vectored write. Under `durability: 'sync'` one sync then covers them all,
 * and what arrives meanwhile waits to be the next group (group commit).
 *
 * The write itself is synchronous: the page cache takes it in microseconds, where a trip through the thread pool
 * costs tens. The sync goes through the thread pool.
 */
export class LogWriter {
  readonly #state: LogState
  readonly #flusher: LogFlusher
  readonly #reserve: SpaceReserve
  readonly #clock: Clock
  readonly #host: WriterHost
  readonly #directory: string
  #queue: Append[] = []
  #queuedBytes = 0
  #committing = false
  #closed = false
  readonly #turns = new SerialQueue()
  #recordsSinceFlush = 0
  leaderEpoch: number

  constructor(given: {
    state: LogState
    flusher: LogFlusher
    reserve: SpaceReserve
    clock: Clock
    host: WriterHost
    directory: string
    leaderEpoch: number
  }) {
    this.#state = given.state
    this.#flusher = given.flusher
    this.#reserve = given.reserve
    this.#clock = given.clock
    this.#host = given.host
    this.#directory = given.directory
    this.leaderEpoch = given.leaderEpoch
  }

  /**
   * Queues one whole batch, whose bytes now belong to the log until the promise settles: offset and epoch are
   * written into them. Resolves when the batch is as durable as the log's `durability` says.
   *
   * @throws OffsetMismatchError when the log does not end at `expectedOffset` as the append's turn comes
   */
  append(batch: Batch, expectedOffset?: number): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      const refusal = this.#refusal(batch)
      if (refusal !== undefined) {
        reject(refusal)
        return
      }
      this.#queue.push({ batch, expectedOffset, resolve, reject })
      this.#queuedBytes += batch.sizeBytes
      if (!this.#committing) this.#begin()
    })
  }

  /** Runs `action`, which may change the log, between two writes. */
  exclusively<T>(action: () => T | Promise<T>): Promise<T> {
    return this.#turns.run(action)
  }

  /** No append is accepted any more; resolves when those that were are done. */
  async close(): Promise<void> {
    this.#closed = true
    while (this.#committing) await this.#nextTurn()
    await this.#turns.run(() => undefined)
  }

  #refusal(batch: Batch): TidemarkError | undefined {
    const { segmentBytes, maxQueuedBytes } = this.#state.config
    if (this.#closed) return new ClosedError('the log is closed')
    if (batch.sizeBytes > segmentBytes)
      return new RecordTooLargeError(batch.sizeBytes, segmentBytes, 'segment.bytes')
    if (this.#queuedBytes + batch.sizeBytes > maxQueuedBytes)
      return new QueueFullError(
        `${this.#queuedBytes} bytes wait to be written, and maxQueuedBytes is ${maxQueuedBytes}: ` +
          'await some of the appends before making more',
      )
    return undefined
  }

  #begin(): void {
    this.#committing = true
    this.#clock.nextTurn(() => void this.#commitGroups())
  }

  /** Writes, syncs and acknowledges group after group until nothing waits. Never rejects. */
  async #commitGroups(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#turns.run(() => this.#commitGroup())
      if (this.#queue.length > 0) await this.#nextTurn()
    }
    this.#committing = false
  }

  async #commitGroup(): Promise<void> {
    if (this.#flusher.isUnchanged && !(await this.#beginChange())) return
    const placed = this.#writeGroup()
    if (placed.length > 0) await this.#acknowledge(placed)
  }

  /** False when the log cannot be changed, which those who wait have been told. */
  async #beginChange(): Promise<boolean> {
    try {
      await this.#flusher.beginChange()
      return true
    } catch (error) {
      this.#failQueue(asFailure(error))
      return false
    }
  }

  /** Also lets those who were just acknowledged append again, and so join the group. */
  #nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#clock.nextTurn(resolve))
  }

  async #acknowledge(placed: readonly Placed[]): Promise<void> {
    const end = this.#state.writtenOffset
    try {
      if (this.#state.config.durability === 'sync') await this.#flusher.flush()
      else this.#flushWhenDue(placed)
    } catch (error) {
      const failure = error instanceof TidemarkError ? error : storageError('syncing', error)
      for (const { append } of placed) append.reject(failure)
      this.#failQueue(failure)
      return
    }
    this.#state.publish(end)
    for (const { append, result } of placed) append.resolve(result)
  }

  /** Under `'interval'`, Kafka's flush.messages; flush.ms is the log's timer. */
  #flushWhenDue(placed: readonly Placed[]): void {
    if (this.#state.config.durability !== 'interval') return
    for (const { result } of placed) this.#recordsSinceFlush += result.lastOffset - result.baseOffset + 1
    if (this.#recordsSinceFlush < this.#state.config.syncIntervalRecords) return
    this.#recordsSinceFlush = 0
    // A failure poisons the log, which the next append is told.
    this.#flusher.flush().catch(() => undefined)
  }

  /**
   * Takes appends from the queue as long as they go into one write, gives them their offsets, and writes them.
   * Those that may not stand in the log are rejected one by one; a failed write rejects all that wait.
   */
  #writeGroup(): Placed[] {
    const { producers } = this.#state
    const placed: Placed[] = []
    producers.begin()
    try {
      if (this.#flusher.poison !== undefined) throw this.#flusher.poison
      this.#admit()
      // Whoever counts in what was written must not fail for want of them.
      this.#state.segments.active.indexes()
      // A truncation may have taken the records of this epoch, and the epoch with them (Kafka notes it at every append).
      if (this.leaderEpoch > this.#state.epochs.latestEpoch) this.#host.noteEpoch(this.leaderEpoch)
      const buffers = this.#place(placed)
      if (buffers.length > 0) this.#write(buffers)
      producers.commit()
    } catch (error) {
      producers.rollback()
      const failure = asFailure(error)
      if (failure instanceof DiskFullError && this.#reserve.isHeld) this.#reserve.release()
      for (const { append } of placed) append.reject(failure)
      return this.#failQueue(failure)
    }
    this.#count(placed)
    return placed
  }

  #admit(): void {
    const bytes = this.#queue[0]?.batch.sizeBytes ?? 0
    if (!this.#reserve.admits(bytes))
      throw new DiskFullError('the disk is full: free some room, or let retention free it, and append again')
  }

  /** Fills `placed` and returns what is to be written. */
  #place(placed: Placed[]): Buffer[] {
    const buffers: Buffer[] = []
    let first: Batch | undefined
    let offset = this.#state.writtenOffset
    let bytes = 0
    let taken = 0
    for (const append of this.#queue) {
      const { batch } = append
      const size = batch.sizeBytes
      if (bytes > 0 && bytes + size > writeBytesMax) break
      if (this.#isAnswered(append, offset, placed)) {
        taken++
        continue
      }
      // Full or not, that is decided once those before it are counted in: with the next write.
      if (bytes > 0 && this.#state.segments.active.mayFillIndexes(buffers.length)) break
      if (this.#mustRoll(batch, first ?? batch, offset, bytes)) {
        if (bytes > 0) break
        this.#host.roll()
      }
      first ??= batch
      taken++
      assignOffsets(batch, offset, this.leaderEpoch)
      const aborted = batch.hasProducerId ? this.#state.producers.apply(producerBatchOf(batch)) : undefined
      placed.push({ append, result: resultOf(batch), aborted })
      buffers.push(batch.bytes)
      bytes += size
      offset = batch.nextOffset
    }
    this.#dequeue(taken)
    return buffers
  }

  /**
   * Whether the append, which would begin at `offset`, is done with: a refused one is rejected, a duplicate of an
   * idempotent producer joins the write without bytes.
   */
  #isAnswered(append: Append, offset: number, placed: Placed[]): boolean {
    const { batch, expectedOffset } = append
    try {
      const earlier = batch.hasProducerId ? this.#checkProducer(producerBatchOf(batch)) : undefined
      if (earlier !== undefined) {
        placed.push({ append, result: resultOfDuplicate(earlier), aborted: undefined })
        return true
      }
      if (expectedOffset === undefined || expectedOffset === offset) return false
      append.reject(new OffsetMismatchError(expectedOffset, offset))
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      append.reject(error)
    }
    return true
  }

  /** As `ProducerTable.check`; what looks out of order may be a duplicate that only the log still knows of. */
  #checkProducer(batch: ProducerBatch): ProducedBatch | undefined {
    const { producers } = this.#state
    try {
      return producers.check(batch)
    } catch (error) {
      if (!(error instanceof SequenceError) || !recallBatches(this.#state, batch)) throw error
      return producers.check(batch)
    }
  }

  /**
   * The batch, which will start at `offset` behind `bytes` of this write, of which `first` is the first, does not go
   * into the active segment.
   */
  #mustRoll(batch: Batch, first: Batch, offset: number, bytes: number): boolean {
    const { active } = this.#state.segments
    if (active.sizeBytes + bytes === 0) return false
    const { segmentBytes } = this.#state.config
    const lastOffset = offset + batch.lastOffsetDelta
    return (
      active.hasNoRoomFor(bytes + batch.sizeBytes, lastOffset, segmentBytes) ||
      this.#host.isRollDue(batch, first)
    )
  }

  /** The write is done: the segment holds it. */
  #count(placed: readonly Placed[]): void {
    const { active } = this.#state.segments
    const verified = active.verifiedBytes === active.sizeBytes
    for (const { append, result, aborted } of placed) {
      if (result.duplicate) continue
      active.add(append.batch)
      if (aborted !== undefined) active.addAborted(aborted)
    }
    if (verified) active.verifiedBytes = active.sizeBytes
  }

  #dequeue(count: number): void {
    for (let index = 0; index < count; index++) this.#queuedBytes -= this.#queue[index]?.batch.sizeBytes ?? 0
    this.#queue = count === this.#queue.length ? [] : this.#queue.slice(count)
  }

  /** All or nothing: what a failed write left is cut off again. */
  #write(buffers: readonly Buffer[]): void {
    const { active } = this.#state.segments
    const file = active.fileForWriting()
    const start = active.sizeBytes
    this.#flusher.changed(file.path)
    try {
      writeFully(file, buffers, start)
    } catch (error) {
      this.#undoWrite(start)
      throw storageError(`writing to ${file.path}`, error)
    }
    if (channels.append.hasSubscribers)
      channels.append.publish({ directory: this.#directory, position: start, batches: buffers.length })
  }

  #undoWrite(start: number): void {
    try {
      this.#state.segments.active.fileForWriting().truncateSync(start)
    } catch (error) {
      throw this.#flusher.poisonWith('cutting a failed write off again', error)
    }
  }

  #failQueue(failure: Error): [] {
    const queue = this.#queue
    this.#dequeue(queue.length)
    for (const append of queue) append.reject(failure)
    return []
  }
}

function asFailure(error: unknown): Error {
  if (error instanceof TidemarkError) return error
  // A bug of ours must surface, and not look like a full disk.
  if (error instanceof AssertionError) throw error
  return storageError('appending', error)
}

function resultOf(batch: Batch): AppendResult {
  const { baseOffset, lastOffset, maxTimestamp } = batch
  return { baseOffset, lastOffset, timestamp: maxTimestamp, duplicate: false }
}

function resultOfDuplicate(earlier: ProducedBatch): AppendResult {
  const { firstOffset, lastOffset, timestamp } = earlier
  return { baseOffset: firstOffset, lastOffset, timestamp, duplicate: true }
}
