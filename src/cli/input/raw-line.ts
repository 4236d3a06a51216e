import type { HeadersInput, RecordInput } from '../../batch/record-input.ts'

/** How a line that is not JSON becomes a record. */
export interface RawLineSettings {
  /** What stands between key and value. */
  readonly keyDelimiter: Buffer | undefined
  /** The key of every record that has none in its line. */
  readonly key: string | undefined
  readonly headers: HeadersInput | undefined
  /** An empty key or value is null. */
  readonly emptyIsNull: boolean
}

/** The record of a line: its value, or its key and value around the first delimiter in it. */
export function parseRawLine(line: Buffer, settings: RawLineSettings): RecordInput {
  const { keyDelimiter, headers, emptyIsNull } = settings
  const at = keyDelimiter === undefined ? -1 : line.indexOf(keyDelimiter)
  const key = at < 0 ? settings.key : line.subarray(0, at)
  const value = at < 0 ? line : line.subarray(at + (keyDelimiter?.length ?? 0))
  const orNull = <T extends { length: number }>(bytes: T) =>
    emptyIsNull && bytes.length === 0 ? null : bytes
  return {
    key: key === undefined ? null : orNull(key),
    value: orNull(value),
    ...(headers === undefined ? {} : { headers }),
  }
}
