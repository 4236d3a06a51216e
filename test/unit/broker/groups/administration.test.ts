import { expect, test } from 'vitest'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import { GroupHarness, subscription } from './group-harness.ts'

async function deleteGroups(harness: GroupHarness, ...groupsNames: string[]): Promise<number[]> {
  const { results } = await harness.coordinator.deleteGroups(harness.context(2), { groupsNames })
  return results.map(({ errorCode }) => errorCode)
}

async function deleteOffset(harness: GroupHarness, name: string, groupId = 'g') {
  return await harness.coordinator.offsetDelete(harness.context(0), {
    groupId,
    topics: [{ name, partitions: [{ partitionIndex: 0 }] }],
  })
}

async function list(harness: GroupHarness, statesFilter: string[] = [], typesFilter: string[] = []) {
  const response = await harness.coordinator.listGroups(harness.context(5), { statesFilter, typesFilter })
  return response.groups.map(({ groupId }) => groupId)
}

test('a stable group is described with what its members said and got', async () => {
  const harness = await GroupHarness.started()
  const [member] = await harness.stable(['a'])
  const request = { groups: ['g'], includeAuthorizedOperations: false }
  const described = async () =>
    (await harness.coordinator.describeGroups(harness.context(6), request)).groups[0]
  const group = {
    errorCode: 0,
    errorMessage: null,
    groupId: 'g',
    groupState: 'Stable',
    protocolType: 'consumer',
    protocolData: 'range',
    authorizedOperations: -2147483648,
    members: [
      {
        memberId: member?.memberId,
        groupInstanceId: null,
        clientId: 'client',
        clientHost: '/127.0.0.1',
        memberMetadata: subscription('t'),
        memberAssignment: Buffer.from('a'),
      },
    ],
  }
  expect(await described()).toEqual(group)
  void harness.join({ memberId: member?.memberId ?? '' })
  // In a rebalance only the assignment is as it was.
  const nothing = Buffer.alloc(0)
  const [only] = group.members
  expect(await described()).toEqual({
    ...group,
    groupState: 'CompletingRebalance',
    protocolData: '',
    members: [{ ...only, memberMetadata: nothing }],
  })
})

test('a group that does not exist is dead, and since version 6 an error', async () => {
  const harness = await GroupHarness.started()
  const describe = async (apiVersion: number) => {
    const request = { groups: ['none'], includeAuthorizedOperations: false }
    return (await harness.coordinator.describeGroups(harness.context(apiVersion), request)).groups[0]
  }
  expect(await describe(5)).toMatchObject({ errorCode: 0, errorMessage: null, groupState: 'Dead' })
  expect(await describe(6)).toMatchObject({ errorCode: errorCodes.GROUP_ID_NOT_FOUND, groupState: 'Dead' })
  expect((await describe(6))?.errorMessage).toContain('none')
})

test('groups are listed by state and type, in any case of letters', async () => {
  const harness = await GroupHarness.started()
  await harness.stable(['a'])
  await harness.commit(1, { groupId: 'simple' })
  expect(await list(harness)).toEqual(['g', 'simple'])
  expect(await list(harness, ['stable', 'Dead'])).toEqual(['g'])
  expect(await list(harness, ['EMPTY'])).toEqual(['simple'])
  expect(await list(harness, [], ['Classic'])).toEqual(['g', 'simple'])
  expect(await list(harness, [], ['consumer'])).toEqual([])
  const { groups } = await harness.coordinator.listGroups(harness.context(5), {
    statesFilter: [],
    typesFilter: [],
  })
  expect(groups).toEqual([
    { groupId: 'g', protocolType: 'consumer', groupState: 'Stable', groupType: 'classic' },
    { groupId: 'simple', protocolType: '', groupState: 'Empty', groupType: 'classic' },
  ])
})

