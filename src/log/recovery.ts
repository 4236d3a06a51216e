import { join } from 'node:path'
import { CorruptionError } from '../base/errors.ts'
import { type CleanShutdown, isChanged, readCleanShutdown, unchangedSegment } from './clean-shutdown.ts'
import { whyDistrusted } from './clean-shutdown-check.ts'
import { judgeDamage } from './damage-verdict.ts'
import type { DurablePoint } from './durable-point.ts'
import { leaderEpochCheckpointFile, segmentFileName } from './file-names.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { LogConfig } from './log-config.ts'
import { type PartitionListing, listPartition } from './partition-listing.ts'
import { ProducerSnapshots } from './producer-snapshots.ts'
import { ProducerTable } from './producer-table.ts'
import { credibleStart, durablePoint, lastSegmentOf } from './recovery-evidence.ts'
import type { Cut } from './recovery-report.ts'
import { readWhole } from './replace-file.ts'
import { findNextBatch } from './scan.ts'
import { Segment, type SegmentStorage } from './segment.ts'
import { scanWholeSegment } from './segment-scan.ts'
import { sealedSegment } from './sealed-segment.ts'

const repairAdvice =
  'The log stays closed so that nothing is lost: `tidemark log verify` shows the extent, `tidemark log repair` ' +
  'keeps a copy and everything that is good'

/** What recovery knows before it looks at the log itself. */
export interface RecoveryInput {
  readonly storage: SegmentStorage
  readonly config: LogConfig
  /** First offset that may be read, as the checkpoint says. */
  readonly startOffset: number
  /** A recovery point from elsewhere, such as Kafka's checkpoint file of the log directory. */
  readonly recoveryPoint?: number
  readonly onProgress?: (progress: RecoveryProgress) => void
}

export interface RecoveryProgress {
  readonly file: string
  readonly scannedBytes: number
  readonly totalBytes: number
}

/** A log as it is to be taken up: what is good of it, and what on the disk is to be changed to match. */
export interface Recovered {
  readonly segments: Segment[]
  readonly producers: ProducerTable
  readonly snapshots: ProducerSnapshots
  readonly epochs: LeaderEpochs
  readonly startOffset: number
  readonly endOffset: number
  readonly durable: DurablePoint
  readonly cleanStop: boolean
  readonly distrusted: string | undefined
  /** Segments that were scanned: their files are to be synced and their indexes written. */
  readonly scanned: readonly Segment[]
  readonly scannedBytes: number
  readonly scannedBatches: number
  readonly cut: (Cut & { readonly keepCopy: boolean }) | undefined
  readonly lost: { readonly fromOffset: number; readonly toOffset: number } | undefined
  /** Base offsets of segments behind a torn one: not durable, not contiguous, to be set aside. */
  readonly setAside: readonly number[]
  /** Segments of which a truncation, or a deletion, that a crash interrupted has left too much: to be deleted. */
  readonly obsolete: readonly Segment[]
  /** The producers where a segment begins, for those whose snapshot is missing or wrong. */
  readonly lostSnapshots: ReadonlyMap<number, ProducerTable>
  readonly rebuilt: readonly string[]
}

/**
 * Finds out what a directory holds, without changing anything in it. After a clean stop names and sizes are
 * compared and the last batch is checked; else everything from the recovery point on is scanned.
 *
 * @throws CorruptionError when something that was durable is damaged
 */
export async function inspectPartition(given: RecoveryInput): Promise<Recovered> {
  const { files, directory } = given.storage
  const listing = listPartition(files, directory)
  const clean = readCleanShutdown(files, directory)
  const durable = durablePoint(given, clean)
  const input = { ...given, startOffset: credibleStart(given.startOffset, clean, durable) }
  const distrusted = clean && whyDistrusted(clean, input.storage, listing)
  if (clean !== undefined && distrusted === undefined) {
    const trusted = trust(clean, input, listing)
    if (trusted !== undefined) return trusted
  }
  const inspection = new Inspection(input, listing, durable, clean)
  const reason = clean === undefined ? undefined : (distrusted ?? 'a side file cannot be read')
  return inspection.run(reason)
}

