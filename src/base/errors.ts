/**
 * Every code a {@link TidemarkError} can carry. Codes are stable API: never renamed, never reused.
 */
export type ErrorCode =
  | 'ERR_CLOSED'
  | 'ERR_LOCKED'
  | 'ERR_READ_ONLY'
  | 'ERR_NOT_A_LOG'
  | 'ERR_OFFSET_OUT_OF_RANGE'
  | 'ERR_OFFSET_MISMATCH'
  | 'ERR_RECORD_TOO_LARGE'
  | 'ERR_INVALID_RECORD'
  | 'ERR_INVALID_TIMESTAMP'
  | 'ERR_CORRUPT'
  | 'ERR_FORMAT_VERSION'
  | 'ERR_CODEC'
  | 'ERR_CODEC_UNAVAILABLE'
  | 'ERR_OUTPUT_TOO_LARGE'
  | 'ERR_SEQUENCE'
  | 'ERR_FENCED_EPOCH'
  | 'ERR_TRANSACTION_STATE'
  | 'ERR_STORAGE'
  | 'ERR_DISK_FULL'
  | 'ERR_QUEUE_FULL'
  | 'ERR_POISONED'
  | 'ERR_WIRE'
  | 'ERR_METADATA_CONFLICT'
  | 'ERR_KAFKA'
  | 'ERR_CONNECTION'
  | 'ERR_TIMEOUT'
  | 'ERR_UNSUPPORTED_VERSION'
  | 'ERR_BUFFER_FULL'
  | 'ERR_SERIALIZATION'
  | 'ERR_NO_POSITION'
  | 'ERR_DESERIALIZATION'

/**
 * Base of all operating errors: things that happen to a correct program. Branch on `code`. Misuse of the API
 * throws `TypeError` or `RangeError` instead, and a broken invariant throws an `AssertionError`, which is our
 * bug and is never caught.
 */
export abstract class TidemarkError extends Error {
  abstract readonly code: ErrorCode
  /** True when the same call may succeed later without the caller changing anything. */
  readonly retriable: boolean = false

  override get name(): string {
    return this.constructor.name
  }
}

/** The log (or reader) was closed, or is closing. */
export class ClosedError extends TidemarkError {
  readonly code = 'ERR_CLOSED'
}

/** Another live process (or another `openLog` of this one) holds the directory. */
export class LockedError extends TidemarkError {
  readonly code = 'ERR_LOCKED'
  readonly path: string
  readonly ownerPid: number

  constructor(path: string, ownerPid: number, detail: string) {
    super(
      `${path} is held by process ${ownerPid} (${detail}). ` +
        'One process at a time may write a log: stop that process, or open with { readOnly: true }.',
    )
    this.path = path
    this.ownerPid = ownerPid
  }
}

/** A log opened with `readOnly` was asked to change. */
export class ReadOnlyError extends TidemarkError {
  readonly code = 'ERR_READ_ONLY'
}

/** The directory does not exist or holds no log. */
export class NotALogError extends TidemarkError {
  readonly code = 'ERR_NOT_A_LOG'
}

/** The asked offset lies outside `[startOffset, endOffset]`. */
export class OffsetOutOfRangeError extends TidemarkError {
  readonly code = 'ERR_OFFSET_OUT_OF_RANGE'
  readonly offset: number
  readonly startOffset: number
  readonly endOffset: number

  constructor(offset: number, startOffset: number, endOffset: number) {
    super(`offset ${offset} is outside the log, which holds offsets from ${startOffset} up to ${endOffset}`)
    this.offset = offset
    this.startOffset = startOffset
    this.endOffset = endOffset
  }
}

/** The log did not end where a conditional append expected it to: somebody else has appended. */
export class OffsetMismatchError extends TidemarkError {
  readonly code = 'ERR_OFFSET_MISMATCH'
  readonly expectedOffset: number
  readonly endOffset: number

  constructor(expectedOffset: number, endOffset: number) {
    super(`the append expected the log to end at ${expectedOffset}, but it ends at ${endOffset}`)
    this.expectedOffset = expectedOffset
    this.endOffset = endOffset
  }
}

/** A batch is larger than `max.message.bytes`, or than a segment can hold. */
export class RecordTooLargeError extends TidemarkError {
  readonly code = 'ERR_RECORD_TOO_LARGE'
  readonly sizeBytes: number
  readonly maxBytes: number

