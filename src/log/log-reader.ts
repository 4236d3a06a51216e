import { assert } from '../base/assert.ts'
import { CorruptionError, OffsetOutOfRangeError } from '../base/errors.ts'
import { Batch } from '../batch/batch.ts'
import { currentMagic, noPartitionLeaderEpoch, recordBatchOverhead } from '../batch/format.ts'
import { headerCutShort, readBatchSize } from '../batch/iterate-batches.ts'
import { channels } from './channels.ts'
import type { FilePool } from './file-pool.ts'
import type { LogState } from './log-state.ts'
import type { Segment } from './segment.ts'
import { operatingError } from './storage-error.ts'

/** Whole batches as they are stored, back to back. The first may begin before the offset that was asked for. */
export interface BatchSlice {
  readonly buffer: Buffer
  /** Offset after the last of them: where to read on. */
  readonly nextOffset: number
}

/** Where a reader stands: remembered between reads, so that the next one needs no index. */
export interface ReadPosition {
  readonly offset: number
  readonly segment: Segment
  readonly position: number
  /** Size of the batch there, or 0 when its header was not looked at. */
  readonly batchBytes: number
  /** `LogState.cuts` when it was taken; after a cut it is looked up again. */
  readonly cuts: number
}

/** Where the bytes of slices come from. */
export interface ReadMemory {
  /** A buffer of `bytes`, with anything in it. */
  take(bytes: number): Buffer
  /** Takes back what nobody will look at any more: any slice of what {@link take} gave stands for all of it. */
  giveBack(buffer: Buffer): void
}

/** Fresh memory for each slice, which whoever gets it keeps for as long as he likes. */
const freshMemory: ReadMemory = { take: (bytes) => Buffer.allocUnsafeSlow(bytes), giveBack: () => {} }

/** How a slice is read. */
export interface SliceOptions {
  /** Where the last read ended: it is not looked up again. */
  readonly from?: ReadPosition | undefined
  /** Default `'unverified'`. */
  readonly verify?: VerifyScope
  /** What it is read to. Default: memory of its own. */
  readonly memory?: ReadMemory
}

/** What of a slice has its checksums computed: what this process has not verified before, or everything. */
export type VerifyScope = 'unverified' | 'all'

/** What is asked of one read, with all that was left open decided. */
interface WantedSlice {
  readonly offset: number
  readonly maxBytes: number
  readonly endOffset: number
  readonly verify: VerifyScope
  readonly memory: ReadMemory
}

/** What was read, and where to read on. */
interface SliceRead {
  readonly slice: BatchSlice
  readonly next: ReadPosition | undefined
}

/**
 * Reads of up to this size are synchronous: the page cache answers them in microseconds, less than the trip
 * through the thread pool costs. Larger ones go through the thread pool, so that a cold disk stalls no one else.
 */
const synchronousBytesMax = 64 * 1024

/**
 * What single batches are read to, over and over: memory that is fresh each time costs as much as the reading. Reads are
 * synchronous, so no two use it at once. Of what it could hold only what was used takes memory.
 */
const scratch = Buffer.allocUnsafeSlow(1024 * 1024)

/**
 * Reads slices of a log: offset to segment by binary search, index entry by binary search, then the batch by its
 * headers. Every byte has its checksum verified the first time this process hands it out.
 */
export class LogReader {
  readonly #state: LogState
  readonly #pool: FilePool
  readonly #directory: string

  constructor(state: LogState, pool: FilePool, directory: string) {
    this.#state = state
    this.#pool = pool
    this.#directory = directory
  }

