import { expect, test } from 'vitest'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'
import { GroupHarness } from './group-harness.ts'

test('a member that sends no heartbeats for its session loses its place', async () => {
  const harness = await GroupHarness.started()
  const [alive, silent] = await harness.stable(['a', 'b'])
  await harness.clock.runFor(6000)
  expect(await harness.heartbeat(alive?.memberId ?? '', 1)).toBe(0)
  await harness.clock.runFor(3990)
  expect(await harness.heartbeat(alive?.memberId ?? '', 1)).toBe(0)
  await harness.clock.runFor(20)
  expect(await harness.heartbeat(alive?.memberId ?? '', 1)).toBe(errorCodes.REBALANCE_IN_PROGRESS)
  expect(await harness.heartbeat(silent?.memberId ?? '', 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID)
})

test('heartbeats of another generation, member or group are refused', async () => {
  const harness = await GroupHarness.started()
  const [member] = await harness.stable(['a'])
  const memberId = member?.memberId ?? ''
  expect(await harness.heartbeat(memberId, 0)).toBe(errorCodes.ILLEGAL_GENERATION)
  expect(await harness.heartbeat('other', 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  expect(await harness.heartbeat(memberId, 1, 'instance')).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  const request = { groupId: 'other', memberId, generationId: 1, groupInstanceId: null }
  const context = harness.context(4)
  expect((await harness.coordinator.heartbeat(context, request)).errorCode).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  const unnamed = await harness.coordinator.heartbeat(context, { ...request, groupId: '' })
  expect(unnamed.errorCode).toBe(errorCodes.INVALID_GROUP_ID)
})

test('when a member leaves, the others rebalance; when the last has left, the group is empty, and stored so', async () => {
  const harness = await GroupHarness.started()
  const [a, b] = await harness.stable(['a', 'b'])
  expect(await harness.leave(a?.memberId ?? '')).toBe(0)
  expect(await harness.heartbeat(b?.memberId ?? '', 1)).toBe(errorCodes.REBALANCE_IN_PROGRESS)
  expect(harness.log.partitions[0]).toHaveLength(1)
  expect(await harness.leave(b?.memberId ?? '')).toBe(0)
  expect(await harness.state()).toBe('Empty')
  expect(harness.log.partitions[0]).toHaveLength(2)
  expect(await harness.leave(b?.memberId ?? '')).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  // One timer is left: that of the expiry of offsets.
  expect(harness.timers.count).toBe(1)
})

test('leaving waits for the empty group to be stored, and says so when that fails', async () => {
  const harness = await GroupHarness.started()
  const [a] = await harness.stable(['a'])
  harness.log.hold()
  let isAnswered = false
  const leaving = harness.leave(a?.memberId ?? '')
  void leaving.then(() => {
    isAnswered = true
  })
  await harness.clock.runFor(5)
  expect(isAnswered).toBe(false)
  harness.log.release()
  expect(await leaving).toBe(0)

  const [b] = await harness.stable(['b'])
  harness.log.failWith(new KafkaError('NOT_ENOUGH_REPLICAS', 'too few'))
  const request = { groupId: 'g', memberId: b?.memberId ?? '', members: [] }
  const response = await harness.coordinator.leaveGroup(harness.context(2), request)
  expect(response.errorCode).toBe(errorCodes.COORDINATOR_NOT_AVAILABLE)
})

test('several members leave at once, each with an answer of its own', async () => {
  const harness = await GroupHarness.started()
  const [dynamic] = await harness.stable(['a', 'b'])
  const joining = harness.join({ groupInstanceId: 'i' })
  const pending = await harness.join()
  const member = (memberId: string, groupInstanceId: string | null = null) => ({
    memberId,
    groupInstanceId,
    reason: 'tired',
  })
  const response = await harness.coordinator.leaveGroup(harness.context(5), {
    groupId: 'g',
    memberId: '',
    members: [
      member('', 'i'),
      member(dynamic?.memberId ?? ''),
      member(pending.memberId),
      member(''),
      member('other'),
      member('', 'other'),
    ],
  })
  expect(response.errorCode).toBe(0)
  expect(response.members.map(({ errorCode }) => errorCode)).toEqual([
    0,
    0,
    0,
    errorCodes.UNKNOWN_MEMBER_ID,
    errorCodes.UNKNOWN_MEMBER_ID,
    errorCodes.UNKNOWN_MEMBER_ID,
  ])
  expect(response.members[0]).toEqual({ memberId: '', groupInstanceId: 'i', errorCode: 0 })
  // The static member was still waiting to get in: its process may come again.
  expect((await joining).errorCode).toBe(errorCodes.UNKNOWN_MEMBER_ID)
})

test('before version 3 one member leaves, whose error is that of the response', async () => {
  const harness = await GroupHarness.started()
  const [a] = await harness.stable(['a'])
  const leave = async (memberId: string, groupId = 'g') =>
    await harness.coordinator.leaveGroup(harness.context(2), { groupId, memberId, members: [] })
  const refused = { throttleTimeMs: 0, errorCode: errorCodes.UNKNOWN_MEMBER_ID, members: [] }
  expect(await leave('other')).toEqual(refused)
  expect(await leave('other', 'other')).toEqual(refused)
  expect(await leave(a?.memberId ?? '')).toEqual({ ...refused, errorCode: 0 })
})

test('a group that is left while it waits for its first members ends empty', async () => {
  const harness = await GroupHarness.started({ 'group.initial.rebalance.delay.ms': 3000 })
  const { memberId } = await harness.join()
  const joining = harness.join({ memberId })
  expect(await harness.leave(memberId)).toBe(0)
  expect((await joining).errorCode).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  await harness.clock.runFor(3001)
  expect(await harness.state()).toBe('Empty')
  expect(harness.timers.count).toBe(1)
})
