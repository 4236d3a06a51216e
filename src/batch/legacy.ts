import type Crc32 from 'crc-32'
import { requirePackage } from '../../native-free/require-package.ts'
import { readInt64 } from '../base/int64.ts'
import type { Batch } from './batch.ts'
import { compressionName, decompress, decompressMagic0, defaultMaxDecompressedBytes } from './compression.ts'
import {
  baseOffsetPosition,
  compressionMask,
  legacyAttributesPosition,
  legacyKeyPositions,
  legacyTimestampPosition,
  logAppendTimeBit,
  logOverhead,
  magicPosition,
  minimumRecordSize,
  noSequence,
  noTimestamp,
  type TimestampType,
} from './format.ts'
import { impossibleSize, headerCutShort, readBatchSize } from './batch-size.ts'
import { LogRecord, type RecordLayout } from './log-record.ts'
import { refuseMalformed } from './malformed.ts'
import type { RecordsOptions } from './record-reader.ts'

/**
 * Message sets of magic 0 and 1, which Kafka wrote before 0.11 and which old segments may still hold. They are read,
 * never written.
 */

/** One message, whole or wrapped. Its offset and timestamp are absolute numbers, or count from the wrapper's. */
interface Message extends RecordLayout {
  readonly magic: number
  readonly attributes: number
}

type Fail = (reason: string) => never

let crc32: typeof Crc32 | undefined

/** CRC-32 (IEEE) of the message in `[start, end)`, from its magic on. Unsigned. */
export function legacyCrc(buffer: Buffer, start: number, end: number): number {
  crc32 ??= requirePackage<typeof Crc32>('crc-32')
  return crc32.buf(buffer.subarray(start + magicPosition, end)) >>> 0
}

/**
 * The record of a message, or those inside a compressed wrapper, all of which have to be parsed to know the offset of
 * the first.
 *
 * @throws as `Batch.records` does
 */
export function legacyRecords(batch: Batch, options: RecordsOptions): LogRecord[] {
  const { buffer, start } = batch
  const fail: Fail = (reason) =>
    refuseMalformed(options, buffer.readBigInt64BE(start + baseOffsetPosition), reason)
  const isWhole = batch.sizeBytes >= logOverhead + minimumRecordSize && batch.endPosition <= buffer.length
  if (!isWhole) fail(`its size of ${batch.sizeBytes} bytes is not what is there`)
  const outer = readMessage(buffer, start, batch.endPosition, fail)
  if ((outer.attributes & compressionMask) === 0) return [toRecord(buffer, outer, outer, 0)]
  const block = expandWrapper(buffer, outer, options, fail)
  return readWrapped(block, outer, fail)
}

function expandWrapper(buffer: Buffer, wrapper: Message, options: RecordsOptions, fail: Fail): Buffer {
  if (wrapper.valueSize < 0) fail('a compressed wrapper without a value')
  const compression = compressionName(wrapper.attributes & compressionMask)
  const input = buffer.subarray(wrapper.valuePosition, wrapper.valuePosition + wrapper.valueSize)
  const maxBytes = options.maxDecompressedBytes ?? defaultMaxDecompressedBytes
  if (compression === 'zstd') fail('a legacy message compressed with zstd, which is younger than its format')
  return wrapper.magic === 0
    ? decompressMagic0(compression, input, maxBytes)
    : decompress(compression, input, maxBytes)
}

function readWrapped(block: Buffer, wrapper: Message, fail: Fail): LogRecord[] {
  const messages = readMessageSet(block, fail)
  const last = messages.at(-1)
  if (last === undefined) return fail('a compressed wrapper around nothing')
  refuseDisorder(messages, fail)
  const base = wrapper.magic === 0 ? 0 : baseOfRelative(wrapper.offsetDelta, last.offsetDelta, fail)
  const first = base + (messages[0]?.offsetDelta ?? 0)
  if (!isInt31(wrapper.offsetDelta - first))
    fail(`the wrapper's offset ${wrapper.offsetDelta} is far from its content`)
  return messages.map((message) => toRecord(block, message, wrapper, base))
}

