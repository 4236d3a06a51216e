import type { Timer, Timers } from '../../env/timers.ts'
import type { WaitingRecord } from './waiting-record.ts'

/** How far the front may move before the records behind it are moved up. */
const movedUpAfter = 1024

/** Records that wait for metadata or memory, first come, first served, each for so long at most. */
export class WaitingLine {
  readonly #timers: Timers
  readonly #nowMs: () => number
  readonly #expired: (record: WaitingRecord) => Error
  #records: WaitingRecord[] = []
  /** Of the array's front, those that are gone. */
  #goneCount = 0
  #deadline: Timer | undefined

  /** @param expired the error of a record that has waited too long */
  constructor(timers: Timers, nowMs: () => number, expired: (record: WaitingRecord) => Error) {
    this.#timers = timers
    this.#nowMs = nowMs
    this.#expired = expired
  }

  get count(): number {
    return this.#records.length - this.#goneCount
  }

  /** Puts a record last. It may wait `maxBlockMs` in all the lines that it ever stands in. */
  join(record: WaitingRecord, maxBlockMs: number): void {
    record.waitUntilMs = Math.min(record.waitUntilMs, this.#nowMs() + maxBlockMs)
    this.#records.push(record)
    if (this.count === 1) this.#setDeadline()
  }

  /** Lets records go, the first one first, as long as `serve` returns true. What it throws is the end of that record. */
  serve(serve: (record: WaitingRecord) => boolean): void {
    for (let first = this.#first; first !== undefined; first = this.#first) {
      if (!isServed(first, serve)) break
      this.#leave()
    }
    this.#setDeadline()
  }

  /** Ends the waiting of all of them. */
  failAll(error: unknown): void {
    const waiting = this.#records.slice(this.#goneCount)
    this.#records = []
    this.#goneCount = 0
    this.#deadline?.cancel()
    for (const record of waiting) record.reject(error)
  }

  get #first(): WaitingRecord | undefined {
    return this.#records[this.#goneCount]
  }

  #leave(): void {
    this.#goneCount++
    if (this.#goneCount < movedUpAfter && this.count > 0) return
    this.#records = this.#records.slice(this.#goneCount)
    this.#goneCount = 0
  }

  #setDeadline(): void {
    this.#deadline?.cancel()
    const first = this.#first
    if (first === undefined) return
    this.#deadline = this.#timers.after(first.waitUntilMs - this.#nowMs(), () => this.#expire())
  }

  #expire(): void {
    const nowMs = this.#nowMs()
    for (let first = this.#first; first !== undefined && first.waitUntilMs <= nowMs; first = this.#first) {
      this.#leave()
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
