import { join } from 'node:path'
import { crc32c } from '../../native-free/crc32c.ts'
import type { Files } from '../env/env.ts'
import { segmentFileName } from './file-names.ts'
import type { PartitionListing } from './partition-listing.ts'
import { readWhole, replaceFile } from './replace-file.ts'
import type { SegmentSummary } from './segment.ts'
import type { FileDigest } from './segment-indexes.ts'

/** In a partition's directory, and only between a clean stop and the next change of the log. Kafka ignores files it does not know. */
export const cleanShutdownSidecar = 'tidemark-clean-shutdown'

/** Ten million segments: a larger file is none of ours. */
const sidecarBytesMax = 1024 * 1024 * 1024

/**
 * What a log was when it was closed, so that the next open need not look at more than names and sizes. Kafka's own
 * marker says only that the stop was clean, and so cannot notice what happened to the files since.
 */
export interface CleanShutdown {
  readonly startOffset: number
  readonly endOffset: number
  /** Where the last batch stands, which is always checked; undefined in an empty log. */
  readonly lastBatch: { readonly baseOffset: number; readonly position: number } | undefined
  readonly segments: readonly SegmentSummary[]
  /** The small side files, by name. */
  readonly sideFiles: Readonly<Record<string, FileDigest>>
}

/** Bytes of the text's last line: the CRC-32C of all before it, as eight hexadecimal digits, and a newline. */
const checksumLine = 9

/** The bytes of the file. */
export function encodeCleanShutdown(state: CleanShutdown): Buffer {
  const text = `${JSON.stringify({ version: 1, ...state })}\n`
  const crc = crc32c(Buffer.from(text))
  return Buffer.from(`${text}${crc.toString(16).padStart(8, '0')}\n`)
}

/** Writes it, durably. Everything it describes must be durable by then. */
export async function writeCleanShutdown(
  files: Files,
  directory: string,
  state: CleanShutdown,
): Promise<void> {
  await replaceFile(files, join(directory, cleanShutdownSidecar), encodeCleanShutdown(state))
}

/** What the last clean stop wrote, whether or not it is still true; undefined when there is none, or it is damaged. */
export function readCleanShutdown(files: Files, directory: string): CleanShutdown | undefined {
  const bytes = readWhole(files, join(directory, cleanShutdownSidecar), sidecarBytesMax)
  if (bytes === undefined || bytes.length <= checksumLine) return undefined
  const text = bytes.subarray(0, bytes.length - checksumLine)
  if (bytes.toString('latin1', text.length, bytes.length - 1) !== crc32c(text).toString(16).padStart(8, '0'))
    return undefined
  // The checksum is right, so the content is what was written.
  const parsed = JSON.parse(text.toString()) as CleanShutdown & { version: number }
  return parsed.version === 1 ? parsed : undefined
}

/**
 * Why the directory is no longer what the sidecar says, or undefined when names and sizes agree, and so do the
 * checksums of the small files. The indexes' checksums are compared when they are first read.
 */
export function differenceFrom(
  clean: CleanShutdown,
  files: Files,
  directory: string,
  listing: PartitionListing,
  read: ReadSideFile = sideFileReader(files, directory),
): string | undefined {
  const { baseOffsets } = listing
  if (baseOffsets.length !== clean.segments.length) return 'the number of segments changed'
  for (const [index, segment] of clean.segments.entries()) {
    if (baseOffsets[index] !== segment.baseOffset) return `segment ${segment.baseOffset} is missing`
    const different = differentFile(segment, files, directory, listing.names)
    if (different !== undefined) return `${different} changed size`
  }
  for (const name of Object.keys(clean.sideFiles)) if (isChanged(clean, name, read)) return `${name} changed`
  return undefined
}

/** The content of a small side file by its name; undefined when there is none. */
export type ReadSideFile = (name: string) => Buffer | undefined

/** Reads the side files in `directory`, each once: what was compared is what is used. */
export function sideFileReader(files: Files, directory: string): ReadSideFile {
  const known = new Map<string, Buffer | undefined>()
  return (name) => {
    if (!known.has(name)) known.set(name, readWhole(files, join(directory, name), sidecarBytesMax))
    return known.get(name)
  }
}

/** Whether a small side file is not the one that the clean stop left. */
export function isChanged(clean: CleanShutdown, name: string, read: ReadSideFile): boolean {
  const was = clean.sideFiles[name]
  const is = digestOf(read(name))
  return was?.sizeBytes !== is?.sizeBytes || was?.crc !== is?.crc
}

/** The first file of a segment that has not the size it had, if there is one. Its content is not looked at. */
export function differentFile(
  { baseOffset, sizeBytes, digests }: SegmentSummary,
  files: Files,
  directory: string,
  names: ReadonlySet<string>,
): string | undefined {
  const expected = [
    ['.log', sizeBytes],
    ['.index', digests?.offsets.sizeBytes],
    ['.timeindex', digests?.times.sizeBytes],
    ['.txnindex', digests?.transactions.sizeBytes],
  ] as const
  for (const [kind, size] of expected) {
    const name = segmentFileName(baseOffset, kind)
    const actual = names.has(name) ? files.statSync(join(directory, name))?.sizeBytes : -1
    if (actual !== size) return name
  }
  return undefined
}

/** The digest of a small file with this content. */
export function digestOf(bytes: Buffer): FileDigest
export function digestOf(bytes: Buffer | undefined): FileDigest | undefined
export function digestOf(bytes: Buffer | undefined): FileDigest | undefined {
  return bytes && { sizeBytes: bytes.length, crc: crc32c(bytes) }
}
