import { CommanderError, InvalidArgumentError } from 'commander'
import { TidemarkError } from '../base/errors.ts'

/** The command was not asked rightly. Exit code 2. */
export class UsageError extends Error {}

/** What was read from stdin is not what the command takes. Exit code 1. */
export class InputError extends Error {}

/** The command was told to stop, or nobody listens any more: no failure, and nothing to say about it. */
export class Stopped extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * What `make` makes of options that the user gave, and of no others: what is of a wrong name, kind or range is theirs.
 *
 * @throws UsageError for that
 */
export function madeAsAsked<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      throw new UsageError(error.message, { cause: error })
    throw error
  }
}

/** How a failure ends the process, and what is said about it on stderr. */
export interface Explanation {
  readonly exitCode: number
  readonly message: string | undefined
}

/** 0 for no failure, 2 when the command was not asked rightly, 128 and the signal's number after a signal, else 1. */
export function explainFailure(failure: unknown): Explanation {
  if (failure === undefined) return { exitCode: 0, message: undefined }
  if (failure instanceof Stopped) return { exitCode: failure.exitCode, message: undefined }
  // Found when the command ran already; what commander finds while it parses it throws as another error.
  if (failure instanceof InvalidArgumentError) return { exitCode: 2, message: failure.message }
  // Commander has said what it had to say.
  if (failure instanceof CommanderError)
    return { exitCode: failure.exitCode === 0 ? 0 : 2, message: undefined }
  return { exitCode: failure instanceof UsageError ? 2 : 1, message: describe(failure) }
}

function describe(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure)
  const text = process.env['TIDEMARK_DEBUG'] === '1' ? failure.stack : failure.message
  const code = [failure, failure.cause].find((error) => error instanceof TidemarkError)?.code
  return (text ?? failure.name) + (code === undefined ? '' : ` [${code}]`)
}
