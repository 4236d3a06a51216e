import { describe, expect, test } from 'vitest'
import { encodeVersioned } from '../../../../src/wire/versioned.ts'
import { consumerProtocolAssignment } from '../../../../src/wire/records/consumer-protocol.ts'
import { clusterAdmin, join, produce, scriptedAdmin } from './admins.ts'

const quiet = { throwOnError: false }
const orders = (partition: number) => ({ topic: 'orders', partition })

test('groups are listed by state and type, described with members, and deleted', async () => {
  const { admin, client } = await clusterAdmin({ topics: ['orders'] })
  await admin.alterGroupOffsets('idle', [{ ...orders(0), offset: 0 }])
  const memberId = await join(client, 'billing', 'orders')

  const listing = { type: 'classic', coordinatorId: 1 }
  const billing = { groupId: 'billing', state: 'Stable', protocolType: 'consumer', ...listing }
  const idle = { groupId: 'idle', state: 'Empty', protocolType: '', ...listing }
  expect(await admin.listGroups()).toEqual([billing, idle])
  expect(await admin.listGroups({ states: ['Empty', 'Dead'] })).toEqual([idle])
  expect(await admin.listGroups({ types: ['consumer'] })).toEqual([])
  expect(await admin.listGroups({ types: ['classic'], states: ['Stable'] })).toEqual([billing])

  const described = await admin.describeGroups(['idle', 'billing', 'none'], quiet)
  expect(described).toMatchObject([
    { groupId: 'idle', state: 'Empty', members: [] },
    {
      ...{
        groupId: 'billing',
        state: 'Stable',
        type: 'classic',
        protocolType: 'consumer',
        protocol: 'range',
      },
      members: [{ memberId, groupInstanceId: null, host: '127.0.0.1', assigned: [orders(0)] }],
    },
    { groupId: 'none', state: '', members: [], error: { kafkaName: 'GROUP_ID_NOT_FOUND' } },
  ])
  expect(await admin.deleteGroups(['idle', 'billing', 'none'], quiet)).toMatchObject([
    { groupId: 'idle' },
    { groupId: 'billing', error: { message: expect.stringContaining('it has members: stop them first') } },
    { groupId: 'none', error: { kafkaName: 'GROUP_ID_NOT_FOUND' } },
  ])
  expect(await admin.listGroups()).toEqual([billing])
})

describe('offsets of a group', () => {
  test('are set, listed and deleted', async () => {
    const { admin } = await clusterAdmin({ topics: [{ name: 'orders', partitions: 3 }] })
    expect(await admin.listGroupOffsets('billing')).toEqual([])
    const altered = await admin.alterGroupOffsets('billing', [
      { ...orders(1), offset: 7, leaderEpoch: 0, metadata: 'by hand' },
      { ...orders(0), offset: 5 },
    ])
    expect(altered).toEqual([orders(1), orders(0)])
    const listed = [
      { ...orders(0), offset: 5, leaderEpoch: -1, metadata: '' },
      { ...orders(1), offset: 7, leaderEpoch: 0, metadata: 'by hand' },
    ]
    expect(await admin.listGroupOffsets('billing')).toEqual(listed)
    const partitions = [orders(2), orders(1)]
    expect(await admin.listGroupOffsets('billing', { partitions, requireStable: true })).toEqual([
      { ...orders(2), offset: -1, leaderEpoch: -1, metadata: '' },
      listed[1],
    ])
    expect(await admin.deleteGroupOffsets('billing', [orders(1)])).toEqual([orders(1)])
    expect(await admin.listGroupOffsets('billing')).toEqual([listed[0]])
  })

  test('cannot be taken from a group that uses them', async () => {
    const { admin, client } = await clusterAdmin({ topics: ['orders'] })
    await join(client, 'billing', 'orders')
    await expect(admin.alterGroupOffsets('billing', [{ ...orders(0), offset: 5 }])).rejects.toThrow(
      'orders-0: the group has members, who commit for themselves: stop them first (UNKNOWN_MEMBER_ID)',
    )
    await expect(admin.deleteGroupOffsets('billing', [orders(0)])).rejects.toMatchObject({
      ...{ kafkaName: 'GROUP_SUBSCRIBED_TO_TOPIC', subject: "group 'billing', orders-0" },
    })
    expect(await admin.deleteGroupOffsets('none', [orders(0), orders(1)], quiet)).toMatchObject([
      { ...orders(0), error: { kafkaName: 'GROUP_ID_NOT_FOUND' } },
      { ...orders(1), error: { kafkaName: 'GROUP_ID_NOT_FOUND' } },
    ])
  })
})

