import { join } from 'node:path'
import { OffsetOutOfRangeError } from '../base/errors.ts'
import type { Clock } from '../env/env.ts'
import { channels } from './channels.ts'
import { retentionOf, startOffsetOnly } from './cleanup-policy.ts'
import type { DeletedFiles } from './deleted-files.ts'
import { leaderEpochCheckpointFile, type SegmentFileKind } from './file-names.ts'
import type { LogFlusher } from './log-flusher.ts'
import type { LogState } from './log-state.ts'
import type { ProducerSnapshots } from './producer-snapshots.ts'
import { rebuildProducers } from './rebuild-producers.ts'
import { replaceFile } from './replace-file.ts'
import { deletableSegments, type RetainedSegment } from './retention.ts'
import { SealLedger } from './seal-ledger.ts'
import { indexKinds, Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { segmentTimestamp } from './segment-timestamp.ts'
import type { StartOffsetStore } from './start-offset-file.ts'
import { storageError } from './storage-error.ts'

/**
 * Everything that makes a log shorter: truncation from its end, trimming and retention from its start. Each runs
 * while nothing is written.
 */
export class LogCutter {
  readonly #state: LogState
  readonly #storage: SegmentStorage
  readonly #snapshots: ProducerSnapshots
  readonly #flusher: LogFlusher
  readonly #deleted: DeletedFiles
  readonly #startOffsets: StartOffsetStore
  readonly #clock: Clock
  readonly #roll: () => void
  readonly #seals: SealLedger

  constructor(given: {
    state: LogState
    storage: SegmentStorage
    snapshots: ProducerSnapshots
    flusher: LogFlusher
    deleted: DeletedFiles
    startOffsets: StartOffsetStore
    clock: Clock
    /** Starts a new segment at the end of the log, or throws; then nothing has changed. */
    roll: () => void
  }) {
    this.#state = given.state
    this.#storage = given.storage
    this.#snapshots = given.snapshots
    this.#flusher = given.flusher
    this.#deleted = given.deleted
    this.#startOffsets = given.startOffsets
    this.#clock = given.clock
    this.#roll = given.roll
    this.#seals = new SealLedger(given.storage)
  }

  /** See `PartitionLog.truncate`. A failure half way poisons the log. */
  async truncate(offset: number): Promise<number> {
    const { startOffset, endOffset, writtenOffset } = this.#state
    if (offset < startOffset || offset > endOffset)
      throw new OffsetOutOfRangeError(offset, startOffset, endOffset)
    if (offset >= writtenOffset) return endOffset
    await this.#flusher.beginChange()
    try {
      await this.#truncateTo(offset)
    } catch (error) {
      throw this.#flusher.poisonWith('truncating the log', error)
    }
    this.#state.wake()
    return this.#state.endOffset
  }

  async #truncateTo(offset: number): Promise<void> {
    const { segments, startOffset, epochs } = this.#state
    const last = segments.floor(offset)
    const { position, baseOffset: endOffset } = last.locate(offset) ?? {
      position: last.sizeBytes,
      baseOffset: last.nextOffset,
    }
    // A batch that begins before the start of the log goes as a whole: then nothing is left.
    const newEnd = Math.max(endOffset, startOffset)
    // What the segments are about to become must not be taken for what they were.
    this.#seals.forgetFrom(last.baseOffset)
    // Before the cut, so that no crash in between finds a durable point beyond the end.
    this.#flusher.lowerPoint({ offset: newEnd, baseOffset: last.baseOffset, sizeBytes: position })
    this.#state.cuts++
    // Before anything can fail half way: nobody must look for what is no longer there.
    this.#state.endOffset = newEnd
    // From the end, one after the other on the disk too, and before the cut: no crash in between leaves a hole, which in a
    // log that was compacted nobody would notice. At once, for a sync of the log in between would take the last segment's
    // end for durable.
    for (const segment of segments.removeFrom(last.baseOffset + 1).reverse()) {
      this.#delete(segment)
      this.#storage.files.syncDirectorySync(this.#storage.directory)
    }
    last.truncateTo(offset)
    this.#flusher.changed(last.path('.log'))
    this.#removeSnapshots((each) => each > endOffset)
    rebuildProducers(this.#state, this.#storage)
    // Damage that lies before the start of the log is not to be appended to.
    const isDamageLeft = last.startPosition > 0 && position <= last.startPosition
    if (endOffset < startOffset || isDamageLeft) await this.#restartAt(newEnd)
    if (epochs.truncateFromEnd(newEnd)) await this.#storeEpochs()
    await this.#flusher.flush()
  }

  /**
   * Leaves one empty segment, and forgets the producers, as Kafka does. The others go once it is durable: of what a
   * crash leaves of them recovery knows that it lies before the start, which is stored.
   */
  async #restartAt(offset: number): Promise<void> {
    const { segments, producers } = this.#state
    const old = segments.removeFrom(0)
    producers.clear()
    const segment = Segment.blank(this.#storage, offset)
    this.#flusher.changed(segment.fileForWriting().path)
    segments.push(segment)
    this.#flusher.changed(this.#snapshots.write(offset, producers))
    this.#flusher.directoryChanged()
    await this.#flusher.flush()
    for (const each of old) this.#delete(each)
  }

  /** See `PartitionLog.trim`. */
  async trim(offset: number): Promise<void> {
    const { startOffset, endOffset } = this.#state
    if (offset > endOffset) throw new OffsetOutOfRangeError(offset, startOffset, endOffset)
    if (offset <= startOffset) return
    await this.#flusher.beginChange()
    // Never beyond what is known to be durable: a start offset that is, recovery takes for damage.
    await attempt('syncing before the start moves', () => this.#flusher.flushForGood())
    await attempt('storing the start offset', () => this.#storeStart(offset))
    await this.retain(startOffsetOnly)
    await this.#startEpochs()
  }

  async #storeStart(offset: number): Promise<void> {
    try {
      await this.#startOffsets.store(offset)
      this.#state.startOffset = offset
    } catch (error) {
      // It may stand there all the same, of which only the sync has failed: the log starts where it says.
      this.#state.startOffset = Math.max(this.#state.startOffset, this.#startOffsets.load())
      throw error
    }
  }

  /** Deletes the oldest segments that `policy` does not keep, by default what the settings say; returns how many. A crash in between leaves no hole. */
  async retain(policy = retentionOf(this.#state.config)): Promise<number> {
    const { segments, startOffset } = this.#state
    const reasons = deletableSegments(
      this.#retainedSegments(),
      policy,
      startOffset,
      segments.sizeBytes,
      this.#clock.nowMs(),
    )
    if (reasons.length > 0) await this.#flusher.beginChange()
    // The active segment may go too, once there is another to write to.
    if (reasons.length === segments.count) {
      if (segments.active.sizeBytes === 0) reasons.pop()
      else this.#roll()
    }
    if (reasons.length === 0) return 0
    // What stays must be on the disk before the rest goes: above all the producers at the new start.
    await this.#flusher.flush()
    const { directory, files } = this.#storage
    const removed = segments.removeFirst(reasons.length)
    this.#state.startOffset = Math.max(startOffset, segments.first.baseOffset)
    for (const [index, segment] of removed.entries()) {
      const { baseOffset, sizeBytes } = segment
      this.#delete(segment, ['.log'])
      // One after the other on the disk too, or a crash could take one in the middle and leave a hole. Nor may it bring
      // one back of whose aborted transactions, or leader epoch, nothing is known any more.
      await attempt('deleting a segment', () => files.syncDirectory(directory))
      this.#delete(segment, indexKinds)
      if (channels.retain.hasSubscribers)
        channels.retain.publish({ directory, baseOffset, sizeBytes, reason: reasons[index] })
    }
    const { baseOffset } = segments.first
    this.#removeSnapshots((each) => each < baseOffset)
    await this.#startEpochs()
    await this.#seals.settleIfLarge([...segments].slice(0, -1))
    return reasons.length
  }

  /** The first leader epoch begins where the log does. */
  async #startEpochs(): Promise<void> {
    if (this.#state.epochs.truncateFromStart(this.#state.startOffset))
      await attempt('storing the leader epochs', () => this.#storeEpochs())
  }

  *#retainedSegments(): IterableIterator<RetainedSegment> {
    const { files } = this.#storage
    for (const segment of this.#state.segments) {
      const { sizeBytes, nextOffset } = segment
      yield { sizeBytes, nextOffset, timestampMs: segmentTimestamp(files, segment) }
    }
  }

  #delete(segment: Segment, kinds: readonly SegmentFileKind[] = ['.log', ...indexKinds]): void {
    for (const kind of kinds) this.#flusher.forget(segment.path(kind))
    this.#deleted.add(segment.markDeleted(kinds))
    this.#flusher.directoryChanged()
  }

  #removeSnapshots(isStale: (offset: number) => boolean): void {
    for (const path of this.#snapshots.removeWhere(isStale)) {
      this.#flusher.forget(path)
      // A later file of that name is another one, and must not be synced through the handle of this one.
      this.#storage.pool.drop(path)
    }
  }

  #storeEpochs(): Promise<void> {
    const { files, directory } = this.#storage
    return replaceFile(files, join(directory, leaderEpochCheckpointFile), this.#state.epochs.encode())
  }
}

async function attempt(doing: string, action: () => Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    throw storageError(doing, error)
  }
}
