import type { Round } from './flush-rounds.ts'
import type { PendingRecord } from './pending-record.ts'
import type { RecordMetadata } from './producer-record.ts'

/** A record that waits for metadata or memory, and the promise that its sender holds meanwhile. */
export class WaitingRecord {
  readonly record: PendingRecord
  /** Until when it may wait, by the monotonic clock. Infinity before it does. */
  waitUntilMs = Number.POSITIVE_INFINITY
  readonly sent: Promise<RecordMetadata>
  readonly #signal: AbortSignal | undefined
  readonly #round: Round
  #resolve!: (sent: Promise<RecordMetadata>) => void
  #reject!: (error: unknown) => void

  /** @param signal aborted when nobody waits for the record any more */
  constructor(record: PendingRecord, round: Round, signal: AbortSignal | undefined) {
    this.record = record
    this.#round = round
    this.#signal = signal
    this.sent = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    round.unsettledCount++
  }

  /** Why nobody waits for it any more, if that is so. */
  get abortReason(): unknown {
    return this.#signal?.aborted === true ? this.#signal.reason : undefined
  }

  /** It is in a batch, whose receipt is `sent`. */
  resolve(sent: Promise<RecordMetadata>): void {
    const settle = (): void => this.#round.settleOne()
    this.#resolve(sent)
    sent.then(settle, settle)
  }

  reject(error: unknown): void {
    this.#round.settleOne()
    this.#reject(error)
  }
}
