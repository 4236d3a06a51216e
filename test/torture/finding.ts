/**
 * One way in which a log broke its promise.
 *
 * - `lost`: an acknowledged record that had to survive is not there, or a trim did not last
 * - `reordered`: records are there, but not in the order, or at the offset, in which they were appended
 * - `invented`: a record that no one appended, that is there twice, or that was truncated or refused
 * - `damaged`: offsets with holes, or what `verify()` objects to
 * - `refused`: the log does not open, or a call fails that must not
 * - `slow`: writing did not go on in time
 */
export interface Finding {
  readonly kind: FindingKind
  readonly detail: string
}

export const findingKinds = ['lost', 'reordered', 'invented', 'damaged', 'refused', 'slow'] as const
export type FindingKind = (typeof findingKinds)[number]
