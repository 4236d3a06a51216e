import { join } from 'node:path'
import { CorruptionError } from '../base/errors.ts'
import { judgeDamage } from './damage-verdict.ts'
import { leaderEpochCheckpointFile, segmentFileName } from './file-names.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import { ProducerSnapshots } from './producer-snapshots.ts'
import { ProducerTable } from './producer-table.ts'
import type { InspectionInput, Recovered } from './recovery.ts'
import { readEpochs } from './recovery-evidence.ts'
import type { PassedOver } from './recovery-report.ts'
import { Segment } from './segment.ts'
import { planSegments } from './segment-plan.ts'
import { scanReadableSegment, type SegmentScanned } from './segment-scan.ts'
import { findNextBatch } from './scan.ts'

const repairAdvice =
  'The log stays closed so that nothing is lost: `tidemark log verify` shows the extent, `tidemark log repair` ' +
  'keeps a copy and everything that is good'

/** One scan of a directory that was not closed cleanly. */
export class Inspection {
  readonly #given: InspectionInput
  readonly #input: InspectionInput['input']
  readonly #snapshots: ProducerSnapshots
  #producers = new ProducerTable()
  readonly #epochs: LeaderEpochs
  readonly #segments: Segment[] = []
  readonly #scanned: Segment[] = []
  readonly #rebuilt: string[] = []
  readonly #lostSnapshots = new Map<number, ProducerTable>()
  readonly #passedOver: PassedOver[] = []
  /** The segment before was scanned, so that the producers are known where the next one begins. */
  #isScanning = false
  #scannedBytes = 0
  #scannedBatches = 0
  #cut: Recovered['cut']
  #lost: Recovered['lost']
  #setAside: readonly number[] = []
  readonly #obsolete: Segment[] = []
  #doubtsEpochs = false

