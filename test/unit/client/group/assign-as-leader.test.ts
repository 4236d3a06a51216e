import { expect, test } from 'vitest'
import { assignAsLeader } from '../../../../src/client/group/assign-as-leader.ts'
import type { Assignor, MemberSubscription } from '../../../../src/client/group/assignor.ts'
import { decodeAssignment } from '../../../../src/client/group/subscription-codec.ts'

const cluster = { partitionCounts: new Map([['t', 2]]) }
const first = { topic: 't', partition: 0 }
const second = { topic: 't', partition: 1 }

function member(memberId: string, ...ownedPartitions: (typeof first)[]): MemberSubscription {
  const rest = { groupInstanceId: null, topics: ['t'], userData: null, generationId: 1, rackId: null }
  return { memberId, ownedPartitions, ...rest }
}

function own(protocol: 'eager' | 'cooperative', shares: Record<string, (typeof first)[]>): Assignor {
  const assign = () =>
    new Map(Object.entries(shares).map(([memberId, partitions]) => [memberId, { partitions }]))
  return { name: 'own', protocol, assign }
}

test('members that an assignor does not name get nothing', () => {
  const encoded = assignAsLeader(own('eager', { a: [first] }), cluster, [member('a'), member('b')])
  const decoded = encoded.map(({ memberId, assignment }) => [
    memberId,
    decodeAssignment(assignment).partitions,
  ])
  expect(decoded).toEqual([
    ['a', [first]],
    ['b', []],
  ])
})

test('a cooperative assignor must not give away what a member still has', () => {
  const members = [member('a', first, second), member('b')]
  const shares = { a: [first], b: [second] }
  expect(() => assignAsLeader(own('cooperative', shares), cluster, members)).toThrow(
    "assignor 'own' gives t-1 to b while a still has it",
  )
  expect(() => assignAsLeader(own('eager', shares), cluster, members)).not.toThrow()
  expect(() => assignAsLeader(own('cooperative', { a: [first] }), cluster, members)).not.toThrow()
})
