import type { ConsumedRecord } from '../consumer/consumed-record.ts'

/** Whether `copy` is what a mirror makes of `original`. Timestamps are not held against each other where the target sets its own. */
export function isCopyOf(copy: ConsumedRecord, original: ConsumedRecord): boolean {
  return (
    isSame(copy.keyBytes, original.keyBytes) &&
    isSame(copy.valueBytes, original.valueBytes) &&
    hasSameTime(copy, original) &&
    hasSameHeaders(copy, original)
  )
}

function hasSameTime(copy: ConsumedRecord, original: ConsumedRecord): boolean {
  if (copy.timestampType !== 'CreateTime' || original.timestamp < 0) return true
  return copy.timestamp === original.timestamp
}

function hasSameHeaders(copy: ConsumedRecord, original: ConsumedRecord): boolean {
  const [ours, theirs] = [copy.headerList, original.headerList]
  return (
    ours.length === theirs.length &&
    ours.every(
      ({ key, value }, index) => key === theirs[index]?.key && isSame(value, theirs[index]?.value ?? null),
    )
  )
}

function isSame(a: Buffer | null, b: Buffer | null): boolean {
  if (a === null || b === null) return a === b
  return a.equals(b)
}
