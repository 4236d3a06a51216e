import type { AdminError } from './admin-error.ts'

/** What became of one of several things that were asked for. */
export interface ItemResult {
  /** Why it could not be had or done; then the other fields that a broker would have told have their defaults. */
  readonly error?: AdminError
}

/** Of every method of an Admin. */
export interface AdminOptions {
  /** Gives up: the method rejects with the signal's reason. What was asked for may be done all the same. */
  readonly signal?: AbortSignal
}

/** Of the methods that ask for several things at once. */
export interface ItemOptions extends AdminOptions {
  /**
   * Whether the method rejects if one of the things fails: with its KafkaError, or with an AggregateError of several.
   * Otherwise each result tells its own `error`. Things that did not fail are done either way. Default true.
   */
  readonly throwOnError?: boolean
}

/** Of options, what concerns every request that is made on the way. */
export function signalIn({ signal }: AdminOptions): AdminOptions {
  return signal === undefined ? {} : { signal }
}

/** `results`, unless some of them are to be thrown. @throws KafkaError, AggregateError as {@link ItemOptions.throwOnError} says */
export function orThrow<Result extends ItemResult>(
  results: Result[],
  { throwOnError = true }: ItemOptions,
): Result[] {
  if (!throwOnError) return results
  const errors = results.flatMap(({ error }) => error ?? [])
  const [first] = errors
  if (first === undefined) return results
  if (errors.length === 1) throw first
  const more = errors.length - shownErrors
  const shown = errors.slice(0, shownErrors).map(({ message }) => message)
  const rest = more > 0 ? `; and ${more} more` : ''
  throw new AggregateError(errors, `${errors.length} of ${results.length} failed: ${shown.join('; ')}${rest}`)
}

/** How many messages the message of an AggregateError repeats. */
const shownErrors = 3
