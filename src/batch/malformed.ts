import { CorruptionError, InvalidRecordError } from '../base/errors.ts'

/** Where a batch came from, for the errors that its content may raise. */
export interface BatchOrigin {
  /** File that holds the batch. Malformed content is then corruption of that file rather than an invalid record. */
  readonly file?: string
  /** Byte in `file` at which the batch begins. Default -1, unknown. */
  readonly filePosition?: number
}

/**
 * Refuses the content of the batch whose base offset field reads `baseOffset`.
 *
 * @throws CorruptionError when the batch comes from a file, else InvalidRecordError
 */
export function refuseMalformed(origin: BatchOrigin, baseOffset: bigint, reason: string): never {
  const detail = `malformed batch with base offset ${baseOffset}: ${reason}`
  if (origin.file === undefined) throw new InvalidRecordError(detail)
  throw new CorruptionError(origin.file, origin.filePosition ?? -1, detail)
}
