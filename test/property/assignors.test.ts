import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TopicPartition } from '../../src/client/cluster/cluster-metadata.ts'
import { assignAsLeader } from '../../src/client/group/assign-as-leader.ts'
import type { Assignor, MemberSubscription } from '../../src/client/group/assignor.ts'
import { rangeAssignor } from '../../src/client/group/assignors/range.ts'
import { roundRobinAssignor } from '../../src/client/group/assignors/round-robin.ts'
import { cooperativeStickyAssignor, stickyAssignor } from '../../src/client/group/assignors/sticky.ts'
import { without } from '../../src/client/cluster/topic-partitions.ts'
import { flaws, keptCount, unevenness } from '../unit/client/group/assignment-merit.ts'

const seed = process.env.TIDEMARK_SEED === undefined ? {} : { seed: Number(process.env.TIDEMARK_SEED) }

const topicNames = ['t0', 't1', 't2', 't3', 'ghost']

const subscription = fc.record({
  groupInstanceId: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: null }),
  topics: fc.subarray(topicNames),
  owned: fc.array(fc.record({ topic: fc.constantFrom(...topicNames), partition: fc.nat(9) }), {
    maxLength: 6,
  }),
  generationId: fc.integer({ min: -1, max: 3 }),
})

/** A group: what its members say need not make sense. */
const group = fc.record({
  counts: fc.tuple(...[0, 1, 2, 3].map(() => fc.nat(8))),
  members: fc.array(subscription, { minLength: 1, maxLength: 7 }),
  isAlike: fc.boolean(),
})

type Group = typeof group extends fc.Arbitrary<infer G> ? G : never

function situation({ counts, members, isAlike }: Group) {
  const cluster = { partitionCounts: new Map(counts.map((count, index) => [`t${index}`, count])) }
  const subscriptions = members.map(
    ({ owned, topics, ...rest }, index): MemberSubscription => ({
      ...rest,
      memberId: `m${index}`,
      topics: isAlike ? (members[0]?.topics ?? []) : topics,
      ownedPartitions: [...new Map(owned.map((each) => [`${each.topic}-${each.partition}`, each])).values()],
      userData: null,
      rackId: null,
    }),
  )
  return { cluster, subscriptions }
}

function assign(assignor: Assignor, { cluster, subscriptions }: ReturnType<typeof situation>) {
  const assigned = assignor.assign(cluster, subscriptions)
  return new Map<string, readonly TopicPartition[]>(
    [...assigned].map(([memberId, { partitions }]) => [memberId, partitions]),
  )
}

test.each([rangeAssignor, roundRobinAssignor, stickyAssignor])(
  'each partition goes to one member that wants it (%#)',
  (make) => {
    fc.assert(
      fc.property(group, (given) => {
        const told = situation(given)
        expect(flaws(assign(make(), told), told.subscriptions, told.cluster)).toEqual([])
      }),
      { numRuns: 300, ...seed },
    )
  },
)

test('a cooperative member gets nothing that another still has', () => {
  fc.assert(
    fc.property(group, (given) => {
      const told = situation(given)
      const assigned = assign(cooperativeStickyAssignor(), told)
      expect(flaws(assigned, told.subscriptions, told.cluster, true)).toEqual([])
      for (const { memberId, ownedPartitions } of told.subscriptions)
        for (const other of told.subscriptions)
          if (other.memberId !== memberId) {
            const added = without(assigned.get(other.memberId) ?? [], other.ownedPartitions)
            expect(without(added, ownedPartitions)).toEqual(added)
          }
      // The check of what custom assignors do is content with it, too.
      assignAsLeader(cooperativeStickyAssignor(), told.cluster, told.subscriptions)
    }),
    { numRuns: 500, ...seed },
  )
})

/** What members would say after they have taken up what they were assigned. */
function afterwards(
  told: ReturnType<typeof situation>,
  assigned: ReadonlyMap<string, readonly TopicPartition[]>,
) {
  const subscriptions = told.subscriptions.map((each) => ({
    ...each,
    ownedPartitions: assigned.get(each.memberId) ?? [],
    generationId: 9,
  }))
  return { ...told, subscriptions }
}

test('a cooperative group comes to rest after two rounds, with everything given, evenly', () => {
  fc.assert(
    fc.property(group, (given) => {
      const first = situation(given)
      const second = afterwards(first, assign(cooperativeStickyAssignor(), first))
      const settled = assign(cooperativeStickyAssignor(), second)
      expect(flaws(settled, first.subscriptions, first.cluster)).toEqual([])
      const again = assign(cooperativeStickyAssignor(), afterwards(first, settled))
      expect(unevenness(again)).toBe(unevenness(settled))
      expect(keptCount(again, settled)).toBe([...settled.values()].flat().length)
    }),
    { numRuns: 300, ...seed },
  )
})

test('no partition could be handed on, be it by way of others, to make things more even', () => {
  fc.assert(
    fc.property(group, (given) => {
      const told = situation(given)
      const assigned = assign(stickyAssignor(), told)
      const wants = new Map(told.subscriptions.map(({ memberId, topics }) => [memberId, new Set(topics)]))
      for (const [memberId, partitions] of assigned) {
        const reached = reachable(memberId, assigned, wants)
        for (const other of reached)
          expect(partitions.length - (assigned.get(other)?.length ?? 0)).toBeLessThan(2)
      }
    }),
    { numRuns: 300, ...seed },
  )
})

/** The members that something of `start` could end up with, if each on the way hands on something of its own. */
function reachable(
  start: string,
  assigned: ReadonlyMap<string, readonly TopicPartition[]>,
  wants: ReadonlyMap<string, ReadonlySet<string>>,
): Set<string> {
  const found = new Set([start])
  for (const memberId of found)
    for (const { topic } of assigned.get(memberId) ?? [])
      for (const [other, topics] of wants) if (topics.has(topic)) found.add(other)
  return found
}
