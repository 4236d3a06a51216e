import type { CleanShutdown } from './clean-shutdown.ts'
import { differentFile } from './clean-shutdown.ts'
import type { DurablePoint } from './durable-point.ts'
import { segmentFileName } from './file-names.ts'
import type { PartitionListing } from './partition-listing.ts'
import type { ProducerSnapshots } from './producer-snapshots.ts'
import { SealLedger } from './seal-ledger.ts'
import { sealedSegment } from './sealed-segment.ts'
import { Segment, type SegmentSummary } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'

/** What decides which segments of a log that was not closed cleanly have to be read. */
export interface PlanInput {
  readonly storage: SegmentStorage
  readonly listing: PartitionListing
  readonly durable: DurablePoint
  /** What the last clean stop wrote, if it is not true of the whole directory. */
  readonly clean: CleanShutdown | undefined
  readonly snapshots: ProducerSnapshots
  readonly startOffset: number
  /** Else every batch has to be read, for the epochs are in the batches. */
  readonly epochsKnown: boolean
}

/** How the segments of a log are taken up. */
export interface SegmentPlan {
  /** By index in the listing: those that are taken as they are. All others are to be scanned. */
  readonly trusted: ReadonlyMap<number, Segment>
  /** Derived files of segments before the durable point that are not what they were. */
  readonly changed: readonly string[]
}

/** The segment that was active at the durable point has been sealed since, perhaps: from it on nothing is known to be durable. */
export function unsealedFrom({ baseOffset, offset }: DurablePoint): number {
  return baseOffset < 0 ? offset : baseOffset
}

/**
 * Decides which segments may be taken without reading them: those before the durable point whose files are as they were
 * left, by what the last clean stop or the ledger of seals says of them, or else by the tails of their indexes.
 *
 * A scan has to know the producers as they were where it begins. Where their snapshot is missing it begins earlier.
 */
export function planSegments(input: PlanInput): SegmentPlan {
  const { baseOffsets } = input.listing
  const trusted = new Map<number, Segment>()
  const changed: string[] = []
  const known = knownSegments(input)
  const end = input.epochsKnown ? baseOffsets.findLastIndex((each) => each <= unsealedFrom(input.durable)) : 0
  for (let index = 0; index < end; index++) {
    const summary = known.get(baseOffsets[index] as number)
    const segment = summary === undefined ? byItsTails(input, index) : asItWas(input, summary, changed)
    if (segment !== undefined) trusted.set(index, segment)
    else if (summary === undefined) changed.push(segmentFileName(baseOffsets[index] as number, '.index'))
  }
  for (let index = baseOffsets.length - 1; index > 0; index--) {
    if (trusted.has(index) || !trusted.has(index - 1)) continue
    if (input.snapshots.tableAt(baseOffsets[index] as number) === undefined) trusted.delete(index - 1)
  }
  return { trusted, changed }
}

function knownSegments({ clean, storage }: PlanInput): ReadonlyMap<number, SegmentSummary> {
  if (clean === undefined) return new SealLedger(storage).load()
  return new Map(clean.segments.map((summary) => [summary.baseOffset, summary]))
}

/** By names and sizes. The checksums of the index files are compared when they are first read. */
function asItWas(
  { storage, listing }: PlanInput,
  summary: SegmentSummary,
  changed: string[],
): Segment | undefined {
  const different = differentFile(summary, storage.files, storage.directory, listing.names)
  if (different === undefined) return Segment.sealed(storage, summary)
  if (!different.endsWith('.log')) changed.push(different)
  return undefined
}

/** Nothing else is known of it. */
function byItsTails({ storage, listing, startOffset }: PlanInput, index: number): Segment | undefined {
  const baseOffset = listing.baseOffsets[index] as number
  const nextBaseOffset = listing.baseOffsets[index + 1] as number
  // There may be damage in what comes before the start, which only a scan finds.
  const holdsStart = baseOffset < startOffset && startOffset < nextBaseOffset
  return holdsStart ? undefined : sealedSegment(storage, baseOffset, nextBaseOffset)
}
