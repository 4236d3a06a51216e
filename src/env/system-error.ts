import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

/** An error of the operating system, in the shape Node gives it. */
export interface SystemError extends Error {
  /** Name of the error, such as `ENOSPC`. */
  code: string
  /** Its number, negative as in libuv. */
  errno: number
  /** The call that failed, such as `open`. */
  syscall: string
  path?: string
  dest?: string
}

/** Errors that matter to a log and that libuv has no name for: Node calls them "Unknown system error -122". */
const namelessErrors: readonly (readonly [code: string, errno: number, description: string])[] = [
  ['EDQUOT', -constants.errno.EDQUOT, 'disk quota exceeded'],
  ['ESTALE', -constants.errno.ESTALE, 'stale file handle'],
]

/** [errno, description] of every error this system knows, by name. */
const errorsByCode = new Map<string, readonly [errno: number, description: string]>()
for (const [errno, [code, description]] of getSystemErrorMap()) errorsByCode.set(code, [errno, description])
for (const [code, errno, description] of namelessErrors) errorsByCode.set(code, [errno, description])

/** Which paths an error names, as Node's do: none for calls on open files, two for renames. */
export interface ErrorPaths {
  readonly path?: string
  readonly dest?: string
}

/** Builds the error Node would throw if `syscall` failed with `code`. */
export function systemError(code: string, syscall: string, paths: ErrorPaths = {}): SystemError {
  const [errno, description] = errorsByCode.get(code) ?? [0, 'unknown error']
  const source = paths.path === undefined ? '' : ` '${paths.path}'`
  const dest = paths.dest === undefined ? '' : ` -> '${paths.dest}'`
  const error = new Error(`${code}: ${description}, ${syscall}${source}${dest}`)
  return Object.assign(error, { errno, code, syscall }, paths)
}

/** The system's name for `error` (`ENOENT`, ...), or `undefined` when it is not an error of the system. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Gives an error that Node could not name its `code`, so that callers may branch on it. Returns `error`. */
export function withErrorName(error: unknown): unknown {
  if (!(error instanceof Error) || !('errno' in error)) return error
  const named = namelessErrors.find(([, errno]) => errno === error.errno)
  return named ? Object.assign(error, { code: named[0] }) : error
}
