import { join } from 'node:path'
import { crc32c } from '../../native-free/crc32c.ts'
import { uuidToBase64Url } from '../../native-free/uuid.ts'
import type { Files } from '../env/env.ts'
import { decodeOffsetCheckpoints } from './checkpoint-file.ts'
import {
  type CleanShutdown,
  cleanShutdownSidecar,
  differenceFrom,
  readCleanShutdown,
} from './clean-shutdown.ts'
import type { Decoded } from './decoded.ts'
import { type DurablePoint, DurablePointStore, durablePointFile } from './durable-point.ts'
import {
  leaderEpochCheckpointFile,
  logStartOffsetCheckpointFile,
  partitionMetadataFile,
  segmentFileName,
} from './file-names.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import type { PartitionListing } from './partition-listing.ts'
import { decodePartitionMetadata } from './partition-metadata.ts'
import { readWhole } from './replace-file.ts'
import type { Findings } from './verify-findings.ts'

/** A partition's directory, and what is found out about its files. */
export interface SurveyedDirectory {
  readonly files: Files
  readonly directory: string
  readonly listing: PartitionListing
  readonly findings: Findings
}

/** What the side files say about the log, as far as they can be read. */
export interface Evidence {
  /** The furthest point that some record of it says is durable. */
  readonly durable: DurablePoint | undefined
  /** What the last clean stop wrote, if it is true of what is there: then everything is used as it is. */
  readonly clean: CleanShutdown | undefined
  readonly epochs: LeaderEpochs | undefined
  /** As the checkpoint has it; 0 without. */
  readonly startOffset: number
}

const sideFileBytesMax = 64 * 1024 * 1024
const durablePointBytesMax = 4096

/** Reads the side files, and notes which of them cannot be read or are not true. */
export function readEvidence(surveyed: SurveyedDirectory, isOpen: boolean): Evidence {
  const described = readCleanly(surveyed, isOpen)
  const topicId = readText(surveyed, partitionMetadataFile, decodePartitionMetadata)
  if (topicId !== undefined)
    surveyed.findings.of(partitionMetadataFile).note(`topic id ${uuidToBase64Url(topicId)}`)
  const starts = readText(surveyed, logStartOffsetCheckpointFile, decodeOffsetCheckpoints)
  return {
    durable: furthest(readDurablePoint(surveyed), described.written),
    clean: described.isTrue ? described.written : undefined,
    epochs: readText(surveyed, leaderEpochCheckpointFile, (text) => LeaderEpochs.decode(text)),
    startOffset: starts?.[0]?.offset ?? 0,
  }
}

/** A small text file: its content, if it is there and is what it should be. */
function readText<T>(
  { files, directory, listing, findings }: SurveyedDirectory,
  name: string,
  decode: (text: string) => Decoded<T>,
): T | undefined {
  if (!listing.names.has(name)) return undefined
  const finding = findings.of(name)
  if (finding.sizeBytes > sideFileBytesMax) {
    finding.damage(-1, `its ${finding.sizeBytes} bytes are more than it can hold`)
    return undefined
  }
  const { value, fault } = decode(readWhole(files, join(directory, name), sideFileBytesMax)?.toString() ?? '')
  if (fault !== undefined) finding.damage(-1, fault)
  return value
}

function readDurablePoint({
  files,
  directory,
  listing,
  findings,
}: SurveyedDirectory): DurablePoint | undefined {
  if (!listing.names.has(durablePointFile)) return undefined
  const finding = findings.of(durablePointFile)
  const point =
    finding.sizeBytes > durablePointBytesMax ? undefined : DurablePointStore.load(files, directory)
  if (point === undefined) finding.damage(-1, 'its checksum does not match its content')
  else finding.note(`durable up to offset ${point.offset}`)
  return point
}

function furthest(
  point: DurablePoint | undefined,
  clean: CleanShutdown | undefined,
): DurablePoint | undefined {
  if (clean === undefined || (point !== undefined && point.offset >= clean.endOffset)) return point
  const { baseOffset = -1, sizeBytes = 0 } = clean.segments.at(-1) ?? {}
  return { offset: clean.endOffset, baseOffset, sizeBytes }
}

/** While the log is open this file is there until the log first changes; should it still be found then, it does not count. */
function readCleanly(
  surveyed: SurveyedDirectory,
  isOpen: boolean,
): { written: CleanShutdown | undefined; isTrue: boolean } {
  const { files, directory, listing, findings } = surveyed
  if (!listing.names.has(cleanShutdownSidecar)) return { written: undefined, isTrue: false }
  const finding = findings.of(cleanShutdownSidecar)
  const written = readCleanShutdown(files, directory)
  if (written === undefined) finding.damage(-1, 'its checksum does not match its content')
  const difference = written && differenceOf(written, surveyed)
  if (difference !== undefined && isOpen) finding.stale(`no longer true: ${difference}`)
  else if (difference !== undefined) finding.damage(-1, `it is not true of what is there: ${difference}`)
  else if (written !== undefined) finding.note(`closed at offset ${written.endOffset}`)
  return { written, isTrue: written !== undefined && difference === undefined }
}

/** Names, sizes, the checksums of the side files, and here also those of the indexes. */
function differenceOf(
  clean: CleanShutdown,
  { files, directory, listing }: SurveyedDirectory,
): string | undefined {
  const difference = differenceFrom(clean, files, directory, listing)
  if (difference !== undefined) return difference
  for (const { baseOffset, digests } of clean.segments) {
    if (digests === undefined) continue
    const written = [
      ['.index', digests.offsets.crc],
      ['.timeindex', digests.times.crc],
      ['.txnindex', digests.transactions.crc],
    ] as const
    for (const [kind, crc] of written) {
      const name = segmentFileName(baseOffset, kind)
      const bytes = crc === undefined ? undefined : readWhole(files, join(directory, name), 2 ** 31 - 1)
      if (bytes !== undefined && crc32c(bytes) !== crc) return `${name} changed`
    }
  }
  return undefined
}
