import { dirname, join } from 'node:path'
import type { File, Files } from '../env/env.ts'
import { type CleanShutdown, cleanShutdownSidecar, digestOf, encodeCleanShutdown } from './clean-shutdown.ts'
import { type DurablePoint, durablePointFile, encodeDurablePoint } from './durable-point.ts'
import { leaderEpochCheckpointFile, partitionMetadataFile, segmentFileName } from './file-names.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import { encodePartitionMetadata } from './partition-metadata.ts'
import { encodeProducerSnapshot } from './producer-snapshot.ts'
import type { SegmentSummary } from './segment.ts'
import { absentFile, type FileDigest } from './segment-indexes.ts'
import { writeFully } from './write-fully.ts'

/** A log that is to be: nothing is at its path yet. */
export interface NewLog {
  readonly directory: string
  /** 16 bytes. */
  readonly topicId: Uint8Array
  /** The one it begins in; -1 for none, of a log that somebody else leads. */
  readonly leaderEpoch: number
}

/** Files with what is in them. */
type Contents = readonly (readonly [name: string, content: Buffer])[]

/** Logs whose files are written before they are synced: each has three open meanwhile. */
const logsAtOnce = 32

/**
 * Makes directories that hold an empty log each, as it is left by a clean stop: opening one costs no sync. All of it
 * is durable when this resolves. Many logs cost little more than one, for the syncs of those that are written together
 * find most of their work done by the first.
 *
 * A crash or a failure leaves directories that have some of the files, torn or whole. What describes the others, and
 * then the topic's id, comes after they are durable; so each opens as an empty log, and one without an id is to be
 * given it.
 *
 * Rejects with the system's own errors.
 */
export async function layOutLogs(files: Files, logs: readonly NewLog[]): Promise<void> {
  for (let first = 0; first < logs.length; first += logsAtOnce)
    await layOutTogether(files, logs.slice(first, first + logsAtOnce))
}

async function layOutTogether(files: Files, logs: readonly NewLog[]): Promise<void> {
  const directories = logs.map(({ directory }) => directory)
  for (const directory of directories) {
    files.makeDirectorySync(directory)
    for (const name of emptyFiles) files.openSync(join(directory, name), 'write').closeSync()
  }
  const sides = logs.map((log) => placed(log, sideFilesOf(log)))
  await writeDurably(files, sides.flat())
  // Where an id stands nobody looks whether the directory's own name is durable.
  await syncDirectories(files, new Set(directories.map(dirname)))
  const lasts = logs.map((log) => placed(log, lastFilesOf(log)))
  await writeDurably(files, lasts.flat())
  await syncDirectories(files, directories)
}

async function syncDirectories(files: Files, directories: Iterable<string>): Promise<void> {
  await Promise.all([...directories].map((directory) => files.syncDirectory(directory)))
}

const emptyFiles = (['.log', '.index', '.timeindex'] as const).map((kind) => segmentFileName(0, kind))
const emptyDigest: FileDigest = digestOf(Buffer.alloc(0))

function sideFilesOf(log: NewLog): Contents {
  return [...describedFilesOf(log), [durablePointFile, encodeDurablePoint(noPoint)]]
}

const noPoint: DurablePoint = { offset: 0, baseOffset: 0, sizeBytes: 0 }

function describedFilesOf({ leaderEpoch }: NewLog): Contents {
  const epochs = new LeaderEpochs()
  if (leaderEpoch >= 0) epochs.assign(leaderEpoch, 0)
  return [
    [leaderEpochCheckpointFile, Buffer.from(epochs.encode())],
    [segmentFileName(0, '.snapshot'), encodeProducerSnapshot([])],
  ]
}

/** What describes the others, and the id, for which whoever looks for the log looks first. */
function lastFilesOf(log: NewLog): Contents {
  const described = describedFilesOf(log).map(([name, content]) => [name, digestOf(content)])
  const clean: CleanShutdown = {
    startOffset: 0,
    endOffset: 0,
    sideFiles: Object.fromEntries(described),
    lastBatch: undefined,
    segments: [emptySegment],
  }
  return [
    [cleanShutdownSidecar, encodeCleanShutdown(clean)],
    [partitionMetadataFile, Buffer.from(encodePartitionMetadata(log.topicId))],
  ]
}

const emptySegment: SegmentSummary = {
  baseOffset: 0,
  sizeBytes: 0,
  startPosition: 0,
  nextOffset: 0,
  maxTimestamp: -1,
  offsetOfMaxTimestamp: -1,
  digests: { offsets: emptyDigest, times: emptyDigest, transactions: absentFile },
}

function placed({ directory }: NewLog, contents: Contents): Contents {
  return contents.map(([name, content]) => [join(directory, name), content])
}

/** Writes all of them before it syncs the first. */
async function writeDurably(files: Files, contents: Contents): Promise<void> {
  const open: File[] = []
  try {
    for (const [path, content] of contents) {
      const file = files.openSync(path, 'write')
      open.push(file)
      writeFully(file, [content], 0)
    }
    const syncs = await Promise.allSettled(open.map((file) => file.sync()))
    for (const sync of syncs) if (sync.status === 'rejected') throw sync.reason
  } finally {
    for (const file of open) file.closeSync()
  }
}
