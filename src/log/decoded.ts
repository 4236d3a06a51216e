/**
 * What decoding a file of the engine gives: the value, or in words what is wrong with the bytes. Damage in a
 * side file is an expected answer and no exception, because most of these files can be rebuilt from the log:
 * the caller decides between rebuilding and refusing.
 */
export type Decoded<T> =
  | { readonly value: T; readonly fault?: undefined }
  | { readonly fault: string; readonly value?: undefined }
