import type { RecordInput } from '../../batch/record-input.ts'

/** Most that a record takes in a batch beyond its key, value and headers, with its length. */
const recordOverheadBytes = 31
/** Most that a header takes beyond its name and value. */
const headerOverheadBytes = 10

/** At least the bytes that the record takes in a batch, before compression. */
export function sizeBound({ key, value, headers = [] }: RecordInput): number {
  let bytes = recordOverheadBytes + sizeOf(key) + sizeOf(value)
  for (const [name, of] of Array.isArray(headers) ? headers : Object.entries(headers))
    bytes += headerOverheadBytes + sizeOf(name) + sizeOf(of)
  return bytes
}

function sizeOf(bytes: Uint8Array | string | null | undefined): number {
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : (bytes?.length ?? 0)
}
