import { defaultMaxDecompressedBytes } from '../batch/compression.ts'
import type { Env } from '../env/env.ts'
import { collectAborted } from './aborted-transactions.ts'
import { BatchCleaner } from './batch-cleaner.ts'
import { cleanSegments, type Pace } from './clean-segments.ts'
import type { CleanableRange } from './cleanable-range.ts'
import { CleanedSegment } from './cleaned-segment.ts'
import { CleanedTransactions } from './cleaned-transactions.ts'
import { CleanerOffsetMap } from './cleaner-offset-map.ts'
import type { CompactionOptions, CompactionReport } from './compaction-report.ts'
import type { LogState } from './log-state.ts'
import { mapKeys } from './map-keys.ts'
import type { Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { groupSegments } from './segment-groups.ts'
import type { SegmentSwap } from './segment-swap.ts'
import { segmentTimestamp } from './segment-timestamp.ts'

const defaultDedupeBufferBytes = 128 * 1024 * 1024

/** What a pass needs of the log around it. */
export interface CompactionHost {
  readonly env: Pick<Env, 'clock' | 'random'>
  readonly state: LogState
  readonly storage: SegmentStorage
  readonly swap: SegmentSwap
  /** Runs `action` while nothing is written to the log. */
  exclusively(action: () => Promise<void>): Promise<void>
}

/**
 * One pass over a log: maps the last offset of every dirty key, and then writes group after group of segments anew
 * without what they supersede. Everything but the replacing of the segments runs beside appends and reads.
 *
 * After each group the log is whole, so a pass that is interrupted loses nothing but the rest of its work. One that
 * meets a log that was cut meanwhile ends early, and what it had mapped counts for nothing.
 */
export class CompactionPass {
  readonly #host: CompactionHost
  readonly #range: CleanableRange
  readonly #options: CompactionOptions
  readonly #pace: Pace
  readonly #map: CleanerOffsetMap
  readonly #startedMs: number
  /** `LogState.cuts` as this pass knows it, its own replacements included. */
  #cuts: number
  #segmentsAfter = 0
  #bytesAfter = 0

  constructor(host: CompactionHost, range: CleanableRange, options: CompactionOptions, pace: Pace) {
    this.#host = host
    this.#range = range
    this.#options = options
    this.#pace = pace
    this.#cuts = host.state.cuts
    this.#startedMs = host.env.clock.monotonicMs()
    const keyCountMax = this.#dirtySegments.reduce((sum, { baseOffset, nextOffset }) => {
      return sum + nextOffset - Math.max(baseOffset, Math.min(range.firstDirtyOffset, nextOffset))
    }, 0)
    const { dedupeBufferBytes = defaultDedupeBufferBytes } = options
    this.#map = new CleanerOffsetMap(dedupeBufferBytes, keyCountMax, host.env.random.bytes(4).readInt32BE())
  }

  async run(): Promise<CompactionReport> {
    const { maxDecompressedBytes = defaultMaxDecompressedBytes } = this.#options
    const { state, storage, env } = this.#host
    const dirty = this.#dirtySegments
    const mappedTo = await this.#unlessCut(dirty, () =>
      mapKeys(this.#map, dirty, this.#range, this.#transactionsOf(dirty), {
        storage,
        limits: { maxDecompressedBytes },
        pace: this.#pace,
      }),
    )
    const segments = mappedTo === undefined ? [] : this.#segmentsBefore(mappedTo)
    const cleaner = new BatchCleaner({
      map: this.#map,
      mappedTo: mappedTo ?? this.#range.firstDirtyOffset,
      transactions: this.#transactionsOf(segments),
      producers: state.producers,
      nowMs: env.clock.nowMs(),
      deleteRetentionMs: state.config.deleteRetentionMs,
      maxDecompressedBytes,
    })
    const bytesBefore = sizeOf(segments)
    const isDone = mappedTo !== undefined && (await this.#cleanAll(segments, cleaner))
    return this.#report(cleaner, segments.length, bytesBefore, isDone ? mappedTo : undefined)
  }

  get #dirtySegments(): Segment[] {
    const { firstDirtyOffset, endOffset } = this.#range
    return this.#segmentsBefore(endOffset).filter(({ nextOffset }) => nextOffset > firstDirtyOffset)
  }

  /** Those that may be rewritten and begin before `offset`. */
  #segmentsBefore(offset: number): Segment[] {
    const end = Math.min(offset, this.#range.endOffset)
    return [...this.#host.state.segments].filter(({ baseOffset }) => baseOffset < end)
  }

  #transactionsOf(segments: readonly Segment[]): CleanedTransactions {
    const [first] = segments
    const last = segments.at(-1)
    if (first === undefined || last === undefined) return new CleanedTransactions([])
    return new CleanedTransactions(
      collectAborted(this.#host.state.segments, first.baseOffset, last.nextOffset),
    )
  }

  async #cleanAll(segments: readonly Segment[], cleaner: BatchCleaner): Promise<boolean> {
    const { segmentBytes, indexBytesMax } = this.#host.state.config
    const measured = segments.map((segment) => ({ segment, ...measuresOf(segment) }))
    for (const group of groupSegments(measured, { segmentBytes, indexBytesMax })) {
      const old = group.map(({ segment }) => segment)
      if (!(await this.#cleanGroup(old, cleaner))) return false
    }
    return true
  }

  /** False when the log was cut before the output could take its place. */
  async #cleanGroup(old: readonly Segment[], cleaner: BatchCleaner): Promise<boolean> {
    const { storage, env } = this.#host
    const [first] = old as [Segment]
    const output = new CleanedSegment(storage, first.baseOffset)
    try {
      const clean = () => cleanSegments(old, output, cleaner, storage, this.#pace)
      const isChanged = await this.#unlessCut(old, clean)
      if (isChanged === undefined) return false
      this.#segmentsAfter++
      this.#bytesAfter += output.sizeBytes
      if (!isChanged && old.length === 1) return true
      await output.finish(segmentTimestamp(storage.files, old.at(-1) ?? first) || env.clock.nowMs())
      return await this.#replace(old, output)
    } finally {
      output.abandon()
    }
  }

  async #replace(old: readonly Segment[], output: CleanedSegment): Promise<boolean> {
    let isReplaced = false
    await this.#host.exclusively(async () => {
      if (!this.#isWhole(old)) return
      await this.#host.swap.swap(output, old)
      this.#cuts = this.#host.state.cuts
      isReplaced = true
    })
    return isReplaced
  }

  /** The result of `action`; undefined when the log was cut meanwhile, which may also be why the action failed. */
  async #unlessCut<T>(
    segments: readonly Segment[],
    action: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    if (!this.#isWhole(segments)) return undefined
    try {
      const result = await action()
      return this.#cuts === this.#host.state.cuts ? result : undefined
    } catch (error) {
      if (this.#isWhole(segments)) throw error
      return undefined
    }
  }

  /** Whether the log still holds these segments as they were when the pass began. */
  #isWhole(segments: readonly Segment[]): boolean {
    const { cuts, segments: all } = this.#host.state
    return cuts === this.#cuts && segments.every((segment) => all.floor(segment.baseOffset) === segment)
  }

  /** `mappedTo` is undefined when the pass was interrupted. */
  #report(
    cleaner: BatchCleaner,
    segmentsBefore: number,
    bytesBefore: number,
    mappedTo: number | undefined,
  ): CompactionReport {
    const { recordsKept, recordsDropped, tombstonesDropped, earliestDeleteHorizonMs } = cleaner.counts
    return {
      firstDirtyOffset: mappedTo ?? this.#range.firstDirtyOffset,
      isComplete: mappedTo !== undefined && mappedTo >= this.#range.endOffset,
      bytesBefore,
      bytesAfter: this.#bytesAfter,
      segmentsBefore,
      segmentsAfter: this.#segmentsAfter,
      recordsKept,
      recordsDropped,
      tombstonesDropped,
      earliestDeleteHorizonMs: Number.isFinite(earliestDeleteHorizonMs) ? earliestDeleteHorizonMs : undefined,
      keys: this.#map.size,
      durationMs: this.#host.env.clock.monotonicMs() - this.#startedMs,
    }
  }
}

function measuresOf(segment: Segment) {
  const { baseOffset, nextOffset, sizeBytes, digests } = segment
  const { offsets, times } = digests ?? segment.indexes()
  return { baseOffset, nextOffset, sizeBytes, indexBytes: Math.max(offsets.sizeBytes, times.sizeBytes) }
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}