/** Takes a cleanly closed log up from its sidecar; undefined when a side file cannot be read after all. */
function trust(clean: CleanShutdown, input: RecoveryInput, listing: PartitionListing): Recovered | undefined {
  const { storage } = input
  const { files, directory } = storage
  const snapshots = new ProducerSnapshots(files, directory, listing.snapshotOffsets)
  const loaded = snapshots.load(clean.endOffset)
  const epochs = readEpochs(input)
  if (loaded.fault !== undefined || epochs === undefined) return undefined
  const producers = new ProducerTable()
  producers.load(loaded.value)
  const segments = clean.segments.map((summary) => Segment.sealed(storage, summary))
  segments.at(-1)?.resume()
  const durable = { ...lastSegmentOf(clean), offset: clean.endOffset }
  return {
    segments,
    producers,
    snapshots,
    epochs,
    durable,
    startOffset: clean.startOffset,
    endOffset: clean.endOffset,
    cleanStop: true,
    distrusted: undefined,
    cut: undefined,
    lost: undefined,
    scanned: [],
    scannedBytes: 0,
    scannedBatches: 0,
    setAside: [],
    obsolete: [],
    rebuilt: [],
    lostSnapshots: new Map(),
  }
}

/** The epochs of the checkpoint file; undefined when it is missing or damaged. */
function readEpochs({ storage }: RecoveryInput): LeaderEpochs | undefined {
  const bytes = readWhole(storage.files, join(storage.directory, leaderEpochCheckpointFile), 64 * 1024 * 1024)
  return bytes && LeaderEpochs.decode(bytes.toString()).value
}

/** One scan of a directory that was not closed cleanly. */
class Inspection {
  readonly #input: RecoveryInput
  readonly #listing: PartitionListing
  readonly #durable: DurablePoint
  readonly #clean: CleanShutdown | undefined
  readonly #snapshots: ProducerSnapshots
  #producers = new ProducerTable()
  readonly #epochs: LeaderEpochs
  readonly #epochsKnown: boolean
  readonly #segments: Segment[] = []
  readonly #scanned: Segment[] = []
  readonly #rebuilt: string[] = []
  readonly #lostSnapshots = new Map<number, ProducerTable>()
  #scannedBytes = 0
  #scannedBatches = 0
  #cut: Recovered['cut']
  #lost: Recovered['lost']
  #setAside: readonly number[] = []
  readonly #obsolete: Segment[] = []

  constructor(
    input: RecoveryInput,
    listing: PartitionListing,
    durable: DurablePoint,
    clean: CleanShutdown | undefined,
  ) {
    const { files, directory } = input.storage
    this.#input = input
    this.#listing = listing
    this.#durable = durable
    this.#clean = clean
    this.#snapshots = new ProducerSnapshots(files, directory, listing.snapshotOffsets)
    const epochs = this.#trustedEpochs()
    this.#epochsKnown = epochs !== undefined
    this.#epochs = epochs ?? new LeaderEpochs()
    if (epochs === undefined && listing.baseOffsets.length > 0) this.#rebuilt.push(leaderEpochCheckpointFile)
  }

