import { LockedError } from '../../base/errors.ts'

/**
 * `error`; when it is that another process holds a directory, one that says who, and how that is known, and then `advice`,
 * which is for whoever typed a command, in place of that for programs.
 */
export function withAdviceIfHeld(error: unknown, advice: string): unknown {
  if (!(error instanceof LockedError)) return error
  const [who] = error.message.split(' One process at a time')
  return new Error(`${who} ${advice}`, { cause: error })
}