  /**
   * Whole batches from the one that holds `offset` on: as many as fit `maxBytes`, but at least one, and none that
   * begins at or after `endOffset`. Empty at the end. Allocates what it returns and nothing else.
   *
   * @throws OffsetOutOfRangeError when `offset` is not in the log
   * @throws CorruptionError when the bytes are not what was written
   */
  readSync(offset: number, maxBytes: number, endOffset = this.#state.endOffset): BatchSlice {
    try {
      const at = this.#seek(offset, endOffset)
      if (at === undefined) return { buffer: Buffer.alloc(0), nextOffset: this.#endBehind(offset, endOffset) }
      return this.#readHere(at, { offset, maxBytes, endOffset, verify: 'unverified', memory: freshMemory })
        .slice
    } catch (error) {
      throw operatingError('reading the log', error)
    }
  }

  /** As {@link readSync}, without holding up the event loop for large reads. Also says where to read on. */
  async read(
    offset: number,
    maxBytes: number,
    endOffset = this.#state.endOffset,
    { from, verify = 'unverified', memory = freshMemory }: SliceOptions = {},
  ): Promise<SliceRead> {
    try {
      return await this.#read({ offset, maxBytes, endOffset, verify, memory }, from)
    } catch (error) {
      throw operatingError('reading the log', error)
    }
  }

  async #read(wanted: WantedSlice, from: ReadPosition | undefined): Promise<SliceRead> {
    const { offset, endOffset, memory } = wanted
    const at = this.#isCurrent(from, offset) ? from : this.#seek(offset, endOffset)
    if (at === undefined || offset >= endOffset)
      return {
        slice: { buffer: Buffer.alloc(0), nextOffset: this.#endBehind(offset, endOffset) },
        next: from,
      }
    const size = sliceSize(at, wanted.maxBytes)
    if (size <= synchronousBytesMax) return this.#readHere(at, wanted)
    const buffer = await this.#fetch(at.segment, at.position, memory.take(size))
    if (at.cuts === this.#state.cuts) return this.#deliver(at, buffer, wanted)
    // What was read may have been cut, and other batches put in its place, while it was on its way.
    memory.giveBack(buffer)
    return this.#readHere(this.#mustSeek(offset, endOffset), wanted)
  }

  /**
   * The one batch that holds `offset`, or the next one where compaction left a gap; undefined at the end. Its bytes are
   * good until the next call: what is to be kept of it is copied. Throws as {@link readSync} does.
   */
  readBatch(offset: number): Batch | undefined {
    try {
      const { endOffset } = this.#state
      const at = this.#seek(offset, endOffset)
      if (at === undefined) return undefined
      const size = sliceSize(at, 1)
      const target = size <= scratch.length ? scratch.subarray(0, size) : Buffer.allocUnsafeSlow(size)
      const bytes = this.#readBytes(at.segment, at.position, target)
      const wanted: WantedSlice = {
        offset,
        maxBytes: 1,
        endOffset,
        verify: 'unverified',
        memory: freshMemory,
      }
      const { slice } = this.#deliver(at, bytes, wanted)
      return slice.buffer.length === 0 ? undefined : new Batch(slice.buffer)
    } catch (error) {
      throw operatingError('reading the log', error)
    }
  }

  /** Where to read on when there is no batch from `offset` on: behind the gap, if compaction left one there. */
  #endBehind(offset: number, endOffset: number): number {
    if (offset >= endOffset) return offset
    assert(
      this.#state.config.allowGaps,
      `offset ${offset} is before the end, ${endOffset}, so a batch holds it`,
    )
    return endOffset
  }

  #isCurrent(from: ReadPosition | undefined, offset: number): from is ReadPosition {
    if (from?.offset !== offset || from.cuts !== this.#state.cuts) return false
    // Retention may have taken the segment away.
    if (offset < this.#state.startOffset) return false
    return from.position < from.segment.sizeBytes
  }

  /** The batch that holds `offset`, or the next one where compaction left a gap; undefined at the end. */
  #seek(offset: number, endOffset: number): ReadPosition | undefined {
    const { segments, cuts } = this.#state
    this.#mustHold(offset)
    if (offset >= endOffset) return undefined
    for (let index = segments.floorIndex(offset); index < segments.count; index++) {
      const segment = segments.at(index)
      const found = segment.locate(offset)
      if (found !== undefined)
        return { offset, segment, position: found.position, batchBytes: found.sizeBytes, cuts }
    }
    return undefined
  }

  #mustHold(offset: number): void {
    const { startOffset, endOffset } = this.#state
    if (offset < startOffset || offset > endOffset)
      throw new OffsetOutOfRangeError(offset, startOffset, endOffset)
  }

  #mustSeek(offset: number, endOffset: number): ReadPosition {
    const at = this.#seek(offset, endOffset)
    if (at === undefined)
      throw new OffsetOutOfRangeError(offset, this.#state.startOffset, this.#state.endOffset)
    return at
  }

