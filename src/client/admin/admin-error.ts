import { ConnectionError, type TidemarkError, TimeoutError } from '../../base/errors.ts'
import { errorCodes, errorName } from '../../wire/error-codes.ts'
import { KafkaError, type KafkaErrorName } from '../../wire/kafka-error.ts'
import type { Answered } from '../cluster/response-error.ts'

/** What the errors mean that brokers send without a word. */
const plainWords: Readonly<Partial<Record<KafkaErrorName, string>>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'it does not exist',
  GROUP_ID_NOT_FOUND: 'there is no such group',
  NON_EMPTY_GROUP: 'it has members: stop them first',
  UNKNOWN_MEMBER_ID: 'the group has members, who commit for themselves: stop them first',
  GROUP_SUBSCRIBED_TO_TOPIC: 'members of the group are consuming it: stop them first',
  OFFSET_OUT_OF_RANGE: 'there is no such offset in it',
  POLICY_VIOLATION: 'the rules of the broker or the topic do not allow it: see cleanup.policy',
  LEADER_NOT_AVAILABLE: 'nobody leads it at this moment',
  NOT_CONTROLLER: 'the cluster is choosing another controller: try again',
  REQUEST_TIMED_OUT: 'it was not done in time, and may be still',
}

/** Why one of the things that an Admin was asked for could not be had or done. */
export class AdminError extends KafkaError {
  /** What it is about, such as `topic 'orders'` or `orders-0`. */
  readonly subject: string
  /** The broker's words, or ours where it has none; the subject is not in them. */
  readonly reason: string

  constructor(
    kafkaName: KafkaErrorName,
    subject: string,
    reason = plainWords[kafkaName] ?? kafkaName,
    options?: ErrorOptions,
  ) {
    super(kafkaName, `${subject}: ${reason}${reason === kafkaName ? '' : ` (${kafkaName})`}`, options)
    this.subject = subject
    this.reason = reason
  }
}

/** The error in an answer about `subject`; undefined if there is none. */
export function errorIn({ errorCode, errorMessage }: Answered, subject: string): AdminError | undefined {
  if (errorCode === errorCodes.NONE) return undefined
  const name = errorName(errorCode)
  const words = errorMessage === null || errorMessage === '' ? undefined : errorMessage
  if (name !== undefined) return new AdminError(name, subject, words)
  return new AdminError('UNKNOWN_SERVER_ERROR', subject, words ?? `error ${errorCode}`)
}

/**
 * A failure to ask, as what it means for one of the things that were to be asked for: lost connections and late answers
 * under the names that Kafka has for them, with the first error as the cause.
 */
export function asAdminError(failure: TidemarkError, subject: string): AdminError {
  if (failure instanceof AdminError) return failure
  const name = nameFor(failure)
  return new AdminError(name, subject, plainWords[name] ?? failure.message, { cause: failure })
}

function nameFor(failure: TidemarkError): KafkaErrorName {
  if (failure instanceof KafkaError) return failure.kafkaName
  if (failure instanceof ConnectionError) return 'NETWORK_EXCEPTION'
  return failure instanceof TimeoutError ? 'REQUEST_TIMED_OUT' : 'UNKNOWN_SERVER_ERROR'
}
