import { join } from 'node:path'
import { crc32cRange } from '../../native-free/crc32c.ts'
import { isSafeInt64, readInt64, writeInt64 } from '../base/int64.ts'
import type { Files } from '../env/env.ts'
import type { FilePool } from './file-pool.ts'
import { readWhole, replaceFile } from './replace-file.ts'
import type { Segment, SegmentSummary } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import type { FileDigest } from './segment-indexes.ts'
import { writeFully } from './write-fully.ts'

/** In a partition's directory. Kafka ignores files it does not know. */
export const sealLedgerFile = 'tidemark-seals'

/*
 * Entries of 64 bytes, big-endian, in the order of their base offsets; none straddles a sector of the disk.
 *
 *   bytes 0-3    CRC-32C of the other 60
 *   bytes 4-7    version, 0
 *   bytes 8-15   base offset of the segment
 *   bytes 16-23  its largest timestamp, -1 for none
 *   bytes 24-27  the last offset of the batch that holds it, less the base offset; -1 for none
 *   bytes 28-31  offset after its last record, less the base offset
 *   bytes 32-35  size of the .log
 *   bytes 36-39  where in the .log its good batches begin, mostly 0
 *   bytes 40-63  size and CRC-32C of .index, .timeindex and .txnindex; size -1 for no file
 */
const entrySize = 64
const checkedFrom = 4
const version = 0
const digestFields = { offsets: 40, times: 48, transactions: 56 } as const

/** More entries than segments by this many, and the file is made anew. */
const staleCountMax = 1000

/** Ten million segments: a larger file is none of ours. */
const ledgerBytesMax = 640 * 1024 * 1024

/**
 * What each sealed segment was when it was sealed: its end, and size and checksum of its derived files. After an
 * unclean stop the segments before the durable point are not read; by this a derived file that was changed, cut or
 * removed since is known all the same, and made again from its segment alone.
 *
 * Sealing adds an entry; the file is not otherwise touched. It may be behind, torn or gone, which costs no more than
 * what it would have noticed. It must never be ahead: before segments are cut or replaced their entries go, durably. Of
 * a segment that a power cut took from behind the durable point recovery takes the entry away.
 */
export class SealLedger {
  readonly #files: Files
  readonly #pool: FilePool
  readonly #directory: string
  readonly path: string

  constructor({ files, pool, directory }: Pick<SegmentStorage, 'files' | 'pool' | 'directory'>) {
    this.#files = files
    this.#pool = pool
    this.#directory = directory
    this.path = join(directory, sealLedgerFile)
  }

  /** The entries by base offset, without those that are damaged. */
  load(): Map<number, SegmentSummary> {
    const entries = new Map<number, SegmentSummary>()
    const bytes = this.#read()
    for (let at = 0; at + entrySize <= bytes.length; at += entrySize) {
      const summary = decodeEntry(bytes, at)
      if (summary !== undefined) entries.set(summary.baseOffset, summary)
    }
    return entries
  }

  /**
   * Adds a segment whose index files were just written. Not synced. Without effect when it fails: damage to these files
   * may then go unnoticed, and nothing else is worse.
   */
  add({ summary }: Segment): void {
    if (!isKnown(summary)) return
    try {
      const file = this.#pool.get(this.path, 'write')
      const sizeBytes = file.sizeSync()
      // Over what a crash left of an entry.
      writeFully(file, [encodeEntries([summary])], sizeBytes - (sizeBytes % entrySize))
    } catch {
      // A part of an entry fails its checksum, and the next one takes its place.
    }
  }

  /** Takes the entries of segments that begin at `offset` or later away, durably: they are about to change. */
  forgetFrom(offset: number): void {
    const bytes = this.#read()
    let end = 0
    while (end + entrySize <= bytes.length && (decodeEntry(bytes, end)?.baseOffset ?? offset) < offset)
      end += entrySize
    if (end === bytes.length) return
    const file = this.#pool.get(this.path, 'write')
    file.truncateSync(end)
    file.syncSync()
  }

