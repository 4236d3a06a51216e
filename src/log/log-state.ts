import { WatchList } from '../base/watch-list.ts'
import type { LogConfig } from './log-config.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import type { ProducerTable } from './producer-table.ts'
import type { Segment } from './segment.ts'
import { SegmentList } from './segment-list.ts'

/**
 * What one partition's log is at this moment. Changed only by synchronous functions, so that whoever reads it
 * between two awaits sees a whole state: the writer appends to it, truncation and retention cut it, readers
 * look.
 */
export class LogState {
  readonly segments: SegmentList
  readonly producers: ProducerTable
  readonly epochs: LeaderEpochs
  /** Replaced as a whole when settings change; see `PartitionLog.reconfigure`. */
  config: LogConfig
  /** First offset that may be read. */
  startOffset: number
  /**
   * End of what readers see and what was acknowledged: under `durability: 'sync'` of what is synced, else of
   * what is written.
   */
  endOffset: number
  /** End of what was synced. */
  durableOffset: number
  /** Counts the times that bytes which readers may have seen were cut, so that a read in flight can tell. */
  cuts = 0
  readonly #watchers = new WatchList()

  constructor(given: {
    segments: readonly Segment[]
    producers: ProducerTable
    epochs: LeaderEpochs
    config: LogConfig
    startOffset: number
  }) {
    this.segments = new SegmentList(given.segments)
    this.producers = given.producers
    this.epochs = given.epochs
    this.config = given.config
    this.startOffset = given.startOffset
    this.endOffset = this.writtenOffset
    this.durableOffset = this.writtenOffset
  }

  /** End of what was written, synced or not: the offset of the next record. */
  get writtenOffset(): number {
    return this.segments.active.nextOffset
  }

  /** Shows readers everything before `endOffset`, and wakes those who wait for it. */
  publish(endOffset: number): void {
    if (endOffset <= this.endOffset) return
    this.endOffset = endOffset
    this.wake()
  }

  /** Calls every watcher: something changed that a waiting reader should look at. */
  wake(): void {
    this.#watchers.wake()
  }

  /** Calls `watcher` whenever the end moves or the log closes, until the returned function is called. */
  watch(watcher: () => void): () => void {
    return this.#watchers.add(watcher)
  }
}
