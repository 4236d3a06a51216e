import type { Timer, Timers } from '../../env/timers.ts'
import { Fifo } from './fifo.ts'
import type { WaitingRecord } from './waiting-record.ts'

/** Records that wait for metadata or memory, first come, first served, each for so long at most. */
export class WaitingLine {
  readonly #timers: Timers
  readonly #nowMs: () => number
  readonly #expired: (record: WaitingRecord) => Error
  readonly #records = new Fifo<WaitingRecord>()
  #deadline: Timer | undefined

  /** @param expired the error of a record that has waited too long */
  constructor(timers: Timers, nowMs: () => number, expired: (record: WaitingRecord) => Error) {
    this.#timers = timers
    this.#nowMs = nowMs
    this.#expired = expired
  }

  get count(): number {
    return this.#records.count
  }

  /** Puts a record last. It may wait `maxBlockMs` in all the lines that it ever stands in. */
  join(record: WaitingRecord, maxBlockMs: number): void {
    record.waitUntilMs = Math.min(record.waitUntilMs, this.#nowMs() + maxBlockMs)
    this.#records.push(record)
    if (this.count === 1) this.#setDeadline()
  }

  /** Lets records go, the first one first, as long as `serve` returns true. What it throws is the end of that record. */
  serve(serve: (record: WaitingRecord) => boolean): void {
    for (let { first } = this.#records; first !== undefined; { first } = this.#records) {
      if (!isServed(first, serve)) break
      this.#records.shift()
    }
    this.#setDeadline()
  }

  /** Ends the waiting of all of them. */
  failAll(error: unknown): void {
    this.#deadline?.cancel()
    for (const record of this.#records.clear()) record.reject(error)
  }

  #setDeadline(): void {
    this.#deadline?.cancel()
    const { first } = this.#records
    if (first === undefined) return
    this.#deadline = this.#timers.after(first.waitUntilMs - this.#nowMs(), () => this.#expire())
  }

  #expire(): void {
    const nowMs = this.#nowMs()
    for (
      let { first } = this.#records;
      first !== undefined && first.waitUntilMs <= nowMs;
      { first } = this.#records
    ) {
      this.#records.shift()
      first.reject(this.#expired(first))
    }
    this.#setDeadline()
  }
}

function isServed(record: WaitingRecord, serve: (record: WaitingRecord) => boolean): boolean {
  try {
    const { abortReason } = record
    if (abortReason === undefined) return serve(record)
    record.reject(abortReason)
  } catch (error) {
    record.reject(error)
  }
  return true
}
