/** Whether `error` is how `node:zlib` says that the output would exceed `maxOutputLength`. */
export function isZlibLimitError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}
