import { crc32cRange } from '../../native-free/crc32c.ts'
import { isSafeInt64, readInt64, writeInt64 } from '../base/int64.ts'
import { incrementSequence } from '../batch/format.ts'
import type { Decoded } from './decoded.ts'
import type { ProducedBatch, ProducerEntry } from './producer-table.ts'

/*
 * Kafka's `.snapshot` (ProducerStateManager), big-endian. Its name is the END offset of the log it describes.
 *
 *   bytes 0-1  version, 1
 *   bytes 2-5  CRC-32C of everything from byte 6 to the end of the file
 *   bytes 6-9  number of entries
 *   bytes 10-  entries of 46 bytes, fields as below
 *
 * Of each producer only the last batch is kept; the four before it come back only by replaying the log. The file
 * is written in place, so a crash can leave it cut or mixed: then the checksum fails and an older one serves.
 */
const version = 1
const checksumField = 2
const checksumStart = 6
const countField = 6
const headerSize = 10

const producerIdField = 0
const producerEpochField = 8
/** -1 when there is no batch, as in the next one. */
const lastSequenceField = 10
const lastOffsetField = 14
/** Last offset less first offset, and so last sequence less first sequence. */
const offsetDeltaField = 22
/** Of the last batch or marker. */
const timestampField = 26
const coordinatorEpochField = 34
/** -1 when no transaction is open. */
const currentTransactionFirstOffsetField = 38
const entrySize = 46

/** The bytes of a snapshot of `entries`, of each its last batch. */
export function encodeProducerSnapshot(entries: Iterable<ProducerEntry>): Buffer {
  const ordered = inKafkasOrder([...entries])
  const bytes = Buffer.alloc(headerSize + ordered.length * entrySize)
  bytes.writeInt16BE(version, 0)
  bytes.writeInt32BE(ordered.length, countField)
  for (const [index, entry] of ordered.entries()) writeEntry(bytes, headerSize + index * entrySize, entry)
  bytes.writeUInt32BE(crc32cRange(bytes, checksumStart, bytes.length), checksumField)
  return bytes
}

/** The entries of a snapshot, each with its last batch if it had one, or what is wrong with the bytes. */
export function decodeProducerSnapshot(bytes: Buffer): Decoded<ProducerEntry[]> {
  const fault = findFault(bytes)
  if (fault !== undefined) return { fault }
  const entries: ProducerEntry[] = []
  for (let start = headerSize; start < bytes.length; start += entrySize) {
    if (!hasSafeIntegers(bytes, start))
      return { fault: `entry ${entries.length} holds an integer beyond 2^53` }
    entries.push(readEntry(bytes, start))
  }
  return { value: entries }
}

function findFault(bytes: Buffer): string | undefined {
  if (bytes.length < headerSize) return `its ${bytes.length} bytes are less than the header's ${headerSize}`
  const foundVersion = bytes.readInt16BE(0)
  if (foundVersion !== version) return `its version is ${foundVersion}, known is only ${version}`
  if (bytes.readUInt32BE(checksumField) !== crc32cRange(bytes, checksumStart, bytes.length)) {
    return 'its checksum does not match its content'
  }
  const count = bytes.readInt32BE(countField)
  if (bytes.length !== headerSize + count * entrySize) {
    return `it announces ${count} entries, which ${bytes.length} bytes do not hold`
  }
  return undefined
}

function writeEntry(bytes: Buffer, start: number, entry: ProducerEntry): void {
  const last = entry.batches.at(-1)
  writeInt64(bytes, entry.producerId, start + producerIdField, 'producer id')
  bytes.writeInt16BE(entry.producerEpoch, start + producerEpochField)
  bytes.writeInt32BE(last?.lastSequence ?? -1, start + lastSequenceField)
  writeInt64(bytes, last?.lastOffset ?? -1, start + lastOffsetField, 'last offset')
  bytes.writeInt32BE(last === undefined ? 0 : last.lastOffset - last.firstOffset, start + offsetDeltaField)
  writeInt64(bytes, entry.lastTimestamp, start + timestampField, 'timestamp')
  bytes.writeInt32BE(entry.coordinatorEpoch, start + coordinatorEpochField)
  const openSince = start + currentTransactionFirstOffsetField
  writeInt64(bytes, entry.currentTransactionFirstOffset, openSince, 'first offset of the transaction')
}

function readEntry(bytes: Buffer, start: number): ProducerEntry {
  const openSince = start + currentTransactionFirstOffsetField
  return {
    producerId: readInt64(bytes, start + producerIdField, 'producer id'),
    producerEpoch: bytes.readInt16BE(start + producerEpochField),
    coordinatorEpoch: bytes.readInt32BE(start + coordinatorEpochField),
    lastTimestamp: readInt64(bytes, start + timestampField, 'timestamp'),
    currentTransactionFirstOffset: readInt64(bytes, openSince, 'first offset of the transaction'),
    batches: readLastBatch(bytes, start),
  }
}

/** The last batch, or none. Its own timestamp was not kept; the producer's is what Kafka takes instead. */
function readLastBatch(bytes: Buffer, start: number): ProducedBatch[] {
  const lastSequence = bytes.readInt32BE(start + lastSequenceField)
  const lastOffset = readInt64(bytes, start + lastOffsetField, 'last offset')
  const delta = bytes.readInt32BE(start + offsetDeltaField)
  if (lastOffset < 0) return []
  return [
    {
      // Sequences wrap at 2^31, so going that much on less the delta goes back by the delta.
      firstSequence: incrementSequence(lastSequence, 0x8000_0000 - delta),
      lastSequence,
      firstOffset: lastOffset - delta,
      lastOffset,
      timestamp: readInt64(bytes, start + timestampField, 'timestamp'),
    },
  ]
}

function hasSafeIntegers(bytes: Buffer, start: number): boolean {
  const fields = [producerIdField, lastOffsetField, timestampField, currentTransactionFirstOffsetField]
  return fields.every((field) => isSafeInt64(bytes, start + field))
}

/**
 * The order in which Kafka would write the entries, so that a snapshot of the same producers has the same bytes.
 * Any order is valid; Kafka's is that of a java.util.HashMap with the producer ids as keys: by bucket, and within
 * a bucket as inserted.
 */
function inKafkasOrder(entries: readonly ProducerEntry[]): ProducerEntry[] {
  let bucketCount = 16
  while (entries.length > bucketCount * 0.75) bucketCount *= 2
  const bucketOf = (entry: ProducerEntry) => hashOfLong(entry.producerId) & (bucketCount - 1)
  return entries.toSorted((one, other) => bucketOf(one) - bucketOf(other))
}

/** Java's hash of a Long, spread over the lower bits as its HashMap does. */
function hashOfLong(value: number): number {
  const hash = value ^ Math.floor(value / 0x1_0000_0000)
  return hash ^ (hash >>> 16)
}