  /** Those of the checkpoint file, unless it is damaged, or not the one that was left, or empty though there are batches. */
  #trustedEpochs(): LeaderEpochs | undefined {
    const { files, directory } = this.#input.storage
    if (this.#clean !== undefined && isChanged(this.#clean, files, directory, leaderEpochCheckpointFile))
      return undefined
    const epochs = readEpochs(this.#input)
    return epochs?.latestEpoch === -1 && this.#listing.baseOffsets.length > 1 ? undefined : epochs
  }

  /** A segment before the recovery point: as the last clean stop left it, or by the tails of its indexes. */
  #sealedSegment(index: number): Segment | undefined {
    const { storage } = this.#input
    const { baseOffsets } = this.#listing
    const baseOffset = baseOffsets[index] as number
    if (this.#clean === undefined) return sealedSegment(storage, baseOffset, baseOffsets[index + 1] as number)
    const summary = unchangedSegment(this.#clean, storage.files, storage.directory, this.#listing, baseOffset)
    return summary && Segment.sealed(storage, summary)
  }

  async run(distrusted: string | undefined): Promise<Recovered> {
    this.#refuseMissingSegment()
    const { baseOffsets } = this.#listing
    for (let index = this.#takeSealedSegments(); index < baseOffsets.length; index++) {
      if (this.#isUnused(baseOffsets[index] as number)) continue
      if (this.#endsBefore(baseOffsets[index] as number)) {
        this.#setAside = baseOffsets.slice(index)
        break
      }
      const isEnd = await this.#scan(index)
      if (isEnd) break
    }
    return this.#result(distrusted)
  }

  /** A segment that was durable and is not there any more: no file is no empty file. */
  #refuseMissingSegment(): void {
    const { baseOffset, sizeBytes } = this.#durable
    const { baseOffsets } = this.#listing
    const [first = -1] = baseOffsets
    // What was durable lies before the start of the log, so nothing of it is missed.
    if (this.#durable.offset <= this.#input.startOffset) return
    // Retention takes segments from the front, and needs no record of it.
    if (sizeBytes === 0 || baseOffset < first || baseOffsets.includes(baseOffset)) return
    throw this.#corruption(baseOffset, -1, 'the file is missing')
  }

  /**
   * Takes the segments before the recovery point without scanning them, by the tails of their indexes, up to the
   * first that does not fit its own. Returns the index of the segment to scan from: that one, or one before it
   * when the producers, or the leader epochs, cannot be known otherwise.
   */
  #takeSealedSegments(): number {
    const { baseOffsets } = this.#listing
    const { baseOffset: durableBase, offset: durableEnd } = this.#durable
    // The segment that was active then has been sealed since, perhaps: its indexes are not known to be durable.
    const unsealedFrom = durableBase < 0 ? durableEnd : durableBase
    const recoveryFrom = this.#epochsKnown
      ? baseOffsets.findLastIndex((baseOffset) => baseOffset <= unsealedFrom)
      : 0
    for (let index = 0; index < recoveryFrom; index++) {
      const baseOffset = baseOffsets[index] as number
      const segment = this.#sealedSegment(index)
      if (segment === undefined) {
        this.#rebuilt.push(segmentFileName(baseOffset, '.index'))
        break
      }
      if (this.#hasHoleBefore(baseOffset)) break
      this.#segments.push(segment)
    }
    // The first segment too may have a snapshot where it begins, of those before it that retention deleted.
    for (; ; this.#segments.pop()) {
      const table = this.#snapshots.tableAt(baseOffsets[this.#segments.length] ?? 0)
      if (table !== undefined) this.#producers = table
      if (table !== undefined || this.#segments.length === 0) break
    }
    return this.#segments.length
  }

  /**
   * Whether the log ends before this segment, because the end of the one before, or a whole segment, never reached the
   * disk: like a torn tail, it was promised to no one. Of a log whose durable point is not known that cannot be told,
   * and the hole is refused, like any other; but not one that lies before the start of the log, which a deletion left.
   */
  #endsBefore(baseOffset: number): boolean {
    const { baseOffset: durableBase, offset } = this.#durable
    if (!this.#hasHoleBefore(baseOffset)) return false
    const previousEnd = this.#segments.at(-1)?.nextOffset ?? 0
    if (baseOffset <= this.#input.startOffset) this.#startAnew(baseOffset)
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

  /** What is known of producers goes with the segments that hold their batches, but for what a snapshot says. */
  #startAnew(baseOffset: number): void {
    this.#obsolete.push(...this.#segments.splice(0))
    this.#producers = this.#snapshots.tableAt(baseOffset) ?? new ProducerTable()
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

  /** Scans one segment. True when the log ends in it. */
  async #scan(index: number): Promise<boolean> {
    const { pool, directory } = this.#input.storage
    // Read across awaits: another log of the same pool must not have it closed meanwhile.
    const pin = pool.pin(join(directory, segmentFileName(this.#listing.baseOffsets[index] as number, '.log')))
    try {
      return await this.#scanPinned(index)
    } finally {
      pin.release()
    }
  }

  /**
   * A crash may have taken the snapshot where a segment begins. Truncation, and later the loss of the segments
   * before, need it: it is written again.
   */
  #keepProducers(baseOffset: number): void {
    // What the first one scanned begins with was read from its snapshot, or cannot be known.
    if (this.#scanned.length === 0 || this.#snapshots.holds(baseOffset, this.#producers)) return
    const table = new ProducerTable()
    table.load(this.#producers.entries())
    this.#lostSnapshots.set(baseOffset, table)
  }

  async #scanPinned(index: number): Promise<boolean> {
    const { storage, config, onProgress } = this.#input
    const { baseOffsets } = this.#listing
    const segment = Segment.blank(storage, baseOffsets[index] as number)
    const fileBytes = segment.file().sizeSync()
    this.#keepProducers(segment.baseOffset)
    const stop = await scanWholeSegment({
      segment,
      fileBytes,
      allowGaps: config.allowGaps,
      epochs: this.#epochs,
      durableOffset: this.#epochsKnown ? this.#durable.offset : 0,
      producers: this.#producers,
      onProgress: (scannedBytes) =>
        onProgress?.({ file: segment.path('.log'), scannedBytes, totalBytes: fileBytes }),
    })
    this.#segments.push(segment)
    this.#scanned.push(segment)
    this.#scannedBytes += segment.sizeBytes
    this.#scannedBatches += stop.batches
    if (stop.kind === 'end') return false
    const followed =
      (await findNextBatch(segment.file(), stop.position + 1, fileBytes, segment.nextOffset)) >= 0
    const isLast = index === baseOffsets.length - 1
    const verdict = judgeDamage(stop, segment, fileBytes, this.#durable, followed || !isLast)
    if (verdict === 'corrupt' || (verdict === 'shortened' && !isLast))
      throw this.#corruption(segment.baseOffset, stop.position, stop.reason)
    this.#cut = {
      file: segment.path('.log'),
      position: stop.position,
      bytes: fileBytes - stop.position,
      reason: stop.reason,
      keepCopy: followed || verdict === 'shortened',
    }
    this.#setAside = baseOffsets.slice(index + 1)
    return true
  }

  #result(distrusted: string | undefined): Recovered {
    const last = this.#segments.at(-1)
    const endOffset = last?.nextOffset ?? this.#input.startOffset
    const startOffset = Math.max(this.#input.startOffset, this.#segments[0]?.baseOffset ?? 0)
    const knownStart = Math.max(this.#input.startOffset, this.#clean?.startOffset ?? startOffset)
    if (startOffset > knownStart) this.#lost = { fromOffset: knownStart, toOffset: startOffset }
    if (endOffset < this.#durable.offset && this.#durable.offset > this.#input.startOffset)
      this.#lost = { fromOffset: endOffset, toOffset: this.#durable.offset }
    return {
      segments: this.#segments,
      producers: this.#producers,
      snapshots: this.#snapshots,
      epochs: this.#epochs,
      durable: this.#durable,
      cleanStop: false,
      distrusted,
      startOffset,
      endOffset,
      scanned: this.#scanned,
      scannedBytes: this.#scannedBytes,
      scannedBatches: this.#scannedBatches,
      cut: this.#cut,
      lost: this.#lost,
      setAside: this.#setAside,
      obsolete: this.#obsolete,
      rebuilt: this.#rebuilt,
      lostSnapshots: this.#lostSnapshots,
    }
  }

  #corruption(baseOffset: number, position: number, reason: string): CorruptionError {
    const path = join(this.#input.storage.directory, segmentFileName(baseOffset, '.log'))
    return new CorruptionError(path, position, reason, repairAdvice)
  }
}