  #readHere(at: ReadPosition, wanted: WantedSlice): SliceRead {
    const buffer = wanted.memory.take(sliceSize(at, wanted.maxBytes))
    return this.#deliver(at, this.#readBytes(at.segment, at.position, buffer), wanted)
  }

  /** What may be handed out of the bytes that begin at `at`; at least one batch. */
  #deliver(at: ReadPosition, buffer: Buffer, wanted: WantedSlice): SliceRead {
    const whole = this.#firstBatchWhole(at, buffer, wanted.memory)
    const { end, nextOffset } = this.#check(at, whole, wanted)
    const slice = { buffer: whole.subarray(0, end), nextOffset }
    const position = at.position + end
    const { segments, cuts } = this.#state
    if (position < at.segment.sizeBytes)
      return { slice, next: { ...at, offset: nextOffset, position, batchBytes: 0 } }
    const segment = segments.after(at.segment)
    return { slice, next: segment && { offset: nextOffset, segment, position: 0, batchBytes: 0, cuts } }
  }

  /** `buffer`, or a larger one when its first batch does not fit it. */
  #firstBatchWhole(at: ReadPosition, buffer: Buffer, memory: ReadMemory): Buffer {
    const { segment, position } = at
    const rest = segment.sizeBytes - position
    const header =
      buffer.length >= recordBatchOverhead
        ? buffer
        : this.#readBytes(segment, position, Buffer.allocUnsafe(Math.min(rest, recordBatchOverhead)))
    const size = readBatchSize(header, 0, rest)
    if (size < 0 || size > rest) throw this.#damage(segment, position, 'no batch begins here')
    if (size <= buffer.length) return buffer
    // Retention may have taken the segment away while the buffer was filled.
    this.#mustHold(at.offset)
    memory.giveBack(buffer)
    return this.#readBytes(segment, position, memory.take(size))
  }

  /**
   * Walks the batches and verifies those that were not yet. Returns where the last good one ends; what is damaged
   * behind good ones is met by the next read.
   */
  #check(
    at: ReadPosition,
    buffer: Buffer,
    { offset, endOffset, verify }: WantedSlice,
  ): { end: number; nextOffset: number } {
    const { segment } = at
    let end = 0
    let nextOffset = offset
    // Where the last read ended the next batch is due; where the index led, whichever holds the offset.
    let expected = at.position === 0 ? segment.baseOffset : at.batchBytes === 0 ? at.offset : -1
    while (end < buffer.length) {
      const size = readBatchSize(buffer, end)
      if (size === headerCutShort || end + size > buffer.length) break
      const position = at.position + end
      const batch = new Batch(buffer, end)
      const isDue = verify === 'all' || position + size > segment.verifiedBytes
      const fault = isDue ? this.#fault(batch, expected) : undefined
      if (fault !== undefined) {
        if (end > 0) break
        throw this.#damage(segment, position, fault)
      }
      if (batch.baseOffset >= endOffset) {
        // Only a gap is left before the end: whoever reads on begins behind it.
        if (end === 0) nextOffset = endOffset
        break
      }
      end += size
      nextOffset = batch.nextOffset
      expected = nextOffset
      if (segment.verifiedBytes === position) segment.verifiedBytes += size
    }
    return { end, nextOffset }
  }

  /**
   * The checksum covers all but the first 21 bytes of a batch; of those, the offset must follow the one before,
   * and the epoch must be the one that led then.
   */
  #fault(batch: Batch, expected: number): string | undefined {
    const { config, epochs } = this.#state
    const fault = batch.fault()
    if (fault !== undefined) return fault
    const { baseOffset, partitionLeaderEpoch } = batch
    const follows = config.allowGaps ? baseOffset >= expected : baseOffset === expected
    if (expected >= 0 && !follows && batch.magic === currentMagic)
      return `the batch begins with offset ${baseOffset} where ${expected} is due`
    const epoch = epochs.epochFor(batch.lastOffset)
    // -1 is none, as of batches from before there were any; another negative one was never written.
    if (partitionLeaderEpoch !== noPartitionLeaderEpoch && epoch >= 0 && epoch !== partitionLeaderEpoch)
      return `the batch carries leader epoch ${partitionLeaderEpoch} where ${epoch} led`
    return undefined
  }

  /** Fills `buffer`. */
  #readBytes(segment: Segment, position: number, buffer: Buffer): Buffer {
    const file = segment.file()
    for (let at = 0; at < buffer.length; ) {
      const count = file.readSync(buffer, at, buffer.length - at, position + at)
      if (count === 0) throw this.#damage(segment, position + at, 'the file ends before the batches it had')
      at += count
    }
    return buffer
  }

  /** As {@link #readBytes}, through the thread pool. */
  async #fetch(segment: Segment, position: number, buffer: Buffer): Promise<Buffer> {
    const pin = this.#pool.pin(segment.path('.log'))
    const { cuts } = this.#state
    try {
      for (let at = 0; at < buffer.length; ) {
        const count = await pin.file.read(buffer, at, buffer.length - at, position + at)
        if (cuts !== this.#state.cuts) break
        if (count === 0) throw this.#damage(segment, position + at, 'the file ends before the batches it had')
        at += count
      }
      return buffer
    } finally {
      pin.release()
    }
  }

  #damage(segment: Segment, position: number, reason: string): CorruptionError {
    const advice =
      'Nothing damaged is handed out. `tidemark log verify` shows the extent, `tidemark log repair` keeps what is good'
    const error = new CorruptionError(segment.path('.log'), position, reason, advice)
    if (channels.damage.hasSubscribers) channels.damage.publish({ directory: this.#directory, error })
    return error
  }
}

/** Bytes to fetch: `maxBytes` or the first batch, whichever is more, but not beyond the segment. */
function sliceSize({ segment, position, batchBytes }: ReadPosition, maxBytes: number): number {
  return Math.min(Math.max(maxBytes, batchBytes), segment.sizeBytes - position)
}
