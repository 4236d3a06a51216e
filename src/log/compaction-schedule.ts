import type { Clock } from '../env/env.ts'
import { isCompacted } from './cleanup-policy.ts'
import type { CompactionReport } from './compaction-report.ts'
import type { PartitionLog } from './partition-log.ts'

/**
 * When an embedded log is compacted. What is known of it lives in memory only: after opening, the whole log counts as
 * dirty, which costs one pass more and is never wrong.
 */
export class CompactionSchedule {
  readonly #log: PartitionLog
  readonly #clock: Clock
  /** First offset that no pass has mapped yet; undefined before the first. */
  #firstDirtyOffset: number | undefined
  /** From this time on a pass has something to drop although nothing is dirty. */
  #deleteHorizonMs = Number.POSITIVE_INFINITY

  constructor(log: PartitionLog, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /** Makes a pass if enough of the log is dirty, or tombstones have served their time. */
  async runIfDue(): Promise<void> {
    const { compactor } = this.#log
    const isDue = compactor.isDue(this.#options) || this.#clock.nowMs() >= this.#deleteHorizonMs
    if (isDue) await this.run()
  }

  /**
   * Makes a pass.
   *
   * @throws TypeError when the log is not to be compacted; else as `PartitionLog.compact`
   */
  async run(): Promise<CompactionReport> {
    if (!isCompacted(this.#log.state.config))
      throw new TypeError("this log is not compacted: open it with cleanupPolicy: 'compact'")
    const report = await this.#log.compact(this.#options)
    this.#firstDirtyOffset = report.firstDirtyOffset
    if (report.isComplete || report.earliestDeleteHorizonMs !== undefined)
      this.#deleteHorizonMs = report.earliestDeleteHorizonMs ?? Number.POSITIVE_INFINITY
    return report
  }

  /** The log ends at `endOffset` now: what will be appended there is dirty again. */
  noteTruncation(endOffset: number): void {
    if (this.#firstDirtyOffset !== undefined)
      this.#firstDirtyOffset = Math.min(this.#firstDirtyOffset, endOffset)
  }

  get #options() {
    const { dedupeBufferBytes } = this.#log.state.config
    return this.#firstDirtyOffset === undefined
      ? { dedupeBufferBytes }
      : { dedupeBufferBytes, firstDirtyOffset: this.#firstDirtyOffset }
  }
}