  /** Makes it say of `segments`, all of a log but the active one, what they are, durably. Writes nothing if it does. */
  async settle(segments: readonly Segment[]): Promise<void> {
    const content = encodeEntries(segments.map(({ summary }) => summary).filter(isKnown))
    try {
      if (this.#read().equals(content)) return await this.#sync()
      this.#pool.drop(this.path)
      await replaceFile(this.#files, this.path, content)
    } catch {
      // A full disk is no reason not to open. No ledger is as good as one that says nothing wrong.
      this.#files.removeSync(this.path)
      await this.#files.syncDirectory(this.#directory)
    }
  }

  /** {@link settle}, once many more segments have been deleted than are left. */
  async settleIfLarge(segments: readonly Segment[]): Promise<void> {
    const countMax = 2 * segments.length + staleCountMax
    if ((this.#files.statSync(this.path)?.sizeBytes ?? 0) > countMax * entrySize) await this.settle(segments)
  }

  /** What a process wrote that was killed since may not have reached the disk, be it that it took all entries away. */
  async #sync(): Promise<void> {
    if (this.#files.statSync(this.path) === undefined) return
    const pin = this.#pool.pin(this.path, 'write')
    try {
      await pin.file.sync()
    } finally {
      pin.release()
    }
  }

  #read(): Buffer {
    if ((this.#files.statSync(this.path)?.sizeBytes ?? Infinity) > ledgerBytesMax) return Buffer.alloc(0)
    return readWhole(this.#files, this.path, ledgerBytesMax) ?? Buffer.alloc(0)
  }
}

/** What the bytes of a ledger are worth: entries that are whole, were never written whole, or are damaged, with their positions. */
export function examineEntries(bytes: Buffer): { whole: number; torn: number; damaged: number[] } {
  const found = { whole: 0, torn: 0, damaged: [] as number[] }
  for (let at = 0; at < bytes.length; at += entrySize) {
    const entry = bytes.subarray(at, at + entrySize)
    if (entry.length < entrySize || entry.every((byte) => byte === 0)) found.torn++
    else if (decodeEntry(entry, 0) === undefined) found.damaged.push(at)
    else found.whole++
  }
  return found
}

/** Only what was read or written by us is known to the byte; an index that was taken as it is has no checksum. */
function isKnown({ digests }: SegmentSummary): boolean {
  if (digests === undefined) return false
  const { offsets, times, transactions } = digests
  return [offsets, times, transactions].every(({ sizeBytes, crc }) => sizeBytes < 0 || crc !== undefined)
}

function encodeEntries(summaries: readonly SegmentSummary[]): Buffer {
  const bytes = Buffer.alloc(summaries.length * entrySize)
  for (const [index, summary] of summaries.entries()) encodeEntry(bytes, index * entrySize, summary)
  return bytes
}

function encodeEntry(bytes: Buffer, at: number, summary: SegmentSummary): void {
  const { baseOffset, maxTimestamp, offsetOfMaxTimestamp, nextOffset, sizeBytes, digests } = summary
  bytes.writeInt32BE(version, at + 4)
  writeInt64(bytes, baseOffset, at + 8, 'baseOffset')
  writeInt64(bytes, maxTimestamp, at + 16, 'maxTimestamp')
  bytes.writeInt32BE(offsetOfMaxTimestamp < 0 ? -1 : offsetOfMaxTimestamp - baseOffset, at + 24)
  bytes.writeUInt32BE(nextOffset - baseOffset, at + 28)
  bytes.writeUInt32BE(sizeBytes, at + 32)
  bytes.writeUInt32BE(summary.startPosition ?? 0, at + 36)
  encodeDigest(bytes, at + digestFields.offsets, digests?.offsets)
  encodeDigest(bytes, at + digestFields.times, digests?.times)
  encodeDigest(bytes, at + digestFields.transactions, digests?.transactions)
  bytes.writeUInt32BE(crc32cRange(bytes, at + checkedFrom, at + entrySize), at)
}

function encodeDigest(bytes: Buffer, at: number, digest: FileDigest | undefined): void {
  bytes.writeInt32BE(digest?.sizeBytes ?? -1, at)
  bytes.writeUInt32BE(digest?.crc ?? 0, at + 4)
}

function decodeEntry(bytes: Buffer, at: number): SegmentSummary | undefined {
  if (bytes.readUInt32BE(at) !== crc32cRange(bytes, at + checkedFrom, at + entrySize)) return undefined
  if (bytes.readInt32BE(at + 4) !== version || !isSafeInt64(bytes, at + 8)) return undefined
  const baseOffset = readInt64(bytes, at + 8, 'baseOffset')
  const relativeOffset = bytes.readInt32BE(at + 24)
  const digest = (field: number): FileDigest => {
    const sizeBytes = bytes.readInt32BE(at + field)
    return { sizeBytes, crc: sizeBytes < 0 ? undefined : bytes.readUInt32BE(at + field + 4) }
  }
  return {
    baseOffset,
    maxTimestamp: readInt64(bytes, at + 16, 'maxTimestamp'),
    offsetOfMaxTimestamp: relativeOffset < 0 ? -1 : baseOffset + relativeOffset,
    nextOffset: baseOffset + bytes.readUInt32BE(at + 28),
    sizeBytes: bytes.readUInt32BE(at + 32),
    startPosition: bytes.readUInt32BE(at + 36),
    digests: {
      offsets: digest(digestFields.offsets),
      times: digest(digestFields.times),
      transactions: digest(digestFields.transactions),
    },
  }
}
