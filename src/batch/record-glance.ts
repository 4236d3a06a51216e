import type { Batch } from './batch.ts'
import { currentMagic } from './format.ts'
import { RecordReader, type RecordsOptions } from './record-reader.ts'

/** What can be told of a record without making anything of it. Good until the next one is looked at. */
export interface RecordGlance {
  readonly offset: number
  /** Holds the key, from `keyPosition` to `keyEnd`. */
  readonly bytes: Uint8Array
  readonly keyPosition: number
  /** Before `keyPosition` for a record without a key. */
  readonly keyEnd: number
  /** Without a value: it deletes its key. */
  readonly isTombstone: boolean
}

const noBytes = new Uint8Array(0)

/**
 * Shows `visit` the records of a batch, one after the other, until it returns false. Throws as `Batch.records` does.
 *
 * @returns false when `visit` did
 */
export function glanceAtRecords(
  batch: Batch,
  options: RecordsOptions,
  visit: (record: RecordGlance) => boolean,
): boolean {
  if (batch.magic < currentMagic) return glanceAtLegacy(batch, options, visit)
  const reader = new RecordReader(batch, options)
  const { bytes, baseOffset } = reader.source
  const glance = { offset: 0, bytes, keyPosition: 0, keyEnd: 0, isTombstone: false }
  while (reader.advance()) {
    glance.offset = baseOffset + reader.offsetDelta
    glance.keyPosition = reader.keyPosition
    glance.keyEnd = reader.keyPosition + reader.keySize
    glance.isTombstone = reader.valueSize < 0
    if (!visit(glance)) return false
  }
  return true
}

function glanceAtLegacy(
  batch: Batch,
  options: RecordsOptions,
  visit: (record: RecordGlance) => boolean,
): boolean {
  for (const { offset, key, keySizeBytes, valueSizeBytes } of batch.records(options)) {
    const bytes = key ?? noBytes
    if (!visit({ offset, bytes, keyPosition: 0, keyEnd: keySizeBytes, isTombstone: valueSizeBytes < 0 }))
      return false
  }
  return true
}