test('a group is deleted with its offsets, but not while it has members', async () => {
  const harness = await GroupHarness.started()
  const [member] = await harness.stable(['a'])
  const own = { memberId: member?.memberId ?? '', generationIdOrMemberEpoch: 1 }
  await harness.commit(3, own)
  expect(await deleteGroups(harness, 'g', 'none')).toEqual([
    errorCodes.NON_EMPTY_GROUP,
    errorCodes.GROUP_ID_NOT_FOUND,
  ])
  await harness.leave(own.memberId)
  expect(await deleteGroups(harness, 'g')).toEqual([0])
  expect(await harness.fetch()).toBe(-1)
  expect(await list(harness)).toEqual([])
  await harness.restart()
  expect(await list(harness)).toEqual([])
  expect(await harness.fetch()).toBe(-1)
})

test('a group that cannot be deleted is there again; meanwhile nobody joins it, or commits', async () => {
  const harness = await GroupHarness.started()
  await harness.commit(3)
  harness.log.failWith(new Error('no'))
  harness.log.hold()
  const deleting = deleteGroups(harness, 'g')
  expect(await harness.commit(4)).toBe(errorCodes.COORDINATOR_NOT_AVAILABLE)
  expect((await harness.join()).errorCode).toBe(errorCodes.COORDINATOR_NOT_AVAILABLE)
  expect(await deleteGroups(harness, 'g')).toEqual([errorCodes.GROUP_ID_NOT_FOUND])
  harness.log.release()
  expect(await deleting).toEqual([errorCodes.UNKNOWN_SERVER_ERROR])
  harness.log.failWith(undefined)
  expect(await harness.fetch()).toBe(3)
  expect(await harness.commit(4)).toBe(0)
})

test('what is being committed when a group is deleted is deleted with it', async () => {
  const harness = await GroupHarness.started()
  await harness.commit(3)
  harness.log.hold()
  const other = harness.commitRequest(4).topics.map((topic) => ({ ...topic, name: 'u' }))
  const committing = harness.commit(4, { topics: other })
  const deleting = deleteGroups(harness, 'g')
  harness.log.release()
  expect(await committing).toBe(0)
  expect(await deleting).toEqual([0])
  await harness.restart()
  expect(await list(harness)).toEqual([])
})

test('offsets are deleted one by one, but not those of topics that members consume', async () => {
  const harness = await GroupHarness.started()
  const [member] = await harness.stable(['a'])
  const own = { memberId: member?.memberId ?? '', generationIdOrMemberEpoch: 1 }
  const topics = ['t', 'u'].flatMap((name) =>
    harness.commitRequest(3).topics.map((topic) => ({ ...topic, name })),
  )
  await harness.commit(3, { ...own, topics })
  const kept = await deleteOffset(harness, 't')
  expect(kept.errorCode).toBe(0)
  expect(kept.topics[0]?.partitions).toEqual([
    { partitionIndex: 0, errorCode: errorCodes.GROUP_SUBSCRIBED_TO_TOPIC },
  ])
  expect((await deleteOffset(harness, 'u')).topics[0]?.partitions).toEqual([
    { partitionIndex: 0, errorCode: 0 },
  ])
  expect(await harness.fetch('t')).toBe(3)
  expect(await harness.fetch('u')).toBe(-1)
  expect((await deleteOffset(harness, 't', 'none')).errorCode).toBe(errorCodes.GROUP_ID_NOT_FOUND)
  expect((await deleteOffset(harness, 't', '')).errorCode).toBe(errorCodes.INVALID_GROUP_ID)
  await harness.leave(own.memberId)
  await deleteOffset(harness, 't')
  expect(await harness.fetch('t')).toBe(-1)
})

test.each([
  ['at once', () => undefined],
  ['after a restart', (harness: GroupHarness) => harness.restart()],
])(
  'a group that has lost its last offset is there until expired ones are looked for: %s',
  async (_, then) => {
    const harness = await GroupHarness.started()
    await harness.commit(3)
    await deleteOffset(harness, 't')
    await then(harness)
    expect(await harness.state()).toBe('Empty')
    // Nor does anybody take it along who only looks in.
    await harness.leave((await harness.join()).memberId)
    expect(await harness.state()).toBe('Empty')
    expect((await deleteOffset(harness, 't')).errorCode).toBe(0)
    await harness.coordinator.expireOffsets()
    expect((await deleteOffset(harness, 't')).errorCode).toBe(errorCodes.GROUP_ID_NOT_FOUND)
    await harness.restart()
    expect(await list(harness)).toEqual([])
  },
)

