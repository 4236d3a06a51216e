import type { Batch } from '../batch/batch.ts'
import type { File } from '../env/env.ts'
import { scanSegment } from './scan.ts'
import { checkRecords } from './verify-records.ts'
import { findResumption, firstOffsetOf, type SegmentBounds } from './verify-resync.ts'
import { restoreStamp, stampOf } from './verify-stamp.ts'
import { wholeBatch } from './walk.ts'

/** Bytes of a segment that are no good batch: `[position, endPosition)`, where the offsets of the range should be. */
export interface Damage {
  readonly position: number
  readonly endPosition: number
  readonly fromOffset: number
  /** Where good batches go on; undefined when none follow, here or in a later segment. */
  readonly toOffset: number | undefined
  readonly reason: string
  /** The first 17 bytes as they must have been, if they alone are damaged: then nothing is lost. */
  readonly stamp: Buffer | undefined
  /** Largest timestamp of the last good batch before, -1 without. */
  readonly timestampBefore: number
}

/** The end of a log that a crash left in pieces, where nothing was promised to anyone. The next open cuts it. */
export interface TornTail {
  readonly position: number
  readonly bytes: number
  readonly reason: string
  /** Good batches stand somewhere in it: the next open keeps a copy. */
  readonly holdsBatches: boolean
}

/** What reading one segment from beginning to end showed. */
export interface SegmentSurvey {
  readonly baseOffset: number
  readonly fileBytes: number
  readonly nextOffset: number
  readonly batches: number
  readonly records: number
  readonly damages: readonly Damage[]
  readonly torn: TornTail | undefined
  /** Batches whose records could not be looked at, and why, for the first of them. */
  readonly unread: { readonly batches: number; readonly reason: string } | undefined
  /** Largest timestamp of the last good batch, here or before; -1 without. */
  readonly lastTimestamp: number
}

export interface SegmentPlace extends Omit<SegmentBounds, 'endPosition'> {
  readonly file: File
  readonly baseOffset: number
  readonly epochFor: (offset: number) => number
  /** Largest timestamp of the last batch before the segment, -1 without. */
  readonly timestampBefore: number
}

/** Told what a survey meets, in the order of the file. */
export interface SegmentVisitor {
  /** A good batch, or one whose stamp could be restored. Whole in its buffer, which is valid during the call only. */
  onBatch(batch: Batch, position: number): void
  /** Good batches go on at `endPosition`, with `toOffset`; `isLoss` says whether some are lost before. */
  onDamage(endPosition: number, toOffset: number, isLoss: boolean): void
  onProgress(checkedBytes: number): void
}

/** Longest stretch of damage that is looked at as one batch. */
const restoredBytesMax = 128 * 1024 * 1024

/** Ends a scan, to go on at the same batch in another turn of the event loop. */
const pause = 'a pause'

/** Work of about ten milliseconds between two pauses: bytes, and for each record as much as so many bytes. */
const workMax = 4 * 1024 * 1024
const workPerRecord = 200

/** Reads a segment to its end, also past damage: so all of it is found. Changes nothing. */
export async function surveySegment(place: SegmentPlace, visitor: SegmentVisitor): Promise<SegmentSurvey> {
  const survey = new Survey(place, visitor)
  await survey.run()
  return survey
}

class Survey implements SegmentSurvey {
  readonly baseOffset: number
  readonly fileBytes: number
  nextOffset: number
  batches = 0
  records = 0
  lastTimestamp: number
  readonly damages: Damage[] = []
  torn: TornTail | undefined
  unread: { batches: number; reason: string } | undefined
  readonly #place: SegmentPlace
  readonly #bounds: SegmentBounds
  readonly #visitor: SegmentVisitor
  #work = 0

  constructor(place: SegmentPlace, visitor: SegmentVisitor) {
    this.#place = place
    this.#visitor = visitor
    this.baseOffset = place.baseOffset
    this.nextOffset = place.baseOffset
    this.lastTimestamp = place.timestampBefore
    this.fileBytes = place.file.sizeSync()
    this.#bounds = { ...place, endPosition: this.fileBytes }
  }

