import { AssertionError } from '../../base/assert.ts'
import { TidemarkError } from '../../base/errors.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'

/** A record of `__consumer_offsets`. A value of null is a tombstone. */
export interface CoordinatorRecord {
  readonly key: Buffer
  readonly value: Buffer | null
}

/** The producer whose transaction a record is part of. */
export interface TransactionProducer {
  readonly producerId: number
  readonly producerEpoch: number
}

/** A record as it is read back; `timestamp` in milliseconds since 1970. */
export interface LoggedRecord extends CoordinatorRecord {
  readonly timestamp: number
  /** Set on a record that belongs to a transaction. */
  readonly producerId?: number
}

/** The end of a transaction, as its control record says it. */
export interface LoggedMarker {
  readonly producerId: number
  readonly isCommitted: boolean
}

/** The topic `__consumer_offsets`, as far as this broker leads it. */
export interface CoordinatorLog {
  partitionCount(): number
  /**
   * Appends `records` as one batch, and resolves once they are as durable as acks=all makes them. Appends to a
   * partition are stored, and resolve, in the order of the calls. A rejection means that none of them is in the log.
   */
  append(
    partition: number,
    records: readonly CoordinatorRecord[],
    transaction?: TransactionProducer,
  ): Promise<void>
  /** All that the partition holds, in the order of its offsets; of aborted transactions too, with their markers. */
  replay(partition: number): AsyncIterable<LoggedRecord | LoggedMarker>
}

/**
 * What a member is told when an append fails: never an error of the log, which would mean another topic to it, but
 * one of a coordinator, by which it looks for the coordinator again and retries. An {@link AssertionError} is our
 * bug and is thrown on.
 */
export function appendErrorCode(error: unknown): number {
  if (error instanceof AssertionError) throw error
  const code = kafkaCode(error)
  switch (code) {
    case errorCodes.UNKNOWN_TOPIC_OR_PARTITION:
    case errorCodes.NOT_ENOUGH_REPLICAS:
    case errorCodes.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case errorCodes.REQUEST_TIMED_OUT:
      return errorCodes.COORDINATOR_NOT_AVAILABLE
    case errorCodes.NOT_LEADER_OR_FOLLOWER:
    case errorCodes.KAFKA_STORAGE_ERROR:
      return errorCodes.NOT_COORDINATOR
    case errorCodes.MESSAGE_TOO_LARGE:
    case errorCodes.RECORD_LIST_TOO_LARGE:
    case errorCodes.INVALID_FETCH_SIZE:
      return errorCodes.UNKNOWN_SERVER_ERROR
    default:
      return code
  }
}

function kafkaCode(error: unknown): number {
  if (error instanceof KafkaError) return error.kafkaCode
  if (!(error instanceof TidemarkError)) return errorCodes.UNKNOWN_SERVER_ERROR
  if (error.code === 'ERR_RECORD_TOO_LARGE') return errorCodes.MESSAGE_TOO_LARGE
  return error.retriable ? errorCodes.REQUEST_TIMED_OUT : errorCodes.KAFKA_STORAGE_ERROR
}