  constructor(sizeBytes: number, maxBytes: number, what = 'max.message.bytes') {
    super(
      `the batch takes ${sizeBytes} bytes, more than ${what} = ${maxBytes}: append fewer records at once, or raise ${what}`,
    )
    this.sizeBytes = sizeBytes
    this.maxBytes = maxBytes
  }
}

/** What is wrong with one record of a refused batch. */
export interface RecordError {
  /** Place of the record in its batch, from 0. */
  readonly index: number
  readonly message: string
}

/** A batch is refused for what single records in it are like (KIP-467). */
abstract class RefusedRecordsError extends TidemarkError {
  /** The records at fault, if single ones are. Long lists are cut. */
  readonly recordErrors: readonly RecordError[]

  constructor(message: string, recordErrors: readonly RecordError[] = []) {
    super(message)
    this.recordErrors = recordErrors
  }
}

/** A record or batch breaks a rule of the format (Kafka's INVALID_RECORD). */
export class InvalidRecordError extends RefusedRecordsError {
  readonly code = 'ERR_INVALID_RECORD'
}

/** A record's timestamp is outside what the log accepts (Kafka's INVALID_TIMESTAMP). */
export class InvalidTimestampError extends RefusedRecordsError {
  readonly code = 'ERR_INVALID_TIMESTAMP'
}

/** Bytes that were once written whole are not what they were: a failed checksum or an impossible structure. */
export class CorruptionError extends TidemarkError {
  readonly code = 'ERR_CORRUPT'
  readonly file: string
  /** Byte in `file` at which the damage shows, or -1 when it concerns the file as a whole. */
  readonly position: number
  readonly reason: string

  constructor(file: string, position: number, reason: string, advice = '') {
    super(`${file}${position < 0 ? '' : ` at byte ${position}`}: ${reason}${advice && `. ${advice}`}`)
    this.file = file
    this.position = position
    this.reason = reason
  }
}

/** A file or batch carries a version this release does not know. */
export class FormatVersionError extends TidemarkError {
  readonly code = 'ERR_FORMAT_VERSION'
}

/** Compressed data is malformed. */
export class CodecError extends TidemarkError {
  readonly code = 'ERR_CODEC'
}

/** The codec cannot run here, for instance writing zstd on Node 20. The message names the ways out. */
export class CodecUnavailableError extends TidemarkError {
  readonly code = 'ERR_CODEC_UNAVAILABLE'
}

/** Compressed data would expand beyond the allowed size. */
export class OutputTooLargeError extends TidemarkError {
  readonly code = 'ERR_OUTPUT_TOO_LARGE'
}

/** An idempotent producer's batch does not follow its last one (Kafka's OUT_OF_ORDER_SEQUENCE_NUMBER). */
export class SequenceError extends TidemarkError {
  readonly code = 'ERR_SEQUENCE'
  readonly producerId: number
  readonly expected: number
  readonly got: number

  constructor(producerId: number, expected: number, got: number) {
    super(`producer ${producerId}: expected sequence ${expected}, got ${got}`)
    this.producerId = producerId
    this.expected = expected
    this.got = got
  }
}

/** A producer, or a transaction coordinator, of an older epoch is still writing (Kafka's INVALID_PRODUCER_EPOCH). */
export class FencedEpochError extends TidemarkError {
  readonly code = 'ERR_FENCED_EPOCH'
  readonly current: number
  readonly got: number

  constructor(who: string, current: number, got: number) {
    super(`${who}: epoch ${got} is older than the current epoch ${current}`)
    this.current = current
    this.got = got
  }
}

/** A batch does not fit the state of its producer's transaction (Kafka's INVALID_TXN_STATE). */
export class TransactionStateError extends TidemarkError {
  readonly code = 'ERR_TRANSACTION_STATE'
}

/** The file system refused. `cause` is the system error. Nothing of the refused append is in the log. */
export class StorageError extends TidemarkError {
  readonly code: 'ERR_STORAGE' | 'ERR_DISK_FULL' = 'ERR_STORAGE'
}

/** No room on the disk. The log stays open for reading, and writes succeed again by themselves once there is room. */
export class DiskFullError extends StorageError {
  override readonly code = 'ERR_DISK_FULL'
  override readonly retriable = true
}