  async run(): Promise<void> {
    for (let start = 0; start < this.fileBytes && this.torn === undefined; ) {
      const stop = await scanSegment(this.#place.file, {
        start,
        end: this.fileBytes,
        onBatch: (batch, position) => this.#check(batch, position),
        // oxlint-disable-next-line no-loop-func -- called within this turn of the loop only
        onProgress: (scannedBytes) => this.#visitor.onProgress(start + scannedBytes),
      })
      // Each scan begins by waiting for a read, and so lets others have their turn.
      if (stop.reason === pause) start = stop.position
      else start = stop.kind === 'end' ? this.fileBytes : await this.#passDamage(stop.position, stop.reason)
    }
  }

  /** Takes a batch with a right checksum in, unless it may not stand here. */
  #check(view: Batch, position: number): string | undefined {
    if (this.#work > workMax) {
      this.#work = 0
      return pause
    }
    const fault = this.#misplacement(view)
    if (fault !== undefined) return fault
    // Of a batch larger than the scan's window only the header is in the view.
    const isWhole = view.endPosition <= view.buffer.length
    const batch = isWhole ? view : wholeBatch(this.#place.file, view, position)
    const check = checkRecords(batch)
    this.#work += check.bytes + check.records * workPerRecord
    if (check.fault !== undefined) return check.fault
    if (check.note !== undefined)
      this.unread = { batches: (this.unread?.batches ?? 0) + 1, reason: check.note }
    this.batches++
    this.records += check.records
    this.#take(batch, position)
    return undefined
  }

  #misplacement(batch: Batch): string | undefined {
    const { nextBaseOffset = Number.POSITIVE_INFINITY, allowGaps } = this.#place
    const first = firstOffsetOf(batch)
    const { lastOffset } = batch
    const isLegacyOrSparse = allowGaps || batch.magic < 2
    if (isLegacyOrSparse ? first < this.nextOffset : first !== this.nextOffset)
      return `the batch begins with offset ${first} where ${this.nextOffset} is due`
    if (lastOffset >= nextBaseOffset) return `offset ${lastOffset} belongs into the next segment`
    if (lastOffset - this.baseOffset > 2 ** 31 - 1) return `offset ${lastOffset} does not fit the segment`
    return undefined
  }

  #take(batch: Batch, position: number): void {
    this.#visitor.onBatch(batch, position)
    this.nextOffset = batch.nextOffset
    this.lastTimestamp = batch.maxTimestamp
  }

  /** Notes what is wrong at `position`. Returns where to go on. */
  async #passDamage(position: number, reason: string): Promise<number> {
    const { durableOffset, nextBaseOffset } = this.#place
    const due = this.nextOffset
    const resumption = await findResumption(this.#bounds, position, due)
    const goesOn = resumption !== undefined || nextBaseOffset !== undefined
    if (durableOffset === undefined ? !goesOn : due >= durableOffset) {
      this.torn = {
        position,
        bytes: this.fileBytes - position,
        reason,
        holdsBatches: resumption !== undefined,
      }
      return this.fileBytes
    }
    const endPosition = resumption?.position ?? this.fileBytes
    const toOffset = resumption?.offset ?? nextBaseOffset
    const timestampBefore = this.lastTimestamp
    const stamp = this.#restore(position, endPosition, toOffset)
    if (stamp === undefined) this.#skipTo(endPosition, toOffset)
    this.damages.push({ position, endPosition, fromOffset: due, toOffset, reason, stamp, timestampBefore })
    return endPosition
  }

  #skipTo(endPosition: number, toOffset: number | undefined): void {
    const isLoss = toOffset !== this.nextOffset
    this.nextOffset = toOffset ?? this.nextOffset
    this.#visitor.onDamage(endPosition, toOffset ?? Number.POSITIVE_INFINITY, isLoss)
  }

  #restore(position: number, endPosition: number, followingOffset: number | undefined): Buffer | undefined {
    const { file, epochFor, allowGaps } = this.#place
    const length = endPosition - position
    if (length > restoredBytesMax) return undefined
    const bytes = Buffer.allocUnsafe(length)
    if (file.readSync(bytes, 0, length, position) < length) return undefined
    const batch = restoreStamp(bytes, { due: this.nextOffset, followingOffset, epoch: epochFor, allowGaps })
    if (batch === undefined) return undefined
    this.#take(batch, position)
    return stampOf(batch)
  }
}