  constructor(given: InspectionInput) {
    const { input, listing, epochs } = given
    this.#given = given
    this.#input = input
    this.#snapshots = new ProducerSnapshots(
      input.storage.files,
      input.storage.directory,
      listing.snapshotOffsets,
    )
    this.#epochs = epochs ?? new LeaderEpochs()
    if (epochs === undefined && listing.baseOffsets.length > 0) this.#rebuilt.push(leaderEpochCheckpointFile)
  }

  /** A batch was met that disagrees with the epochs that were given. */
  get doubtsEpochs(): boolean {
    return this.#doubtsEpochs
  }

  get #epochsKnown(): boolean {
    return this.#given.epochs !== undefined
  }

  /** @throws CorruptionError when something that was durable is damaged */
  async run(): Promise<Recovered> {
    const { storage, startOffset } = this.#input
    const { baseOffsets } = this.#given.listing
    this.#refuseMissingSegment()
    const { trusted, changed } = planSegments({
      ...this.#given,
      ...{ storage, startOffset, snapshots: this.#snapshots, epochsKnown: this.#epochsKnown },
    })
    this.#rebuilt.push(...changed)
    for (const [index, baseOffset] of baseOffsets.entries()) {
      if (this.#isUnused(baseOffset)) continue
      if (this.#endsBefore(baseOffset)) {
        this.#setAside = baseOffsets.slice(index)
        break
      }
      const isEnd = await this.#take(index, trusted.get(index))
      if (isEnd) break
    }
    return this.#result()
  }

  /** A segment that was durable and is not there any more: no file is no empty file. */
  #refuseMissingSegment(): void {
    const { baseOffset, sizeBytes } = this.#given.durable
    const { baseOffsets } = this.#given.listing
    const [first = -1] = baseOffsets
    // What was durable lies before the start of the log, so nothing of it is missed.
    if (this.#given.durable.offset <= this.#input.startOffset) return
    // Retention takes segments from the front, and needs no record of it.
    if (sizeBytes === 0 || baseOffset < first || baseOffsets.includes(baseOffset)) return
    throw this.#corruption(baseOffset, -1, 'the file is missing')
  }

  /**
   * Whether the log ends before this segment, because the end of the one before, or a whole segment, never reached the
   * disk: like a torn tail, it was promised to no one. Of a log whose durable point is not known that cannot be told,
   * and the hole is refused, like any other; but not one that lies before the start of the log, which a deletion left.
   */
  #endsBefore(baseOffset: number): boolean {
    const { baseOffset: durableBase, offset } = this.#given.durable
    if (!this.#hasHoleBefore(baseOffset)) return false
    const previousEnd = this.#segments.at(-1)?.nextOffset ?? 0
    if (baseOffset <= this.#input.startOffset) this.#startAnew()
    // Of what was durable, too, nothing is missed that lies before the start.
    else if (durableBase >= 0 && Math.max(previousEnd, this.#input.startOffset) >= offset) return true
    else
      throw this.#corruption(
        baseOffset,
        -1,
        `the segment before ends with offset ${previousEnd - 1}: what lies between is missing`,
      )
    return false
  }

  /** The log begins with the next segment. What is known of producers goes with those before, but for what a snapshot says. */
  #startAnew(): void {
    this.#obsolete.push(...this.#segments.splice(0))
    this.#isScanning = false
  }

  /** An empty segment before the end of another: a truncation made it that a crash interrupted before it cut anything. */
  #isUnused(baseOffset: number): boolean {
    if ((this.#segments.at(-1)?.nextOffset ?? 0) <= baseOffset) return false
    const segment = Segment.blank(this.#input.storage, baseOffset)
    if (segment.file().sizeSync() > 0) return false
    this.#obsolete.push(segment)
    return true
  }

  #hasHoleBefore(baseOffset: number): boolean {
    const previous = this.#segments.at(-1)
    if (previous === undefined || previous.nextOffset === baseOffset) return false
    return !this.#input.config.allowGaps || previous.nextOffset > baseOffset
  }

  /** Takes the next segment up as it is, if it is `trusted`, or by scanning it. True when the log ends in it. */
  async #take(index: number, trusted: Segment | undefined): Promise<boolean> {
    if (trusted !== undefined) {
      this.#segments.push(trusted)
      this.#isScanning = false
      return false
    }
    const { pool, directory } = this.#input.storage
    const baseOffset = this.#given.listing.baseOffsets[index] as number
    this.#recallProducers(baseOffset)
    // Read across awaits: another log of the same pool must not have it closed meanwhile.
    const pin = pool.pin(join(directory, segmentFileName(baseOffset, '.log')))
    try {
      return await this.#scan(index, Segment.blank(this.#input.storage, baseOffset))
    } finally {
      pin.release()
    }
  }

  /**
   * Begins with the producers of the snapshot for `baseOffset`, unless they are known from what was scanned before. Then it
   * is the snapshot that a crash may have taken. Truncation, and later the loss of the segments before, need it: it is
   * written again.
   */
  #recallProducers(baseOffset: number): void {
    if (!this.#isScanning) this.#producers = this.#snapshots.tableAt(baseOffset) ?? new ProducerTable()
    else if (!this.#snapshots.holds(baseOffset, this.#producers)) {
      const table = new ProducerTable()
      table.load(this.#producers.entries())
      this.#lostSnapshots.set(baseOffset, table)
    }
    this.#isScanning = true
  }

  async #scan(index: number, segment: Segment): Promise<boolean> {
    const { config, startOffset, onProgress } = this.#input
    const { durable, listing } = this.#given
    const nextBaseOffset = listing.baseOffsets[index + 1]
    const fileBytes = segment.file().sizeSync()
    const { passedOver, ...stop } = await scanReadableSegment({
      ...{ segment, fileBytes, startOffset, nextBaseOffset, durableOffset: durable.offset },
      allowGaps: config.allowGaps,
      epochs: this.#epochs,
      epochsKnown: this.#epochsKnown,
      producers: this.#producers,
      onEpochDoubt: () => {
        this.#doubtsEpochs = true
      },
      onProgress: (scannedBytes) =>
        onProgress?.({ file: segment.path('.log'), scannedBytes, totalBytes: fileBytes }),
    })
    this.#passedOver.push(...passedOver)
    this.#segments.push(segment)
    this.#scanned.push(segment)
    this.#scannedBytes += segment.sizeBytes
    this.#scannedBatches += stop.batches
    // Of the producers a snapshot that is there knows more than is left.
    if (passedOver.length > 0 && this.#snapshots.tableAt(nextBaseOffset ?? -1) !== undefined)
      this.#isScanning = false
    if (stop.kind === 'end') return false
    if (nextBaseOffset !== undefined && nextBaseOffset <= startOffset) {
      this.#passOverRest(segment, stop, fileBytes)
      return false
    }
    await this.#cutAt(segment, stop, fileBytes, index)
    return true
  }

  /** Nobody may read what is left of `segment`, nor what came before it. */
  #passOverRest(segment: Segment, { position, reason }: SegmentScanned, fileBytes: number): void {
    this.#passedOver.push({ file: segment.path('.log'), position, bytes: fileBytes - position, reason })
    this.#startAnew()
  }

  async #cutAt(segment: Segment, stop: SegmentScanned, fileBytes: number, index: number): Promise<void> {
    const { baseOffsets } = this.#given.listing
    const { durable } = this.#given
    const { position, reason } = stop
    const followed = (await findNextBatch(segment.file(), position + 1, fileBytes, segment.nextOffset)) >= 0
    const isLast = index === baseOffsets.length - 1
    const end = {
      baseOffset: segment.baseOffset,
      offset: Math.max(segment.nextOffset, this.#input.startOffset),
    }
    const verdict = judgeDamage(stop, end, fileBytes, durable, followed || !isLast)
    if (verdict === 'corrupt' || (verdict === 'shortened' && !isLast))
      throw this.#corruption(segment.baseOffset, position, reason)
    const keepCopy = followed || verdict === 'shortened'
    this.#cut = { file: segment.path('.log'), position, bytes: fileBytes - position, reason, keepCopy }
    this.#setAside = baseOffsets.slice(index + 1)
  }

  #result(): Recovered {
    const { durable, clean, distrusted } = this.#given
    const last = this.#segments.at(-1)
    const endOffset = last?.nextOffset ?? this.#input.startOffset
    const startOffset = Math.max(this.#input.startOffset, this.#segments[0]?.baseOffset ?? 0)
    const knownStart = Math.max(this.#input.startOffset, clean?.startOffset ?? startOffset)
    if (startOffset > knownStart) this.#lost = { fromOffset: knownStart, toOffset: startOffset }
    if (endOffset < durable.offset && durable.offset > this.#input.startOffset)
      this.#lost = { fromOffset: endOffset, toOffset: durable.offset }
    this.#keepBegunEpoch(endOffset)
    return {
      segments: this.#segments,
      producers: this.#producers,
      snapshots: this.#snapshots,
      epochs: this.#epochs,
      durable,
      cleanStop: false,
      distrusted,
      startOffset,
      endOffset,
      names: this.#given.listing.names,
      scanned: this.#scanned,
      scannedBytes: this.#scannedBytes,
      scannedBatches: this.#scannedBatches,
      cut: this.#cut,
      lost: this.#lost,
      passedOver: this.#passedOver,
      setAside: this.#setAside,
      obsolete: this.#obsolete,
      rebuilt: this.#rebuilt,
      lostSnapshots: this.#lostSnapshots,
    }
  }

  /** Of an epoch that has begun, and in which nothing was written, the batches know nothing. */
  #keepBegunEpoch(endOffset: number): void {
    if (this.#epochsKnown) return
    const { epoch = -1, startOffset = -1 } = readEpochs(this.#input.storage)?.entries.at(-1) ?? {}
    if (startOffset >= endOffset && epoch > this.#epochs.latestEpoch) this.#epochs.assign(epoch, endOffset)
  }

  #corruption(baseOffset: number, position: number, reason: string): CorruptionError {
    const path = join(this.#input.storage.directory, segmentFileName(baseOffset, '.log'))
    return new CorruptionError(path, position, reason, repairAdvice)
  }
}