/** More bytes wait to be written than `maxQueuedBytes` allows. Await some of the appends before making more. */
export class QueueFullError extends TidemarkError {
  readonly code = 'ERR_QUEUE_FULL'
  override readonly retriable = true
}

/**
 * A sync failed, or a failed write could not be undone, so what the disk holds is no longer known. The log
 * refuses writes until it is reopened, which verifies it again. `cause` is the first failure.
 */
export class PoisonedError extends TidemarkError {
  readonly code = 'ERR_POISONED'
}

/** A change of the cluster's metadata did not find what it expected: somebody else was faster. Read again and decide anew. */
export class MetadataConflictError extends TidemarkError {
  readonly code = 'ERR_METADATA_CONFLICT'
  override readonly retriable = true
  readonly key: string

  constructor(key: string, reason: string) {
    super(`the metadata at ${key} cannot be changed: ${reason}`)
    this.key = key
  }
}

/**
 * A protocol message cannot be decoded, or has no form in the version it is to be encoded in. The message names
 * the Kafka message, its version and the field.
 */
export class WireError extends TidemarkError {
  readonly code = 'ERR_WIRE'
  /** Kafka's name of the message, such as `FetchRequest`. */
  readonly messageName: string
  readonly version: number
  /** The field, from the outside in, such as `topics[2].partitions[0].fetchOffset`; empty when no single one is at fault. */
  readonly path: string
  readonly reason: string

  constructor(messageName: string, version: number, path: string, reason: string) {
    super(`${messageName} v${version}${path && `, ${path}`}: ${reason}`)
    this.messageName = messageName
    this.version = version
    this.path = path
    this.reason = reason
  }
}

/** A broker cannot be reached, or the connection to it was lost. What was under way may have been done or not. */
export class ConnectionError extends TidemarkError {
  readonly code = 'ERR_CONNECTION'
  override readonly retriable = true
  /** `host:port` of the broker. */
  readonly address: string

  /** `options.cause` is the system's error, if there was one. */
  constructor(address: string, reason: string, options?: ErrorOptions) {
    super(`${address}: ${reason}`, options)
    this.address = address
  }
}

/** No answer came in time. What was asked for may have been done or not. */
export class TimeoutError extends TidemarkError {
  readonly code = 'ERR_TIMEOUT'
  override readonly retriable = true
}

/** A broker serves no version of an API that is known here. */
export class UnsupportedVersionError extends TidemarkError {
  readonly code = 'ERR_UNSUPPORTED_VERSION'
}

/**
 * A consumer cannot tell where to read a partition from: there is no committed offset, or the one it had is no longer in the log,
 * and `autoOffsetReset` is `'none'`. Seek, and go on.
 */
export class NoPositionError extends TidemarkError {
  readonly code = 'ERR_NO_POSITION'
  readonly topic: string
  readonly partition: number

  constructor(topic: string, partition: number, reason: string) {
    super(
      `${topic}-${partition}: ${reason}. Seek to an offset, or set autoOffsetReset to 'earliest' or 'latest'`,
    )
    this.topic = topic
    this.partition = partition
  }
}

/** A deserializer refused the key or the value of a record. `cause` is what it threw. */
export class DeserializationError extends TidemarkError {
  readonly code = 'ERR_DESERIALIZATION'
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly part: 'key' | 'value'

  constructor(
    record: { readonly topic: string; readonly partition: number; readonly offset: number },
    part: 'key' | 'value',
    options: ErrorOptions,
  ) {
    const { topic, partition, offset } = record
    const reason = options.cause instanceof Error ? options.cause.message : String(options.cause)
    super(`${topic}-${partition}: the ${part} of record ${offset} cannot be deserialized: ${reason}`, options)
    this.topic = topic
    this.partition = partition
    this.offset = offset
    this.part = part
  }
}

/** A producer's `buffer.memory` stayed full for `max.block.ms`: brokers take records more slowly than they are sent. */
export class BufferFullError extends TidemarkError {
  readonly code = 'ERR_BUFFER_FULL'
  override readonly retriable = true
}

/** Bytes of a key or value are not what its deserializer reads. */
export class SerializationError extends TidemarkError {
  readonly code = 'ERR_SERIALIZATION'
}
