import type { ClassicGroup } from './classic-group.ts'
import type { CommittedOffset, GroupOffsets } from './group-offsets.ts'

/**
 * The offsets of a group whose time is over (KIP-211): `retentionMs` after the group lost its last member; for topics that
 * a stable group of consumers no longer subscribes to, and for groups that never had members, after the commit. While a
 * group rebalances, it is not known what it will subscribe to, and nothing expires.
 */
export function expiredOffsets(
  group: ClassicGroup,
  offsets: GroupOffsets,
  nowMs: number,
  retentionMs: number,
): [topic: string, partition: number][] {
  const unusedSince = sinceWhenUnused(group)
  if (unusedSince === undefined) return []
  const expired: [string, number][] = []
  for (const [topic, partition, committed] of offsets) {
    const isInUse = group.topics?.has(topic) === true || offsets.isPending(topic, partition)
    if (!isInUse && isOver(committed, unusedSince(committed), nowMs, retentionMs))
      expired.push([topic, partition])
  }
  return expired
}

function sinceWhenUnused(group: ClassicGroup): ((committed: CommittedOffset) => number) | undefined {
  const atCommit = (committed: CommittedOffset): number => committed.commitTimestampMs
  const { stateChangedMs } = group
  if (group.state === 'Dead') return undefined
  if (group.protocolType === null) return atCommit
  // Old records do not say when the group became empty.
  if (group.state === 'Empty') return stateChangedMs === -1 ? atCommit : () => stateChangedMs
  const isKnown = group.state === 'Stable' && group.topics !== undefined
  return isKnown ? atCommit : undefined
}

function isOver(
  { expireTimestampMs }: CommittedOffset,
  unusedSinceMs: number,
  nowMs: number,
  retentionMs: number,
): boolean {
  if (expireTimestampMs !== -1) return nowMs >= expireTimestampMs
  return nowMs - unusedSinceMs >= retentionMs
}
