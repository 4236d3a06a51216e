import { cleanShutdownSidecar } from './clean-shutdown.ts'
import { type DurablePoint, durablePointFile } from './durable-point.ts'
import { leaderEpochCheckpointFile, parseSegmentFileName, segmentFileName } from './file-names.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import { fillerBatches, piecesBySegment, segmentSpanMax } from './repair-filler.ts'
import type { OffsetRange, RepairAction, RepairVerb } from './repair-report.ts'
import type { AbortedTransaction } from './transaction-index.ts'
import type { EpochRun } from './verify-epochs.ts'
import type { Damage } from './verify-segment.ts'
import type { DirectorySurvey, SurveyedSegment } from './verify-survey.ts'

/** `content` in the place of the bytes `[position, endPosition)`. */
export interface Splice {
  readonly position: number
  readonly endPosition: number
  readonly content: Buffer
}

/** A segment to be written anew, with its indexes. */
export interface SegmentRewrite {
  readonly baseOffset: number
  /** In the order of their positions; none when only the indexes are damaged. */
  readonly splices: readonly Splice[]
  readonly aborted: readonly AbortedTransaction[]
  /** Its indexes are used as they are; those of the last segment are made by the next open. */
  readonly isSealed: boolean
}

/** Everything that is to be done to a directory. */
export interface RepairPlan {
  readonly actions: readonly RepairAction[]
  readonly lostOffsets: readonly OffsetRange[]
  /** Files to be copied to the quarantine before anything is changed. */
  readonly copied: readonly string[]
  /** Files to be moved there. */
  readonly removed: readonly string[]
  readonly rewrites: readonly SegmentRewrite[]
  /** New segments, with their content. */
  readonly created: readonly { readonly baseOffset: number; readonly content: Buffer }[]
  /** The leader epochs to be stored, if the checkpoint is damaged or missing. */
  readonly epochs: LeaderEpochs | undefined
  /** The durable point that is true when all is done. */
  readonly durable: DurablePoint | undefined
}

/** Positions of the batches of a run whose leader epoch is wrong. */
export type BatchPositions = (run: EpochRun) => readonly number[]

/** Decides what is to be done about what a survey found. */
export function planRepair(survey: DirectorySurvey, positionsOf: BatchPositions): RepairPlan {
  return new Planner(survey, positionsOf).plan()
}

const indexKinds = ['.index', '.timeindex', '.txnindex'] as const

class Planner {
  readonly #survey: DirectorySurvey
  readonly #positionsOf: BatchPositions
  /** The leader epochs that hold from now on. */
  readonly #epochs: LeaderEpochs
  readonly #isCheckpointWrong: boolean
  readonly #actions: RepairAction[] = []
  readonly #lost: OffsetRange[] = []
  readonly #copied: string[] = []
  readonly #removed: string[] = []
  readonly #rewrites: SegmentRewrite[] = []
  readonly #created: { baseOffset: number; content: Buffer }[] = []

  constructor(survey: DirectorySurvey, positionsOf: BatchPositions) {
    this.#survey = survey
    this.#positionsOf = positionsOf
    this.#isCheckpointWrong = survey.findings.isDamaged(leaderEpochCheckpointFile)
    const { epochs } = survey.evidence
    this.#epochs = epochs === undefined || this.#isCheckpointWrong ? survey.epochs.fromBatches : epochs
  }

  plan(): RepairPlan {
    for (const segment of this.#survey.segments) this.#planSegment(segment)
    const durable = this.#planDurablePoint()
    this.#planSideFiles()
    return {
      ...{ actions: this.#actions, copied: this.#copied, removed: this.#removed, rewrites: this.#rewrites },
      ...{ created: this.#created, durable, epochs: this.#isCheckpointWrong ? this.#epochs : undefined },
      lostOffsets: merged(this.#lost),
    }
  }

  #act(file: string, action: RepairVerb, detail: string): void {
    this.#actions.push({ file, action, detail })
  }

  #planSegment(segment: SurveyedSegment): void {
    const { baseOffset, damages, missingTo, nextOffset, aborted, lastTimestamp } = segment
    const name = segmentFileName(baseOffset, '.log')
    const splices = damages.flatMap((damage) => this.#spliceOf(segment, damage))
    for (const run of this.#survey.epochs.wrongRuns)
      if (run.segment === baseOffset) splices.push(...this.#restamp(name, run))
    if (splices.length > 0) this.#copied.push(name)
    const isSealed = segment !== this.#survey.segments.at(-1)
    const isIndexDamaged = this.#planIndexes(baseOffset, splices.length > 0)
    splices.sort((one, other) => one.position - other.position)
    if (splices.length > 0 || isIndexDamaged) this.#rewrites.push({ baseOffset, splices, aborted, isSealed })
    if (missingTo !== undefined) this.#create({ fromOffset: nextOffset, toOffset: missingTo }, lastTimestamp)
  }

  /** What is to stand in the place of damaged bytes. */
  #spliceOf({ baseOffset }: SurveyedSegment, damage: Damage): Splice[] {
    const name = segmentFileName(baseOffset, '.log')
    const { position, endPosition, fromOffset, toOffset, stamp, timestampBefore } = damage
    const bytes = `${endPosition - position} bytes at ${position}`
    if (stamp !== undefined) {
      this.#act(name, 'restore', `offset, size, epoch and version of the batch at ${position}`)
      return [{ position, endPosition: position + stamp.length, content: stamp }]
    }
    if (toOffset === undefined) {
      this.#act(name, 'cut', `${bytes}, from offset ${fromOffset} on`)
      return [{ position, endPosition, content: Buffer.alloc(0) }]
    }
    this.#lost.push({ fromOffset, toOffset })
    const here = { fromOffset, toOffset: Math.min(toOffset, baseOffset + segmentSpanMax) }
    const count = toOffset - fromOffset
    this.#act(
      name,
      'replace',
      count === 0 ? `${bytes} by nothing` : `${bytes} by ${describe(here)} without records`,
    )
    this.#create({ fromOffset: here.toOffset, toOffset }, timestampBefore)
    return [{ position, endPosition, content: fillerBatches(here, this.#epochs, timestampBefore) }]
  }

  #restamp(name: string, run: EpochRun): Splice[] {
    this.#act(
      name,
      'restore',
      `leader epoch ${run.expected} of ${run.batches} batches from ${run.position} on`,
    )
    const content = Buffer.alloc(4)
    content.writeInt32BE(run.expected)
    return this.#positionsOf(run).map((position) => ({
      ...{ position: position + 12, endPosition: position + 16, content },
    }))
  }

  /** Segments for offsets whose own are missing. */
  #create(range: OffsetRange, timestamp: number): void {
    for (const piece of piecesBySegment(range)) {
      const { fromOffset: baseOffset } = piece
      this.#lost.push(piece)
      this.#created.push({ baseOffset, content: fillerBatches(piece, this.#epochs, timestamp) })
      this.#act(segmentFileName(baseOffset, '.log'), 'create', `${describe(piece)}, without records`)
    }
  }

