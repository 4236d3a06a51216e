import { errorCodes, isRetriable } from '../../wire/error-codes.ts'

/** What a broker's answer means for a batch. */
export type Verdict =
  /** It is in the log. */
  | 'written'
  /** Its sequence is not the one that comes next. */
  | 'out-of-sequence'
  /** It is larger than the topic allows. */
  | 'too-large'
  /** It may be written or not, and trying again may help. */
  | 'again'
  /** Trying again will not help. */
  | 'refused'

/** Reads the error code of a produce response. */
export function verdictOf(errorCode: number): Verdict {
  switch (errorCode) {
    case errorCodes.NONE:
    // An answer was lost, and the broker has forgotten the offset.
    case errorCodes.DUPLICATE_SEQUENCE_NUMBER:
      return 'written'
    case errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER:
    // The broker knows nothing of the producer: the log was cut, or everything of it was deleted.
    case errorCodes.UNKNOWN_PRODUCER_ID:
      return 'out-of-sequence'
    case errorCodes.MESSAGE_TOO_LARGE:
      return 'too-large'
    default:
      return isRetriable(errorCode) ? 'again' : 'refused'
  }
}
