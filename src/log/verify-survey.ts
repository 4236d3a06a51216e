import { join } from 'node:path'
import { NotALogError } from '../base/errors.ts'
import type { Batch } from '../batch/batch.ts'
import type { Env, File, Files } from '../env/env.ts'
import { durablePointFile } from './durable-point.ts'
import { segmentFileName } from './file-names.ts'
import { type PartitionListing, listPartition, mustBeDirectory } from './partition-listing.ts'
import { ProducerSnapshots } from './producer-snapshots.ts'
import type { AbortedTransaction } from './transaction-index.ts'
import { holdEnd, holdEpochs } from './verify-ends.ts'
import { EpochSurvey, type EpochVerdict } from './verify-epochs.ts'
import { counted, Findings } from './verify-findings.ts'
import { IndexSurvey } from './verify-indexes.ts'
import { nameOtherFiles } from './verify-other-files.ts'
import { ProducerReplay, type ReplayedAbort } from './verify-producers.ts'
import type { VerifyOptions } from './verify-report.ts'
import { type SegmentSurvey, surveySegment } from './verify-segment.ts'
import { type Evidence, readEvidence, type SurveyedDirectory } from './verify-side-files.ts'
import { checkTransactions } from './verify-transactions.ts'

/** A segment of the log, and which of its derived files are to be made again. */
export interface SurveyedSegment extends SegmentSurvey {
  /** Where the next segment begins, if that is later than where this one ends: what lies between is missing. */
  readonly missingTo: number | undefined
  /** What its transaction index should hold. */
  readonly aborted: readonly AbortedTransaction[]
}

/** Everything that reading a directory from beginning to end showed. */
export interface DirectorySurvey {
  readonly findings: Findings
  readonly listing: PartitionListing
  readonly evidence: Evidence
  /** Up to the torn one, if there is one. */
  readonly segments: readonly SurveyedSegment[]
  readonly epochs: EpochVerdict
  readonly startOffset: number
  readonly endOffset: number
}

/**
 * Reads a whole directory and checks every file of it, without changing anything.
 *
 * @throws NotALogError when nothing of a log is there
 */
export async function surveyDirectory(
  env: Env,
  directory: string,
  options: VerifyOptions,
): Promise<DirectorySurvey> {
  mustBeDirectory(env.files, directory)
  const listing = listPartition(env.files, directory)
  if (listing.baseOffsets.length === 0 && !listing.names.has(durablePointFile))
    throw new NotALogError(`${directory} holds no log: there is no .log file in it`)
  return new DirectoryReader(env.files, directory, listing, options).run()
}

class DirectoryReader {
  readonly #options: VerifyOptions
  readonly #surveyed: SurveyedDirectory
  readonly #evidence: Evidence
  readonly #epochs: EpochSurvey
  readonly #replay: ProducerReplay
  readonly #segments: SurveyedSegment[] = []
  readonly #totalBytes: number
  /** Index files of the segments before this offset are used as they are, and snapshots up to it. */
  readonly #usedBefore: number
  #checkedBytes = 0

  constructor(files: Files, directory: string, listing: PartitionListing, options: VerifyOptions) {
    const { baseOffsets } = listing
    this.#options = options
    this.#surveyed = { files, directory, listing, findings: new Findings(files, directory) }
    this.#evidence = readEvidence(this.#surveyed, options.isOpen ?? false)
    const { durable, clean, epochs, startOffset } = this.#evidence
    this.#usedBefore =
      clean === undefined ? (durable?.baseOffset ?? baseOffsets.at(-1) ?? 0) : Number.POSITIVE_INFINITY
    this.#epochs = new EpochSurvey({ checkpoint: epochs, startOffset, durableOffset: durable?.offset })
    const snapshots = new ProducerSnapshots(files, directory, listing.snapshotOffsets)
    this.#replay = new ProducerReplay(
      snapshots,
      baseOffsets[0] ?? 0,
      options.allowGaps ?? false,
      (offset, reason) =>
        this.#surveyed.findings
          .of(segmentFileName(offset, '.snapshot'))
          .fault(offset > this.#usedBefore, -1, reason),
    )
    for (const offset of listing.snapshotOffsets)
      this.#surveyed.findings.of(segmentFileName(offset, '.snapshot')).note(`producers at offset ${offset}`)
    this.#totalBytes = baseOffsets.reduce((sum, each) => sum + this.#sizeOf(each), 0)
  }

