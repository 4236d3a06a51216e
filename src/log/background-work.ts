import type { Clock } from '../env/env.ts'
import { isCompacted } from './cleanup-policy.ts'
import type { CompactionSchedule } from './compaction-schedule.ts'
import type { LogConfig } from './log-config.ts'
import type { PartitionLog } from './partition-log.ts'
import { Scrubber } from './scrubber.ts'

const scrubEveryMs = 1000

/** What an open log does by itself, now and then: sync under `'interval'`, retention, compaction, forgetting silent producers, scrubbing. */
export class BackgroundWork {
  readonly #log: PartitionLog
  readonly #clock: Clock
  readonly #config: LogConfig
  readonly #compaction: CompactionSchedule
  readonly #stopped = new AbortController()

  constructor(log: PartitionLog, clock: Clock, config: LogConfig, compaction: CompactionSchedule) {
    this.#compaction = compaction
    this.#log = log
    this.#clock = clock
    this.#config = config
  }

  start(): void {
    const { durability, syncIntervalMs, retentionCheckMs, compactionCheckMs, scrubBytesPerSecond } =
      this.#config
    if (durability === 'interval') void this.#every(syncIntervalMs, () => this.#log.flush())
    void this.#every(retentionCheckMs, async () => {
      await this.#log.applyRetention()
      this.#log.expireProducers()
    })
    if (isCompacted(this.#config)) void this.#every(compactionCheckMs, () => this.#compaction.runIfDue())
    if (scrubBytesPerSecond === 0) return
    const scrubber = new Scrubber(this.#log)
    void this.#every(scrubEveryMs, () => scrubber.scrub(scrubBytesPerSecond * (scrubEveryMs / 1000)))
  }

  stop(): void {
    this.#stopped.abort()
  }

  async #every(intervalMs: number, action: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(intervalMs, signal)
        await action()
      } catch {
        // A full disk passes, a poisoned log tells its next writer, and damage was published: try again later.
      }
    }
  }
}
