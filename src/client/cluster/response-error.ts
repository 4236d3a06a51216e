import { errorCodes, errorName } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'

/** How a response says what became of one thing; the code is 0 when all is well. */
export interface Answered {
  readonly errorCode: number
  /** The broker's own words, where it has any. */
  readonly errorMessage?: string | null
}

/** The error that a response tells by its code. `what` is what failed, such as `topic 'orders'`; codes that are not known count as UNKNOWN_SERVER_ERROR. */
export function responseError(
  errorCode: number,
  what: string,
  errorMessage: string | null = null,
): KafkaError {
  const name = errorName(errorCode) ?? 'UNKNOWN_SERVER_ERROR'
  const reason = errorMessage === null || errorMessage === '' ? '' : `: ${errorMessage}`
  return new KafkaError(name, `${what}: ${name}${reason}`)
}

/** Throws {@link responseError} unless the code is NONE. */
export function throwResponseError(errorCode: number, what: string, errorMessage?: string | null): void {
  if (errorCode !== errorCodes.NONE) throw responseError(errorCode, what, errorMessage)
}