describe('a reset', () => {
  async function billing() {
    const { admin, client, cluster } = await clusterAdmin({
      topics: [{ name: 'orders', partitions: 2, config: { 'retention.ms': -1 } }],
    })
    for (const timestamp of [1000, 2000, 3000, 4000]) await produce(client, 'orders', 0, [timestamp])
    await admin.deleteRecords([{ ...orders(0), beforeOffset: 1 }])
    await admin.alterGroupOffsets('billing', [{ ...orders(0), offset: 3 }])
    return { admin, client, cluster }
  }

  test.each([
    ['earliest', 1, false],
    ['latest', 4, false],
    [{ offset: 2 }, 2, false],
    [{ offset: 99 }, 4, true],
    [{ offset: 0 }, 1, true],
    [{ shift: -1 }, 2, false],
    [{ shift: 7 }, 4, true],
    [{ timestamp: 2500 }, 2, false],
    [{ timestamp: 9000 }, 4, false],
  ] as const)('to %j is one to %d', async (to, offset, isClamped) => {
    const { admin } = await billing()
    const result = { ...orders(0), oldOffset: 3, offset, isClamped }
    expect(await admin.resetGroupOffsets('billing', { to, dryRun: true })).toEqual([result])
    expect(await admin.listGroupOffsets('billing')).toMatchObject([{ offset: 3 }])
    expect(await admin.resetGroupOffsets('billing', { to })).toEqual([result])
    expect(await admin.listGroupOffsets('billing')).toMatchObject([{ offset }])
  })

  test('is of the partitions that are named, each for itself', async () => {
    const { admin } = await billing()
    const partitions = [orders(1), orders(0), orders(9)]
    const to = { shift: -1 }
    expect(await admin.resetGroupOffsets('billing', { to, partitions, ...quiet })).toMatchObject([
      {
        ...orders(1),
        oldOffset: -1,
        offset: -1,
        error: { reason: expect.stringContaining('to shift from') },
      },
      { ...orders(0), oldOffset: 3, offset: 2 },
      { ...orders(9), error: { kafkaName: 'INVALID_REQUEST' } },
    ])
    expect(await admin.resetGroupOffsets('new', { to: 'earliest', partitions, ...quiet })).toMatchObject([
      { ...orders(1), oldOffset: -1, offset: 0 },
      { ...orders(0), oldOffset: -1, offset: 1 },
      { ...orders(9), offset: -1, error: { kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' } },
    ])
    expect(await admin.listGroupOffsets('new')).toMatchObject([{ offset: 1 }, { offset: 0 }])
  })

  test('is not done to a group with members', async () => {
    const { admin, client } = await billing()
    await join(client, 'billing', 'orders')
    await expect(admin.resetGroupOffsets('billing', { to: 'latest', ...quiet })).rejects.toThrow(
      "group 'billing': it is Stable, with members that would commit over it: stop them first (NON_EMPTY_GROUP)",
    )
    expect(await admin.listGroupOffsets('billing')).toMatchObject([{ offset: 3 }])
  })

  test('tells the partitions that could not be committed', async () => {
    const { admin, cluster } = await billing()
    cluster.failNext('OffsetCommit', 'OFFSET_METADATA_TOO_LARGE')
    const reset = await admin.resetGroupOffsets('billing', { to: 'latest', ...quiet })
    expect(reset).toMatchObject([{ offset: -1, error: { kafkaName: 'OFFSET_METADATA_TOO_LARGE' } }])
  })
})

describe('with two brokers', () => {
  const coordinators: Readonly<Record<string, string>> = { one: 'a', two: 'b', three: 'b', gone: 'b' }
  const FindCoordinator = ({ coordinatorKeys }: { coordinatorKeys: readonly string[] }) => ({
    coordinators: coordinatorKeys.map((key) => {
      const of =
        coordinators[key] === 'a' ? { host: 'a', nodeId: 1, port: 1 } : { host: 'b', nodeId: 2, port: 2 }
      return { key, ...of, errorCode: 0, errorMessage: null }
    }),
  })

  test('each lists its own groups; older ones list all states, and classic groups only', async () => {
    for (const version of [3, undefined]) {
      const { admin } = scriptedAdmin(
        {
          ListGroups: ({ statesFilter }: { statesFilter: readonly string[] }, address: string) => {
            expect(statesFilter).toEqual(version === 3 ? [] : ['Empty'])
            const group = { groupId: `of ${address}`, protocolType: 'consumer' }
            const groups =
              version === 3 ? [group] : [{ ...group, groupState: 'Empty', groupType: 'consumer' }]
            return { errorCode: 0, groups }
          },
        },
        version === undefined ? {} : { version },
      )
      const listed = await admin.listGroups({ states: ['Empty'] })
      // One that does not say its state is not known to be in it.
      expect(listed.map(({ groupId, type, coordinatorId }) => [groupId, type, coordinatorId])).toEqual(
        version === 3 ? [] : [...[['of a:1', 'consumer', 1]], ['of b:2', 'consumer', 2]],
      )
    }
  })

  test('a coordinator is asked for all of its groups at once', async () => {
    const asked: string[] = []
    const { admin } = scriptedAdmin({
      FindCoordinator,
      DeleteGroups: ({ groupsNames }: { groupsNames: readonly string[] }, address: string) => {
        asked.push([address, ...groupsNames].join(' '))
        return { results: groupsNames.map((groupId) => ({ groupId, errorCode: 0 })) }
      },
    })
    const deleted = await admin.deleteGroups(['two', 'one', 'three'])
    expect(deleted.map(({ groupId }) => groupId)).toEqual(['two', 'one', 'three'])
    expect(asked.toSorted()).toEqual(['a:1 one', 'b:2 two three'])
  })

  test('groups of the newer protocol are described by their own API, those of neither are not there', async () => {
    const told = { errorCode: 69, errorMessage: null, groupState: 'Dead', protocolType: '', protocolData: '' }
    const member = { memberId: 'm', memberEpoch: 1, clientId: 'c', clientHost: '/127.0.0.1' }
    const topics = { topicPartitions: [{ topicName: 'orders', partitions: [1, 2] }] }
    const group = { groupState: 'Stable', groupEpoch: 1, assignmentEpoch: 1, assignorName: 'uniform' }
    const assigned = { subscribedTopicNames: ['orders'], assignment: topics, targetAssignment: topics }
    const { admin } = scriptedAdmin({
      FindCoordinator,
      DescribeGroups: ({ groups }: { groups: readonly string[] }) => ({
        groups: groups.map((groupId) => ({ ...told, groupId, members: [] })),
      }),
      ConsumerGroupDescribe: ({ groupIds }: { groupIds: readonly string[] }) => ({
        groups: groupIds.map((groupId) =>
          groupId === 'gone'
            ? { ...group, errorCode: 69, groupId, members: [] }
            : { ...group, errorCode: 0, groupId, members: [{ ...member, ...assigned }] },
        ),
      }),
    })
    expect(await admin.describeGroups(['two', 'gone'], quiet)).toMatchObject([
      {
        ...{ groupId: 'two', state: 'Stable', type: 'consumer', protocol: 'uniform' },
        members: [
          { memberId: 'm', groupInstanceId: null, host: '127.0.0.1', assigned: [orders(1), orders(2)] },
        ],
      },
      { groupId: 'gone', error: { kafkaName: 'GROUP_ID_NOT_FOUND' } },
    ])
  })

  test('older ones say that a group is dead, and describe members with whatever these have sent', async () => {
    const good = encodeVersioned(consumerProtocolAssignment, 1, {
      assignedPartitions: [{ topic: 'orders', partitions: [0] }],
    })
    const members = [good, Buffer.from('nonsense'), Buffer.alloc(0)].map((memberAssignment, index) => ({
      ...{ memberId: `m${index}`, clientId: 'c', clientHost: '/::1', memberMetadata: good, memberAssignment },
    }))
    const { admin } = scriptedAdmin(
      {
        FindCoordinator: ({ key }: { key: string }) =>
          FindCoordinator({ coordinatorKeys: [key] }).coordinators[0],
        DescribeGroups: ({ groups }: { groups: readonly string[] }) => ({
          groups: groups.map((groupId) => ({
            ...{ errorCode: 0, groupId, protocolType: 'consumer', protocolData: 'range', members },
            groupState: groupId === 'gone' ? 'Dead' : 'Stable',
          })),
        }),
      },
      { version: 3 },
    )
    const [one, gone] = await admin.describeGroups(['one', 'gone'], quiet)
    expect(one?.members.map(({ assigned, host }) => [host, ...assigned])).toEqual([
      ['::1', orders(0)],
      ['::1'],
      ['::1'],
    ])
    expect(gone?.error?.kafkaName).toBe('GROUP_ID_NOT_FOUND')
  })
})