  /** Whether an index file is damaged; also those of a segment that is rewritten are made again. */
  #planIndexes(baseOffset: number, isRewritten: boolean): boolean {
    const names = indexKinds.map((kind) => segmentFileName(baseOffset, kind))
    const damaged = names.filter((name) => this.#survey.findings.isDamaged(name))
    for (const name of names) {
      const isThere = this.#survey.listing.names.has(name)
      if (!damaged.includes(name) && !(isRewritten && isThere)) continue
      if (damaged.includes(name) && isThere) this.#copied.push(name)
      this.#act(name, 'rebuild', 'from the batches of the log')
    }
    return damaged.length > 0
  }

  /** What is gone at the end of the log must not count as durable when its offsets are given again. */
  #planDurablePoint(): DurablePoint | undefined {
    const { evidence, segments, startOffset } = this.#survey
    const { durable } = evidence
    const last = segments.at(-1)
    if (durable === undefined || last === undefined) return undefined
    const offset = Math.min(durable.offset, last.nextOffset)
    if (offset < durable.offset && durable.offset > startOffset) {
      this.#lost.push({ fromOffset: offset, toOffset: durable.offset })
      this.#act(durablePointFile, 'lower', `from offset ${durable.offset} to ${offset}`)
    }
    const segment = segments.find(({ baseOffset }) => baseOffset === durable.baseOffset) ?? last
    return { offset, baseOffset: segment.baseOffset, sizeBytes: this.#sizeOf(segment, durable) }
  }

  /** How long the segment of the durable point is known to be: a rewritten one in full, for it is synced. */
  #sizeOf({ baseOffset, fileBytes, torn }: SurveyedSegment, durable: DurablePoint): number {
    const { splices = [] } = this.#rewrites.find((each) => each.baseOffset === baseOffset) ?? {}
    const goodBytes = torn?.position ?? fileBytes
    if (splices.length === 0 && durable.baseOffset === baseOffset)
      return Math.min(durable.sizeBytes, goodBytes)
    return splices.reduce(
      (size, { position, endPosition, content }) => size + content.length - (endPosition - position),
      goodBytes,
    )
  }

  #planSideFiles(): void {
    const { findings, listing } = this.#survey
    if (this.#isCheckpointWrong) {
      this.#act(leaderEpochCheckpointFile, 'rebuild', 'from the batches of the log')
      if (listing.names.has(leaderEpochCheckpointFile)) this.#copied.push(leaderEpochCheckpointFile)
    }
    for (const name of [...listing.names].sort()) {
      const kind = parseSegmentFileName(name)?.kind
      const isHandled = name === leaderEpochCheckpointFile || (kind !== undefined && kind !== '.snapshot')
      if (isHandled || !findings.isDamaged(name)) continue
      this.#removed.push(name)
      this.#act(name, 'remove', 'damaged, and not needed or made again by the next open')
    }
    const isClosed = listing.names.has(cleanShutdownSidecar) && !this.#removed.includes(cleanShutdownSidecar)
    if (isClosed && this.#actions.length > 0)
      this.#act(cleanShutdownSidecar, 'remove', 'it describes the log as it was')
  }
}

function describe({ fromOffset, toOffset }: OffsetRange): string {
  return toOffset - fromOffset === 1 ? `offset ${fromOffset}` : `offsets ${fromOffset} to ${toOffset - 1}`
}

function merged(ranges: readonly OffsetRange[]): OffsetRange[] {
  const result: OffsetRange[] = []
  for (const range of ranges.toSorted((one, other) => one.fromOffset - other.fromOffset)) {
    const last = result.at(-1)
    if (range.toOffset <= (last?.toOffset ?? range.fromOffset)) continue
    if (last !== undefined && range.fromOffset <= last.toOffset)
      result[result.length - 1] = { fromOffset: last.fromOffset, toOffset: range.toOffset }
    else result.push(range)
  }
  return result
}
