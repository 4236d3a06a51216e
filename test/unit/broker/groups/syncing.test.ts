import { expect, test } from 'vitest'
import { DiskFullError } from '../../../../src/base/errors.ts'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'
import { GroupHarness } from './group-harness.ts'

/** Two members that have joined generation 1; the first leads. */
async function joined(harness: GroupHarness): Promise<[leaderId: string, followerId: string]> {
  const ids = [(await harness.join()).memberId, (await harness.join()).memberId]
  const joins = ids.map((memberId) => harness.join({ memberId }))
  await harness.clock.runFor(1)
  await Promise.all(joins)
  return [ids[0] ?? '', ids[1] ?? '']
}

test('everyone gets from the leader its own assignment; who is not named gets an empty one', async () => {
  const harness = await GroupHarness.started()
  const [leaderId, followerId] = await joined(harness)
  const waiting = harness.sync({ memberId: followerId })
  const assignments = [{ memberId: leaderId, assignment: Buffer.from('all') }]
  const led = await harness.sync({ memberId: leaderId, assignments })
  expect(led).toEqual({
    throttleTimeMs: 0,
    errorCode: 0,
    protocolType: 'consumer',
    protocolName: 'range',
    assignment: Buffer.from('all'),
  })
  expect((await waiting).assignment).toHaveLength(0)
  expect(await harness.state()).toBe('Stable')
  // The sessions of both, and the expiry of offsets.
  expect(harness.timers.count).toBe(3)
  // Whoever comes late, or again, finds it ready.
  expect((await harness.sync({ memberId: leaderId })).assignment.toString()).toBe('all')
})

test('nobody gets an assignment before it is stored', async () => {
  const harness = await GroupHarness.started()
  const [leaderId, followerId] = await joined(harness)
  harness.log.hold()
  let answered = 0
  const count = (): number => answered++
  const syncs = [leaderId, followerId].map((memberId) => harness.sync({ memberId }).then(count))
  await harness.clock.runFor(5)
  expect(answered).toBe(0)
  expect(harness.log.partitions[0]).toHaveLength(0)
  harness.log.release()
  await Promise.all(syncs)
  expect(harness.log.partitions[0]).toHaveLength(1)
})

test('a leader that sends its assignments twice while they are being stored does not store them twice', async () => {
  const harness = await GroupHarness.started()
  const [leaderId] = await joined(harness)
  harness.log.hold()
  const first = harness.sync({
    memberId: leaderId,
    assignments: [{ memberId: leaderId, assignment: Buffer.from('1') }],
  })
  const second = harness.sync({
    memberId: leaderId,
    assignments: [{ memberId: leaderId, assignment: Buffer.from('2') }],
  })
  expect((await first).errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS)
  harness.log.release()
  expect((await second).assignment.toString()).toBe('1')
  expect(harness.log.partitions[0]).toHaveLength(1)
})

test('when the assignments cannot be stored, everyone is told to look for the coordinator and to rejoin', async () => {
  const harness = await GroupHarness.started()
  const [leaderId, followerId] = await joined(harness)
  harness.log.failWith(new KafkaError('NOT_LEADER_OR_FOLLOWER', 'moved'))
  const syncs = [followerId, leaderId].map(async (memberId) => (await harness.sync({ memberId })).errorCode)
  expect(await Promise.all(syncs)).toEqual([errorCodes.NOT_COORDINATOR, errorCodes.NOT_COORDINATOR])
  expect(await harness.state()).toBe('PreparingRebalance')
  harness.log.failWith(undefined)
  const rejoins = [leaderId, followerId].map((memberId) => harness.join({ memberId }))
  expect((await Promise.all(rejoins)).map(({ generationId }) => generationId)).toEqual([2, 2])
})

