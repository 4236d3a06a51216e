import { assert } from '../base/assert.ts'
import type { Batch } from '../batch/batch.ts'
import { channels } from './channels.ts'
import type { LogFlusher } from './log-flusher.ts'
import type { LogState } from './log-state.ts'
import type { ProducerSnapshots } from './producer-snapshots.ts'
import { SealLedger } from './seal-ledger.ts'
import { Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { storageError } from './storage-error.ts'

/** Starts new segments. */
export class SegmentRoller {
  readonly #state: LogState
  readonly #storage: SegmentStorage
  readonly #snapshots: ProducerSnapshots
  readonly #flusher: LogFlusher
  readonly #seals: SealLedger

  constructor(state: LogState, storage: SegmentStorage, snapshots: ProducerSnapshots, flusher: LogFlusher) {
    this.#state = state
    this.#storage = storage
    this.#snapshots = snapshots
    this.#flusher = flusher
    this.#seals = new SealLedger(storage)
  }

  /**
   * Whether the active segment has become too old for `batch`, by the timestamps of the records (`segment.ms`). While it
   * is empty it counts from `first`, the batch that it is about to begin with.
   */
  isDue(batch: Batch, first: Batch): boolean {
    const { rollTimestamp = first.maxTimestamp } = this.#state.segments.active
    if (rollTimestamp < 0) return false
    return batch.maxTimestamp - rollTimestamp > this.#state.config.segmentMs
  }

  /**
   * Starts a new segment at the end of the log. What can fail comes first; if it does, the log goes on with the
   * segment it has. The producers' snapshot lets a recovery begin with the new segment.
   */
  roll(): void {
    const { segments, producers, writtenOffset, config } = this.#state
    const old = segments.active
    assert(old.sizeBytes > 0, 'an empty segment is not rolled')
    const segment = Segment.blank(this.#storage, writtenOffset)
    try {
      const file = segment.fileForWriting()
      if (file.sizeSync() > 0) file.truncateSync(0)
      this.#flusher.changed(this.#snapshots.write(writtenOffset, producers))
      old.writeIndexes()
    } catch (error) {
      this.#storage.pool.drop(segment.path('.log'))
      this.#storage.files.removeSync(segment.path('.log'))
      throw storageError('starting a new segment', error)
    }
    this.#seals.add(old)
    for (const path of [...old.indexPaths, this.#seals.path]) this.#flusher.changed(path)
    this.#flusher.directoryChanged()
    segments.push(segment)
    old.release()
    // The sealed segment moves behind the recovery point. A failure poisons the log, which the next append is told.
    if (config.durability !== 'sync') this.#flusher.flush().catch(() => undefined)
    if (channels.roll.hasSubscribers)
      channels.roll.publish({ directory: this.#storage.directory, baseOffset: writtenOffset })
  }
}
