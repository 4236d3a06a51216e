/** What the grouping looks at in a segment. */
export interface GroupedSegment {
  readonly baseOffset: number
  readonly nextOffset: number
  readonly sizeBytes: number
  /** Of the larger of the offset and the time index. */
  readonly indexBytes: number
}

/** What one segment may hold. */
export interface GroupLimits {
  readonly segmentBytes: number
  readonly indexBytesMax: number
}

/** A relative offset must fit a signed 32-bit integer. */
const offsetSpanMax = 2 ** 31 - 1

/**
 * Neighbours whose records fit one segment even if all of them are kept: each group becomes one. A segment that is
 * over a limit by itself is a group of its own.
 */
export function groupSegments<S extends GroupedSegment>(
  segments: Iterable<S>,
  { segmentBytes, indexBytesMax }: GroupLimits,
): S[][] {
  const groups: S[][] = []
  let sizeBytes = 0
  let indexBytes = 0
  for (const segment of segments) {
    const group = groups.at(-1)
    const base = group?.[0]?.baseOffset
    sizeBytes += segment.sizeBytes
    indexBytes += segment.indexBytes
    const fits =
      base !== undefined &&
      sizeBytes <= segmentBytes &&
      indexBytes <= indexBytesMax &&
      segment.nextOffset - 1 - base <= offsetSpanMax
    if (fits) group?.push(segment)
    else {
      groups.push([segment])
      sizeBytes = segment.sizeBytes
      indexBytes = segment.indexBytes
    }
  }
  return groups
}