  async run(): Promise<DirectorySurvey> {
    const { listing, findings } = this.#surveyed
    for (const [index, baseOffset] of listing.baseOffsets.entries()) {
      this.#options.signal?.throwIfAborted()
      const segment = await this.#read(baseOffset, listing.baseOffsets[index + 1])
      this.#segments.push(segment)
      if (segment.torn === undefined) continue
      this.#setAside(listing.baseOffsets.slice(index + 1))
      break
    }
    const epochs = this.#epochs.judge()
    for (const offset of this.#replay.beyond)
      findings.of(segmentFileName(offset, '.snapshot')).stale(`beyond the end of the log, ${this.#endOffset}`)
    holdEpochs(this.#surveyed, this.#evidence, epochs, this.#endOffset)
    holdEnd(this.#surveyed, this.#evidence, this.#endOffset)
    nameOtherFiles(this.#surveyed, this.#options.isOpen ?? false)
    const startOffset = Math.max(this.#evidence.startOffset, listing.baseOffsets[0] ?? 0)
    const endOffset = Math.max(this.#endOffset, startOffset)
    return {
      findings,
      listing,
      evidence: this.#evidence,
      segments: this.#segments,
      epochs,
      startOffset,
      endOffset,
    }
  }

  get #endOffset(): number {
    return this.#segments.at(-1)?.nextOffset ?? 0
  }

  #sizeOf(baseOffset: number): number {
    const { files, directory } = this.#surveyed
    return files.statSync(join(directory, segmentFileName(baseOffset, '.log')))?.sizeBytes ?? 0
  }

  async #read(baseOffset: number, nextBaseOffset: number | undefined): Promise<SurveyedSegment> {
    const { files, directory, findings } = this.#surveyed
    const isUsed = baseOffset < this.#usedBefore
    const indexes = new IndexSurvey(files, directory, baseOffset, findings, { isUsed })
    const aborted: ReplayedAbort[] = []
    this.#replay.beginSegment()
    const file = files.openSync(join(directory, segmentFileName(baseOffset, '.log')), 'read')
    try {
      const survey = await this.#survey(file, baseOffset, nextBaseOffset, indexes, aborted)
      indexes.end()
      const { nextOffset } = survey
      this.#replay.reach(nextOffset)
      const isExact = this.#replay.isExact
      const duty = { baseOffset, nextOffset, replayed: aborted, isExact, isUsed }
      const known = checkTransactions(files, directory, findings, duty)
      const missingTo = this.#missingTo(survey, nextBaseOffset)
      this.#tell(survey)
      return { ...fieldsOf(survey), missingTo, aborted: known }
    } finally {
      file.closeSync()
    }
  }

  #survey(
    file: File,
    baseOffset: number,
    nextBaseOffset: number | undefined,
    indexes: IndexSurvey,
    aborted: ReplayedAbort[],
  ): Promise<SegmentSurvey> {
    const { signal, onProgress, allowGaps = false } = this.#options
    const before = this.#checkedBytes
    const place = {
      file,
      baseOffset,
      nextBaseOffset,
      allowGaps,
      durableOffset: this.#evidence.durable?.offset,
      epochFor: (offset: number) => this.#epochs.epochFor(offset),
      timestampBefore: this.#segments.at(-1)?.lastTimestamp ?? -1,
    }
    return surveySegment(place, {
      onBatch: (batch: Batch, position: number) => {
        signal?.throwIfAborted()
        indexes.onBatch(batch, position)
        this.#epochs.add(batch, position, baseOffset)
        const transaction = this.#replay.apply(batch)
        if (transaction !== undefined) aborted.push(transaction)
      },
      onDamage: (endPosition, toOffset, isLoss) => {
        indexes.onDamage(endPosition, toOffset)
        if (isLoss) this.#replay.lose()
      },
      onProgress: (checkedBytes) => {
        signal?.throwIfAborted()
        this.#checkedBytes = before + checkedBytes
        const totalBytes = Math.max(this.#totalBytes, this.#checkedBytes)
        onProgress?.({
          file: segmentFileName(baseOffset, '.log'),
          checkedBytes: this.#checkedBytes,
          totalBytes,
        })
      },
    })
  }

  /** A gap between a segment that is whole and the next one: files are missing. */
  #missingTo({ nextOffset, torn }: SegmentSurvey, nextBaseOffset = nextOffset): number | undefined {
    const { allowGaps = false } = this.#options
    if (torn !== undefined || allowGaps || nextOffset >= nextBaseOffset) return undefined
    const reason = `the file is missing, with the offsets ${nextOffset} to ${nextBaseOffset - 1}`
    this.#surveyed.findings.of(segmentFileName(nextOffset, '.log')).damage(-1, reason)
    this.#replay.lose()
    return nextBaseOffset
  }

  #tell({ baseOffset, nextOffset, batches, records, damages, torn, unread }: SegmentSurvey): void {
    const finding = this.#surveyed.findings.of(segmentFileName(baseOffset, '.log'))
    const offsets = nextOffset > baseOffset ? `, offsets ${baseOffset}-${nextOffset - 1}` : ''
    finding.note(`${counted(batches, 'batch', 'batches')}, ${counted(records, 'record')}${offsets}`)
    for (const { position, reason } of damages) finding.damage(position, reason)
    if (unread !== undefined)
      finding.note(`${counted(unread.batches, 'batch', 'batches')} not looked into: ${unread.reason}`)
    if (torn === undefined) return
    const copy = torn.holdsBatches ? ', a copy kept in quarantine' : ''
    finding.stale(`torn tail of ${torn.bytes} bytes, will be cut at the next open${copy}`)
  }

  /** What comes behind a torn segment was not durable either. */
  #setAside(baseOffsets: readonly number[]): void {
    for (const baseOffset of baseOffsets)
      for (const kind of ['.log', '.index', '.timeindex', '.txnindex'] as const) {
        const name = segmentFileName(baseOffset, kind)
        if (this.#surveyed.listing.names.has(name))
          this.#surveyed.findings.of(name).stale('behind a torn segment: will be set aside at the next open')
      }
  }
}

function fieldsOf(survey: SegmentSurvey): SegmentSurvey {
  const { baseOffset, fileBytes, nextOffset, batches, records, damages, torn, unread, lastTimestamp } = survey
  return { baseOffset, fileBytes, nextOffset, batches, records, damages, torn, unread, lastTimestamp }
}
