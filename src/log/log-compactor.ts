import { ClosedError } from '../base/errors.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import { channels } from './channels.ts'
import type { Pace } from './clean-segments.ts'
import { type CleanableRange, cleanableRange, isCompactionDue } from './cleanable-range.ts'
import { type CompactionHost, CompactionPass } from './compaction-pass.ts'
import type { CompactionOptions, CompactionReport } from './compaction-report.ts'
import { segmentTimestamp } from './segment-timestamp.ts'
import { operatingError } from './storage-error.ts'
import { TimeSlices } from './time-slices.ts'
import { walkHeaders } from './walk.ts'

/** Compaction of one log: says how much there is to do, and does it, one pass at a time. */
export class LogCompactor {
  readonly #host: CompactionHost
  readonly #passes = new SerialQueue()
  readonly #closing = new AbortController()

  constructor(host: CompactionHost) {
    this.#host = host
  }

  /** What a pass with these options could compact now. */
  range({ firstDirtyOffset, lastStableOffset }: CompactionOptions = {}): CleanableRange {
    const { state, storage, env } = this.#host
    const { segments, startOffset, endOffset, producers, config } = state
    const unstable = producers.firstUnstableOffset ?? endOffset
    return cleanableRange({
      segments: Array.from(segments, (segment) => ({
        baseOffset: segment.baseOffset,
        sizeBytes: segment.sizeBytes,
        timestampMs: segmentTimestamp(storage.files, segment),
      })),
      firstDirtyOffset,
      startOffset,
      endOffset,
      lastStableOffset: Math.min(lastStableOffset ?? unstable, unstable, endOffset),
      minCompactionLagMs: config.minCompactionLagMs,
      nowMs: env.clock.nowMs(),
    })
  }

  /** Whether the log's own settings call for a pass with these options. */
  isDue(options: CompactionOptions = {}): boolean {
    const { env, state } = this.#host
    const range = this.range(options)
    const isLagBounded = Number.isFinite(state.config.maxCompactionLagMs)
    const oldestDirtyMs = isLagBounded ? this.#oldestDirtyMs(range) : undefined
    return isCompactionDue(range, state.config, oldestDirtyMs, env.clock.nowMs())
  }

  /** Makes a pass; see `PartitionLog.compact`. */
  compact(options: CompactionOptions): Promise<CompactionReport> {
    if (!this.#host.storage.allowGaps)
      throw new TypeError('compaction leaves gaps between offsets: open the log with { allowGaps: true }')
    return this.#passes.run(() => this.#compact(options))
  }

  /** Gives up the pass that runs, and resolves when it has ended. */
  async close(): Promise<void> {
    this.#closing.abort(new ClosedError('the log was closed while it was compacted'))
    await this.#passes.run(() => undefined)
  }

  async #compact(options: CompactionOptions): Promise<CompactionReport> {
    const pace = this.#paceOf(options.signal)
    try {
      await pace.next()
      const report = await new CompactionPass(this.#host, this.range(options), options, pace).run()
      const { directory } = this.#host.storage
      if (channels.compact.hasSubscribers) channels.compact.publish({ directory, report })
      return report
    } catch (error) {
      throw operatingError('compacting the log', error)
    }
  }

  #paceOf(signal: AbortSignal | undefined): Pace {
    const slices = new TimeSlices(this.#host.env.clock)
    const closing = this.#closing.signal
    return {
      get isOver() {
        return slices.isOver || closing.aborted || signal?.aborted === true
      },
      async next() {
        await slices.next()
        closing.throwIfAborted()
        signal?.throwIfAborted()
      },
    }
  }

  /** From this time on the oldest of the dirty records has been waiting. */
  #oldestDirtyMs({ firstDirtyOffset, endOffset }: CleanableRange): number | undefined {
    let oldestMs: number | undefined
    for (const segment of this.#host.state.segments) {
      if (segment.nextOffset <= firstDirtyOffset || segment.baseOffset >= endOffset) continue
      walkHeaders(segment.file(), 0, segment.sizeBytes, ({ maxTimestamp }) => {
        if (maxTimestamp >= 0) oldestMs = Math.min(oldestMs ?? maxTimestamp, maxTimestamp)
        return true
      })
    }
    return oldestMs
  }
}
