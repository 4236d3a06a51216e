import {
  type CleanShutdown,
  cleanShutdownSidecar,
  readCleanShutdown,
  type ReadSideFile,
  sideFileReader,
} from './clean-shutdown.ts'
import { whyDistrusted } from './clean-shutdown-check.ts'
import type { DurablePoint } from './durable-point.ts'
import { areContradicted } from './epoch-evidence.ts'
import { leaderEpochCheckpointFile, segmentFileName } from './file-names.ts'
import { Inspection } from './inspection.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { LogConfig } from './log-config.ts'
import type { PartitionListing } from './partition-listing.ts'
import { decodeProducerSnapshot } from './producer-snapshot.ts'
import { ProducerSnapshots } from './producer-snapshots.ts'
import { ProducerTable } from './producer-table.ts'
import { credibleEpochs, credibleStart, durablePoint, lastSegmentOf } from './recovery-evidence.ts'
import type { Cut, PassedOver } from './recovery-report.ts'
import { Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'

/** What recovery knows before it looks at the log itself. */
export interface RecoveryInput {
  readonly storage: SegmentStorage
  readonly config: LogConfig
  /** What is in the directory. */
  readonly listing: PartitionListing
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
  /** Names of the files that were there. */
  readonly names: ReadonlySet<string>
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
  /** Damage before the start of the log. */
  readonly passedOver: readonly PassedOver[]
  /** Base offsets of segments behind a torn one: not durable, not contiguous, to be set aside. */
  readonly setAside: readonly number[]
  /** Segments of which a truncation, or a deletion, that a crash interrupted has left too much: to be deleted. */
  readonly obsolete: readonly Segment[]
  /** The producers where a segment begins, for those whose snapshot is missing or wrong. */
  readonly lostSnapshots: ReadonlyMap<number, ProducerTable>
  readonly rebuilt: readonly string[]
}

/** What is known of a directory that was not closed cleanly before its log is looked at. */
export interface InspectionInput {
  readonly input: RecoveryInput
  readonly listing: PartitionListing
  readonly durable: DurablePoint
  /** What the last clean stop wrote, if it is not true of the whole directory. */
  readonly clean: CleanShutdown | undefined
  /** Why it is not believed. */
  readonly distrusted: string | undefined
  /** Those of the checkpoint, unless that is damaged. */
  readonly epochs: LeaderEpochs | undefined
}

/**
 * Finds out what a directory holds, without changing anything in it. After a clean stop names and sizes are
 * compared and the last batch is checked; else everything from the recovery point on is scanned.
 *
 * @throws CorruptionError when something that was durable is damaged
 */
export async function inspectPartition(given: RecoveryInput): Promise<Recovered> {
  const { files, directory } = given.storage
  const { listing } = given
  const clean = listing.names.has(cleanShutdownSidecar) ? readCleanShutdown(files, directory) : undefined
  const read = sideFileReader(files, directory)
  const distrusted = clean && whyDistrusted(clean, given.storage, listing, read)
  if (clean !== undefined && distrusted === undefined) {
    const trusted = trust(clean, given, read)
    if (trusted !== undefined) return trusted
  }
  const durable = durablePoint(given, clean)
  const input = { ...given, startOffset: credibleStart(given.startOffset, clean, durable) }
  const reason = clean === undefined ? undefined : (distrusted ?? 'a side file cannot be read')
  return inspect({ input, listing, durable, clean, distrusted: reason })
}

/**
 * Inspects with the epochs of the checkpoint; and where batches disagree with those, and it turns out that the
 * checkpoint is wrong, once more without.
 */
async function inspect(given: Omit<InspectionInput, 'epochs'>): Promise<Recovered> {
  const { storage } = given.input
  const { baseOffsets } = given.listing
  const epochs = credibleEpochs(given)
  const inspection = new Inspection({ ...given, epochs })
  const mustScan = () =>
    inspection.doubtsEpochs && epochs !== undefined && areContradicted(epochs, storage, baseOffsets)
  try {
    const recovered = await inspection.run()
    if (!mustScan()) return recovered
  } catch (error) {
    if (!mustScan()) throw error
  }
  return new Inspection({ ...given, epochs: undefined }).run()
}

/** Takes a cleanly closed log up from its sidecar; undefined when a side file cannot be read after all. */
function trust(
  clean: CleanShutdown,
  { storage, listing }: RecoveryInput,
  read: ReadSideFile,
): Recovered | undefined {
  const { files, directory } = storage
  const snapshots = new ProducerSnapshots(files, directory, listing.snapshotOffsets)
  const snapshot = read(segmentFileName(clean.endOffset, '.snapshot'))
  const loaded = decodeProducerSnapshot(snapshot ?? Buffer.alloc(0))
  const epochs = LeaderEpochs.decode(read(leaderEpochCheckpointFile)?.toString() ?? '').value
  if (loaded.fault !== undefined || epochs === undefined) return undefined
  const producers = new ProducerTable()
  producers.load(loaded.value)
  const segments = clean.segments.map((summary) => Segment.sealed(storage, summary))
  segments.at(-1)?.resume()
  const durable = { ...lastSegmentOf(clean), offset: clean.endOffset }
  return {
    segments,
    names: listing.names,
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
    passedOver: [],
    scanned: [],
    scannedBytes: 0,
    scannedBatches: 0,
    setAside: [],
    obsolete: [],
    rebuilt: [],
    lostSnapshots: new Map(),
  }
}
