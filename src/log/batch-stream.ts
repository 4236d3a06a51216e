import { ClosedError } from '../base/errors.ts'
import type { Batch } from '../batch/batch.ts'
import { iterateBatches } from '../batch/iterate-batches.ts'
import { FetchingIterator } from './fetching-iterator.ts'
import type { LogReader, ReadPosition } from './log-reader.ts'
import type { LogState } from './log-state.ts'

export interface BatchStreamOptions {
  readonly from: number
  /** Offset before which to stop; Infinity to go on for ever. */
  readonly to: number
  /** At the end of the log wait for more. */
  readonly follow: boolean
  readonly maxBytes: number
  readonly signal: AbortSignal | undefined
  /** False once the log is closed, which ends the stream. */
  readonly isOpen: () => boolean
}

type SliceRead = Awaited<ReturnType<LogReader['read']>>

/** A slice on its way, and `LogState.cuts` when it was sent for. */
interface ReadAhead {
  readonly read: Promise<SliceRead>
  readonly cuts: number
}

/**
 * The batches of a log from an offset on, fetched slice by slice: one is on its way while the last one is worked on, so
 * that program and disk do not wait for each other, and no more than that. At the end of the log it ends, or waits for
 * more if it is to follow it and has not reached `to`.
 */
export class BatchStream extends FetchingIterator<Batch> {
  readonly #reader: LogReader
  readonly #state: LogState
  readonly #options: BatchStreamOptions
  #offset: number
  #position: ReadPosition | undefined
  #batches: Iterator<Batch> | undefined
  #ahead: ReadAhead | undefined
  #ended = false
  /** Set while {@link fetch} waits for the log to grow. */
  #stopWaiting: (() => void) | undefined

  constructor(reader: LogReader, state: LogState, options: BatchStreamOptions) {
    super(options.signal)
    this.#reader = reader
    this.#state = state
    this.#options = options
    this.#offset = options.from
  }

  /** The next batch if it is in memory already. Never one that begins at or after `to`. */
  nextFetched(): Batch | undefined {
    const result = this.#ended ? undefined : this.#batches?.next()
    if (result === undefined || result.done === true) return undefined
    if (result.value.baseOffset >= this.#options.to) {
      this.#ended = true
      return undefined
    }
    return result.value
  }

  /** Ends a question that waits for more, too. */
  return(): Promise<IteratorResult<Batch>> {
    this.#ended = true
    this.#batches = undefined
    this.#ahead = undefined
    this.#stopWaiting?.()
    return Promise.resolve({ value: undefined, done: true })
  }

  protected async fetch(): Promise<IteratorResult<Batch>> {
    while (true) {
      this.#options.signal?.throwIfAborted()
      if (this.#ended || this.#offset >= this.#options.to) return { value: undefined, done: true }
      if (!this.#options.isOpen()) {
        if (this.#options.follow) return { value: undefined, done: true }
        throw new ClosedError('the log was closed while it was being read')
      }
      if (this.#offset !== this.#state.endOffset) await this.#fetchSlice()
      else if (this.#options.follow) await this.#waitForMore()
      else return { value: undefined, done: true }
      const batch = this.nextFetched()
      if (batch !== undefined) return { value: batch, done: false }
    }
  }

  async #fetchSlice(): Promise<void> {
    const { slice, next } = await (this.#takeAhead() ?? this.#read())
    this.#batches = iterateBatches(slice.buffer)
    this.#offset = slice.nextOffset
    this.#position = next
    this.#readAhead()
  }

  #read(): Promise<SliceRead> {
    const { maxBytes } = this.#options
    return this.#reader.read(this.#offset, maxBytes, this.#state.endOffset, { from: this.#position })
  }

  #readAhead(): void {
    const { cuts, endOffset } = this.#state
    if (this.#position === undefined || this.#offset >= Math.min(this.#options.to, endOffset)) return
    const read = this.#read()
    // A failure is met when its turn comes, if it comes.
    read.catch(() => undefined)
    this.#ahead = { read, cuts }
  }

  /** What was read ahead, unless it has been cut or trimmed off since. */
  #takeAhead(): Promise<SliceRead> | undefined {
    const ahead = this.#ahead
    this.#ahead = undefined
    const { cuts, startOffset } = this.#state
    return ahead?.cuts === cuts && this.#offset >= startOffset ? ahead.read : undefined
  }

  /** Until the end of the log moves, the log closes, the stream is ended, or the signal aborts. */
  #waitForMore(): Promise<void> {
    const { signal } = this.#options
    return new Promise((resolve) => {
      const stop = () => {
        unwatch()
        signal?.removeEventListener('abort', stop)
        this.#stopWaiting = undefined
        resolve()
      }
      const unwatch = this.#state.watch(stop)
      signal?.addEventListener('abort', stop)
      this.#stopWaiting = stop
    })
  }
}
