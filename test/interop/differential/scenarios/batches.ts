import { crc32cRange } from '../../../../native-free/crc32c.ts'
import { compressionId } from '../../../../src/batch/compression.ts'
import { encodeBatch, type EncodeOptions } from '../../../../src/batch/encode-batch.ts'
import {
  attributesPosition,
  batchLengthPosition,
  crcPosition,
  logOverhead,
  recordBatchOverhead,
} from '../../../../src/batch/format.ts'
import type { RecordInput } from '../../../../src/batch/record-input.ts'

/** When everything in the catalogue happened: long ago, and yet after the first second. */
export const thenMs = 1_000_000

/** A batch of so many records. */
export function batchOf(count: number, options: Partial<EncodeOptions> = {}): Buffer {
  const records = Array.from({ length: count }, (_, index): RecordInput => {
    return { key: `key ${index}`, value: `value ${index}`, timestamp: thenMs + index }
  })
  return batch(records, options)
}

/** A batch of these records. */
export function batch(records: readonly RecordInput[], options: Partial<EncodeOptions> = {}): Buffer {
  return encodeBatch(records, { now: thenMs, ...options })
}

/** A batch in which `change` has written something that does not belong there, with a checksum that fits it. */
export function altered(sound: Buffer, change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(sound)
  change(bytes)
  bytes.writeUInt32BE(crc32cRange(bytes, attributesPosition, bytes.length), crcPosition)
  return bytes
}

/** A small batch as a frame of zstd with one block that is not compressed: Node 20 can read zstd, but not write it. */
export function asZstd(plain: Buffer): Buffer {
  const records = plain.subarray(recordBatchOverhead)
  const block = Buffer.alloc(3)
  block.writeUIntLE((records.length << 3) | 1, 0, 3)
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, records.length])
  return altered(Buffer.concat([plain.subarray(0, recordBatchOverhead), head, block, records]), (bytes) => {
    bytes.writeInt32BE(bytes.length - logOverhead, batchLengthPosition)
    bytes.writeInt16BE(compressionId('zstd'), attributesPosition)
  })
}
