import { DiskFullError, StorageError } from '../base/errors.ts'

const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

/** Wraps what the file system threw, with what was being done; a full disk becomes the retriable DiskFullError. */
export function storageError(doing: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause
  const code = systemCode(cause)
  const detail = cause instanceof Error ? cause.message : String(cause)
  if (code !== undefined && fullCodes.has(code))
    return new DiskFullError(
      `${doing}: the disk is full (${detail}). Reading goes on; free some room, or let retention free it, and append again`,
      { cause },
    )
  return new StorageError(`${doing}: ${detail}`, { cause })
}

/** What to throw where the file system may have failed: its errors wrapped, every other error as it is. */
export function operatingError(doing: string, error: unknown): unknown {
  return systemCode(error) === undefined ? error : storageError(doing, error)
}

/** The `code` of an error of the file system, such as ENOENT; undefined for errors of ours and of the runtime, `ERR_...`. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' && !error.code.startsWith('ERR_') ? error.code : undefined
}
