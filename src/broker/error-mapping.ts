import {
  ClosedError,
  CodecError,
  CodecUnavailableError,
  CorruptionError,
  FencedEpochError,
  FormatVersionError,
  InvalidRecordError,
  InvalidTimestampError,
  OffsetOutOfRangeError,
  OutputTooLargeError,
  PoisonedError,
  QueueFullError,
  RecordTooLargeError,
  SequenceError,
  StorageError,
  TransactionStateError,
} from '../base/errors.ts'
import { errorCodes } from '../wire/error-codes.ts'
import { KafkaError, type KafkaErrorName } from '../wire/kafka-error.ts'

type ErrorClass = abstract new (...args: never[]) => Error

/** What the engine says, in the words of Kafka's protocol. The first that fits counts. */
const names: readonly (readonly [ErrorClass, KafkaErrorName])[] = [
  [RecordTooLargeError, 'MESSAGE_TOO_LARGE'],
  [OutputTooLargeError, 'MESSAGE_TOO_LARGE'],
  [InvalidTimestampError, 'INVALID_TIMESTAMP'],
  [InvalidRecordError, 'INVALID_RECORD'],
  [CorruptionError, 'CORRUPT_MESSAGE'],
  [CodecError, 'CORRUPT_MESSAGE'],
  [CodecUnavailableError, 'UNSUPPORTED_COMPRESSION_TYPE'],
  [FormatVersionError, 'UNSUPPORTED_FOR_MESSAGE_FORMAT'],
  [SequenceError, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
  [FencedEpochError, 'INVALID_PRODUCER_EPOCH'],
  [TransactionStateError, 'INVALID_TXN_STATE'],
  [OffsetOutOfRangeError, 'OFFSET_OUT_OF_RANGE'],
  // Both pass, or are repaired by somebody: the client is to try again, and here or elsewhere it will succeed.
  [QueueFullError, 'KAFKA_STORAGE_ERROR'],
  [PoisonedError, 'KAFKA_STORAGE_ERROR'],
  [StorageError, 'KAFKA_STORAGE_ERROR'],
  [ClosedError, 'NOT_LEADER_OR_FOLLOWER'],
]

/** An error as a response states it. */
export interface StatedError {
  readonly errorCode: number
  readonly errorMessage: string
}

/**
 * The code and message of `error` in a response. What is no operating error is a bug of ours: it is thrown on.
 */
export function stateError(error: unknown): StatedError {
  if (error instanceof KafkaError) return { errorCode: error.kafkaCode, errorMessage: error.message }
  for (const [type, name] of names)
    if (error instanceof type) return { errorCode: errorCodes[name], errorMessage: error.message }
  throw error
}