test('errors of the log become errors of a coordinator', async () => {
  const harness = await GroupHarness.started()
  const cases: [Error, number][] = [
    [new KafkaError('NOT_ENOUGH_REPLICAS', ''), errorCodes.COORDINATOR_NOT_AVAILABLE],
    [new KafkaError('REQUEST_TIMED_OUT', ''), errorCodes.COORDINATOR_NOT_AVAILABLE],
    [new KafkaError('KAFKA_STORAGE_ERROR', ''), errorCodes.NOT_COORDINATOR],
    [new KafkaError('MESSAGE_TOO_LARGE', ''), errorCodes.UNKNOWN_SERVER_ERROR],
    [new KafkaError('INVALID_PRODUCER_EPOCH', ''), errorCodes.INVALID_PRODUCER_EPOCH],
    [new DiskFullError('full'), errorCodes.COORDINATOR_NOT_AVAILABLE],
    [new Error('what?'), errorCodes.UNKNOWN_SERVER_ERROR],
  ]
  for (const [error, expected] of cases) {
    harness.log.failWith(error)
    expect(await harness.commit(1), String(error)).toBe(expected)
  }
  expect(await harness.fetch()).toBe(-1)
  expect(await harness.state()).toBe('Dead')
})

test('a new member sends those who wait for assignments back to join', async () => {
  const harness = await GroupHarness.started()
  const [leaderId, followerId] = await joined(harness)
  const waiting = harness.sync({ memberId: followerId })
  void harness.joinAnew()
  expect((await waiting).errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS)
  expect(await harness.state()).toBe('PreparingRebalance')
  expect((await harness.sync({ memberId: leaderId })).errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS)
})

test('assignments that are stored after the next rebalance has begun are not given out', async () => {
  const harness = await GroupHarness.started()
  const [leaderId, followerId] = await joined(harness)
  harness.log.hold()
  const syncing = harness.sync({ memberId: leaderId })
  const joining = harness.joinAnew()
  await harness.clock.runFor(1)
  expect((await syncing).errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS)
  harness.log.release()
  await harness.clock.runFor(1)
  expect(await harness.state()).toBe('PreparingRebalance')
  for (const memberId of [leaderId, followerId]) void harness.join({ memberId })
  expect((await joining).generationId).toBe(2)
  expect(await harness.state()).toBe('CompletingRebalance')
})

test('a sync is refused for another generation, protocol or member', async () => {
  const harness = await GroupHarness.started()
  const [leaderId] = await joined(harness)
  const refusals = [
    { memberId: leaderId, generationId: 2 },
    { memberId: 'other' },
    { memberId: leaderId, protocolName: 'sticky' },
    { memberId: leaderId, protocolType: 'connect' },
    { memberId: leaderId, groupId: 'other' },
    { memberId: leaderId, groupId: '' },
    { memberId: leaderId, groupInstanceId: 'other' },
  ].map(async (request) => (await harness.sync(request)).errorCode)
  expect(await Promise.all(refusals)).toEqual([
    errorCodes.ILLEGAL_GENERATION,
    errorCodes.UNKNOWN_MEMBER_ID,
    errorCodes.INCONSISTENT_GROUP_PROTOCOL,
    errorCodes.INCONSISTENT_GROUP_PROTOCOL,
    errorCodes.UNKNOWN_MEMBER_ID,
    errorCodes.INVALID_GROUP_ID,
    errorCodes.UNKNOWN_MEMBER_ID,
  ])
})

test('members that do not fetch their assignments within the rebalance timeout are removed', async () => {
  const harness = await GroupHarness.started({})
  const [leaderId, followerId] = await joined(harness)
  const syncing = harness.sync({ memberId: leaderId })
  await syncing
  // The follower sends heartbeats, but never asks for what it is to do.
  for (let elapsedMs = 0; elapsedMs < 60_000; elapsedMs += 5000) {
    expect(await harness.heartbeat(leaderId, 1)).toBe(0)
    expect(await harness.heartbeat(followerId, 1)).toBe(0)
    await harness.clock.runFor(5000)
  }
  expect(await harness.heartbeat(followerId, 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  expect(await harness.heartbeat(leaderId, 1)).toBe(errorCodes.REBALANCE_IN_PROGRESS)
})

test('a leader that never hands in assignments is removed, and the next one leads', async () => {
  const harness = await GroupHarness.started()
  const [leaderId, followerId] = await joined(harness)
  const waiting = harness.sync({ memberId: followerId })
  await harness.clock.runFor(10_001)
  // The silent leader's session is over.
  expect((await waiting).errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS)
  const rejoined = await harness.join({ memberId: followerId })
  expect(rejoined).toMatchObject({ generationId: 2, leader: followerId })
  expect(await harness.heartbeat(leaderId, 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID)
})