test('of a group whose members are no consumers, no offset is deleted while it has any', async () => {
  const harness = await GroupHarness.started()
  await harness.stable(['a'], { protocolType: 'connect' })
  expect((await deleteOffset(harness, 't')).errorCode).toBe(errorCodes.NON_EMPTY_GROUP)
})

const weekMs = 7 * 24 * 60 * 60 * 1000

test('a group that only keeps offsets loses each a while after its commit, and then goes', async () => {
  const harness = await GroupHarness.started()
  await harness.commit(3)
  harness.clock.advance(weekMs - 1)
  await harness.coordinator.expireOffsets()
  expect(await harness.fetch()).toBe(3)
  harness.clock.advance(1)
  await harness.coordinator.expireOffsets()
  expect(await harness.fetch()).toBe(-1)
  expect(await list(harness)).toEqual([])
  await harness.restart()
  expect(await harness.fetch()).toBe(-1)
})

test('the retention of a group with members counts from when it became empty', async () => {
  const harness = await GroupHarness.started()
  const [member] = await harness.stable(['a'], { sessionTimeoutMs: 1_800_000 })
  const own = { memberId: member?.memberId ?? '', generationIdOrMemberEpoch: 1 }
  await harness.commit(3, own)
  harness.clock.jump(weekMs)
  await harness.coordinator.expireOffsets()
  expect(await harness.fetch()).toBe(3)
  await harness.leave(own.memberId)
  harness.clock.jump(weekMs - 1)
  await harness.coordinator.expireOffsets()
  expect(await harness.fetch()).toBe(3)
  // The time is kept over a restart.
  await harness.restart()
  harness.clock.jump(1)
  await harness.coordinator.expireOffsets()
  expect(await harness.fetch()).toBe(-1)
  expect(await list(harness)).toEqual([])
})

test('a stable group loses the offsets of topics that it no longer subscribes to', async () => {
  const harness = await GroupHarness.started()
  const [member] = await harness.stable(['a'])
  const own = { memberId: member?.memberId ?? '', generationIdOrMemberEpoch: 1 }
  const topics = ['t', 'u'].flatMap((name) =>
    harness.commitRequest(3).topics.map((topic) => ({ ...topic, name })),
  )
  await harness.commit(3, { ...own, topics })
  harness.clock.jump(weekMs)
  await harness.coordinator.expireOffsets()
  expect([await harness.fetch('t'), await harness.fetch('u')]).toEqual([3, -1])
})

test('offsets of old clients expire when these have said, and those in transactions do not', async () => {
  const harness = await GroupHarness.started()
  await harness.commit(3, { retentionTimeMs: 1000 })
  const other = harness.commitRequest(4).topics.map((topic) => ({ ...topic, name: 'u' }))
  await harness.coordinator.txnOffsetCommit(harness.context(5), {
    transactionalId: 'x',
    producerId: 7,
    producerEpoch: 0,
    generationId: -1,
    ...harness.commitRequest(4, { topics: other }),
  })
  await harness.restart()
  harness.clock.jump(1000)
  await harness.coordinator.expireOffsets()
  expect(await harness.fetch('t')).toBe(-1)
  expect(await list(harness)).toEqual(['g'])
})

test('a commit under way keeps its offset from expiring', async () => {
  const harness = await GroupHarness.started()
  await harness.commit(3)
  harness.clock.jump(weekMs)
  harness.log.hold()
  const committing = harness.commit(4)
  await harness.coordinator.expireOffsets()
  harness.log.release()
  await committing
  expect(await harness.fetch()).toBe(4)
})

test('expiry is looked after by itself', async () => {
  const harness = await GroupHarness.started({ 'offsets.retention.minutes': 1 })
  await harness.commit(3)
  await harness.clock.runFor(600_001)
  expect(await harness.fetch()).toBe(-1)
  await harness.commit(4)
  await harness.clock.runFor(600_001)
  expect(await harness.fetch()).toBe(-1)
  harness.coordinator.close()
  expect(harness.timers.count).toBe(0)
})
