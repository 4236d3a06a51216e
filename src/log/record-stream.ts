import type { LogRecord } from '../batch/log-record.ts'
import type { BatchStream } from './batch-stream.ts'
import { FetchingIterator } from './fetching-iterator.ts'

export interface RecordStreamOptions {
  readonly from: number
  readonly to: number
  readonly maxDecompressedBytes: number | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * The records of a stream of batches, one by one: without those before the offset asked for, which their batch may
 * hold, and without control records, which no application sees.
 */
export class RecordStream extends FetchingIterator<LogRecord> {
  readonly #batches: BatchStream
  readonly #from: number
  readonly #to: number
  readonly #limits: { readonly maxDecompressedBytes?: number }
  #records: Iterator<LogRecord> | undefined

  constructor(batches: BatchStream, { from, to, maxDecompressedBytes, signal }: RecordStreamOptions) {
    super(signal)
    this.#batches = batches
    this.#from = from
    this.#to = to
    this.#limits = maxDecompressedBytes === undefined ? {} : { maxDecompressedBytes }
  }

  nextFetched(): LogRecord | undefined {
    while (this.#records !== undefined) {
      const result = this.#records.next()
      if (result.done === true) this.#records = undefined
      else if (result.value.offset >= this.#from && result.value.offset < this.#to) return result.value
    }
    return undefined
  }

  protected async fetch(): Promise<IteratorResult<LogRecord>> {
    while (true) {
      const result = await this.#batches.next()
      if (result.done === true) return { value: undefined, done: true }
      if (result.value.isControl) continue
      this.#records = result.value.records(this.#limits)
      const value = this.nextFetched()
      if (value !== undefined) return { value, done: false }
    }
  }

  async return(): Promise<IteratorResult<LogRecord>> {
    this.#records = undefined
    await this.#batches.return()
    return { value: undefined, done: true }
  }
}
