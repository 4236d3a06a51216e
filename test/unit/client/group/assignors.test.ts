import { describe, expect, test } from 'vitest'
import type { TopicPartition } from '../../../../src/client/cluster/cluster-metadata.ts'
import type { Assignor } from '../../../../src/client/group/assignor.ts'
import { rangeAssignor } from '../../../../src/client/group/assignors/range.ts'
import { roundRobinAssignor } from '../../../../src/client/group/assignors/round-robin.ts'
import { cooperativeStickyAssignor, stickyAssignor } from '../../../../src/client/group/assignors/sticky.ts'
import { flaws, keptCount, unevenness } from './assignment-merit.ts'
import { recordedAssignments, type RecordedAssignment } from './recorded-assignments.ts'

const recorded = recordedAssignments()

function linesOf(name: string): RecordedAssignment[] {
  const lines = recorded.filter(({ assignor }) => assignor === name)
  expect(lines.length).toBeGreaterThan(100)
  return lines
}

function assign(
  assignor: Assignor,
  { cluster, subscriptions }: Pick<RecordedAssignment, 'cluster' | 'subscriptions'>,
): Map<string, readonly TopicPartition[]> {
  const assignments = assignor.assign(cluster, subscriptions)
  return new Map([...assignments].map(([memberId, { partitions }]) => [memberId, partitions]))
}

function sorted(assigned: ReadonlyMap<string, readonly TopicPartition[]>): Record<string, string[]> {
  const entries = [...assigned].map(([memberId, partitions]) => [
    memberId,
    partitions.map(({ topic, partition }) => `${topic}-${partition}`).toSorted(),
  ])
  return Object.fromEntries(entries)
}

describe.each([rangeAssignor, roundRobinAssignor])('$name', (make) => {
  test('assigns what the Java client assigns', () => {
    for (const line of linesOf(make().name))
      expect(sorted(assign(make(), line))).toEqual(sorted(line.assigned))
  })
})

test.each([stickyAssignor, cooperativeStickyAssignor])(
  '$name tells the leader what the Java client tells',
  (make) => {
    const told = linesOf(make().name).flatMap(({ subscriptions, owned }) =>
      subscriptions
        .filter(({ generationId }) => generationId >= 0)
        .map(({ memberId, ...rest }) => ({ ...rest, owned: owned.get(memberId) ?? [] })),
    )
    for (const { topics, userData, generationId, owned } of told) {
      const assignor = make()
      assignor.onAssignment?.({ partitions: owned }, generationId)
      expect(assignor.userData?.(topics)?.length).toEqual(userData?.length)
      // Its topics come in the order of a hash table.
      if (new Set(owned.map(({ topic }) => topic)).size <= 1)
        expect(assignor.userData?.(topics)).toEqual(userData)
    }
  },
)

describe.each([stickyAssignor, cooperativeStickyAssignor])('$name', (make) => {
  test('assigns what the Java client assigns to a new group in which all subscribe alike', () => {
    const fresh = linesOf(make().name).filter(
      ({ owned, subscriptions }) =>
        [...owned.values()].every(({ length }) => length === 0) &&
        new Set(subscriptions.map(({ topics }) => topics.join())).size === 1,
    )
    expect(fresh.length).toBeGreaterThan(10)
    for (const line of fresh) expect(sorted(assign(make(), line))).toEqual(sorted(line.assigned))
  })

  test('is valid, and at least as even and as sticky as the Java client', () => {
    const tally = { evener: 0, stickier: 0, same: 0 }
    for (const line of linesOf(make().name)) {
      const assigned = assign(make(), line)
      const mayHoldBack = make().protocol === 'cooperative'
      expect(flaws(assigned, line.subscriptions, line.cluster, mayHoldBack)).toEqual([])
      const evener = unevenness(line.assigned) - unevenness(assigned)
      const stickier = keptCount(assigned, line.owned) - keptCount(line.assigned, line.owned)
      if (!mayHoldBack) expect(evener, JSON.stringify(line)).toBeGreaterThanOrEqual(0)
      if (evener === 0) expect(stickier, JSON.stringify(sorted(line.assigned))).toBeGreaterThanOrEqual(0)
      if (evener > 0) tally.evener++
      else if (stickier > 0) tally.stickier++
      else tally.same++
    }
  })
})