/**
 * With magic 1 inner offsets count from 0 and the wrapper has the last one's absolute offset; some releases of librdkafka
 * left 0 there.
 */
function baseOfRelative(wrapperOffset: number, lastInnerOffset: number, fail: Fail): number {
  if (wrapperOffset === 0) return 0
  if (wrapperOffset >= lastInnerOffset) return wrapperOffset - lastInnerOffset
  return fail(`the wrapper's offset ${wrapperOffset} lies before the last inner offset ${lastInnerOffset}`)
}

/** Offsets must ascend, and not further than the 2^31 that one batch can span. */
function refuseDisorder(messages: readonly Message[], fail: Fail): void {
  const first = messages[0]?.offsetDelta ?? 0
  let previous = first - 1
  for (const { offsetDelta } of messages) {
    if (offsetDelta <= previous || !isInt31(offsetDelta - first))
      fail(`the inner offset ${offsetDelta} is out of order`)
    previous = offsetDelta
  }
}

function isInt31(value: number): boolean {
  return value >= 0 && value < 2 ** 31
}

/** An incomplete message at the end is left out, as it was by the readers of its time. */
function readMessageSet(block: Buffer, fail: Fail): Message[] {
  const messages: Message[] = []
  let position = 0
  while (true) {
    const size = readBatchSize(block, position)
    if (size === impossibleSize) fail('an inner message of an impossible size')
    if (size === headerCutShort || position + size > block.length) return messages
    const message = readMessage(block, position, position + size, fail)
    if ((message.attributes & compressionMask) !== 0) fail('a compressed message inside a compressed one')
    messages.push(message)
    position += size
  }
}

function readMessage(bytes: Buffer, start: number, end: number, fail: Fail): Message {
  const magic = bytes.readInt8(start + magicPosition)
  const keyField = legacyKeyPositions[magic]
  if (keyField === undefined) return fail(`a message of magic ${magic} in a legacy message set`)
  const key = readField(bytes, start + keyField, end, fail)
  const value = readField(bytes, key.end, end, fail)
  if (value.end !== end) fail(`${end - value.end} bytes follow the value`)
  return {
    magic,
    attributes: bytes.readInt8(start + legacyAttributesPosition),
    offsetDelta: readInt64(bytes, start + baseOffsetPosition, 'offset'),
    timestampDelta:
      magic === 0 ? noTimestamp : readInt64(bytes, start + legacyTimestampPosition, 'timestamp'),
    recordPosition: start,
    fieldsPosition: -1,
    keyPosition: key.position,
    keySize: key.size,
    valuePosition: value.position,
    valueSize: value.size,
    recordEnd: end,
  }
}

function readField(bytes: Buffer, position: number, limit: number, fail: Fail) {
  if (position + 4 > limit) fail('the message is cut short')
  const size = bytes.readInt32BE(position)
  const start = position + 4
  if (size < -1 || size > limit - start) fail(`a size of ${size} where ${limit - start} bytes are left`)
  return { position: start, size, end: start + Math.max(size, 0) }
}

/** `wrapper` is the message itself when it is not wrapped: of magic 1 it rules the timestamps inside. */
function toRecord(bytes: Buffer, message: Message, wrapper: Message, baseOffset: number): LogRecord {
  const isLogAppendTime = message.magic > 0 && (wrapper.attributes & logAppendTimeBit) !== 0
  const timestampType: TimestampType = isLogAppendTime ? 'LogAppendTime' : 'CreateTime'
  const source = {
    bytes,
    baseOffset,
    baseTimestamp: 0,
    timestampType,
    logAppendTimeMs: wrapper.timestampDelta,
    baseSequence: noSequence,
  }
  return new LogRecord(source, message)
}
