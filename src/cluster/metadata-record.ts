import type { RecordInput } from '../batch/record-input.ts'
import type { MetadataEntry } from './metadata-store.ts'

/*
 * The local store's log has a record per change: the key as it is, and as value a JSON array [version, text]; none
 * for a key that was deleted. A commit is one batch, so that the disk has all of it or nothing.
 */

export interface KeyChange {
  readonly key: string
  readonly entry: MetadataEntry | undefined
}

export function encodeChange({ key, entry }: KeyChange): RecordInput {
  return { key, value: entry === undefined ? null : JSON.stringify([entry.version, entry.value]) }
}

/** @returns undefined for a record that {@link encodeChange} has not made */
export function decodeChange(record: {
  readonly key: Buffer | null
  readonly value: Buffer | null
}): KeyChange | undefined {
  if (record.key === null) return undefined
  const key = record.key.toString()
  if (record.value === null) return { key, entry: undefined }
  const parsed: unknown = parseJson(record.value.toString())
  if (!Array.isArray(parsed)) return undefined
  const [version, value] = parsed as unknown[]
  if (typeof version !== 'number' || typeof value !== 'string') return undefined
  return { key, entry: { key, value, version } }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
