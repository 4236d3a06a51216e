import { expect, test } from 'vitest'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'
import { GroupHarness, type JoinTraits, subscription } from './group-harness.ts'

/** A stable group of one dynamic member that leads, and the static member `i`. */
async function withStatic(
  harness: GroupHarness,
  traits: JoinTraits = {},
): Promise<{ leaderId: string; staticId: string }> {
  const { memberId: leaderId } = await harness.join()
  const leading = harness.join({ memberId: leaderId })
  const joining = harness.join({ groupInstanceId: 'i', ...traits })
  await harness.clock.runFor(1)
  await leading
  const { memberId: staticId } = await joining
  await settle(harness, leaderId, staticId)
  return { leaderId, staticId }
}

async function settle(harness: GroupHarness, leaderId: string, staticId: string): Promise<void> {
  const assignments = [leaderId, staticId].map((memberId) => ({
    memberId,
    assignment: Buffer.from(memberId),
  }))
  await Promise.all([
    harness.sync({ memberId: leaderId, assignments }),
    harness.sync({ memberId: staticId, groupInstanceId: 'i' }),
  ])
}

test('a static member needs no second join, and its id begins with its instance id', async () => {
  const harness = await GroupHarness.started()
  const joining = harness.join({ groupInstanceId: 'i' })
  await harness.clock.runFor(1)
  expect((await joining).memberId).toMatch(/^i-/)
  expect((await joining).members[0]?.groupInstanceId).toBe('i')
})

test('a static member that starts anew takes its place and assignment without a rebalance, and fences its past', async () => {
  const harness = await GroupHarness.started()
  const { leaderId, staticId } = await withStatic(harness)
  const rejoined = await harness.join({ groupInstanceId: 'i' })
  expect(rejoined).toMatchObject({ errorCode: 0, generationId: 1, leader: leaderId, skipAssignment: false })
  expect(rejoined.memberId).not.toBe(staticId)
  expect(await harness.state()).toBe('Stable')
  const synced = await harness.sync({ memberId: rejoined.memberId, groupInstanceId: 'i' })
  expect(synced.assignment.toString()).toBe(staticId)
  expect(await harness.heartbeat(staticId, 1, 'i')).toBe(errorCodes.FENCED_INSTANCE_ID)
  expect(await harness.heartbeat(staticId, 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  const commit = { memberId: staticId, groupInstanceId: 'i', generationIdOrMemberEpoch: 1 }
  expect(await harness.commit(5, commit)).toBe(errorCodes.FENCED_INSTANCE_ID)
  expect(await harness.leave(staticId, 'i')).toBe(errorCodes.FENCED_INSTANCE_ID)
  const joined = await harness.join({ memberId: staticId, groupInstanceId: 'i' })
  expect(joined.errorCode).toBe(errorCodes.FENCED_INSTANCE_ID)
})

test('a static leader that starts anew is told to leave the assignments as they are; before version 9, that it does not lead', async () => {
  const harness = await GroupHarness.started()
  const joining = harness.join({ groupInstanceId: 'i' })
  await harness.clock.runFor(1)
  const { memberId } = await joining
  await harness.sync({ memberId, groupInstanceId: 'i' })
  const again = await harness.join({ groupInstanceId: 'i' })
  expect(again).toMatchObject({ generationId: 1, leader: again.memberId, skipAssignment: true })
  expect(again.members).toHaveLength(1)
  const older = await harness.join({ groupInstanceId: 'i', apiVersion: 8 })
  expect(older).toMatchObject({ generationId: 1, leader: again.memberId, skipAssignment: false, members: [] })
  expect(older.memberId).not.toBe(again.memberId)
})

test('a static member whose return changes the protocol starts a rebalance', async () => {
  const harness = await GroupHarness.started()
  const protocols = (...names: string[]) => names.map((name) => ({ name, metadata: subscription('t') }))
  const { memberId: leaderId } = await harness.join({ protocols: protocols('range', 'sticky') })
  const leading = harness.join({ memberId: leaderId, protocols: protocols('range', 'sticky') })
  const joining = harness.join({ groupInstanceId: 'i', protocols: protocols('range', 'sticky') })
  await harness.clock.runFor(1)
  expect((await leading).protocolName).toBe('range')
  await settle(harness, leaderId, (await joining).memberId)
  const returning = harness.join({ groupInstanceId: 'i', protocols: protocols('sticky') })
  expect(await harness.state()).toBe('PreparingRebalance')
  void harness.join({ memberId: leaderId, protocols: protocols('range', 'sticky') })
  expect(await returning).toMatchObject({ generationId: 2, protocolName: 'sticky' })
})

test('a static member that starts anew while assignments are worked out starts a rebalance', async () => {
  const harness = await GroupHarness.started()
  const first = harness.join({ groupInstanceId: 'i' })
  await harness.clock.runFor(1)
  const { memberId } = await first
  const second = await harness.join({ groupInstanceId: 'i' })
  expect(second).toMatchObject({ generationId: 2, leader: second.memberId })
  const synced = await harness.sync({ memberId, generationId: 2, groupInstanceId: 'i' })
  expect(synced.errorCode).toBe(errorCodes.FENCED_INSTANCE_ID)
})

test('of two processes with one instance id, the one that waits is fenced', async () => {
  const harness = await GroupHarness.started({ 'group.initial.rebalance.delay.ms': 100 })
  const first = harness.join({ groupInstanceId: 'i' })
  const second = harness.join({ groupInstanceId: 'i' })
  expect((await first).errorCode).toBe(errorCodes.FENCED_INSTANCE_ID)
  await harness.clock.runFor(101)
  expect((await second).errorCode).toBe(0)
})

test('a new id that cannot be stored is taken back, and the old one goes on', async () => {
  const harness = await GroupHarness.started()
  const { staticId } = await withStatic(harness)
  harness.log.failWith(new KafkaError('NOT_ENOUGH_REPLICAS', 'too few'))
  const refused = await harness.join({ groupInstanceId: 'i' })
  expect(refused).toMatchObject({ errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE, memberId: '' })
  expect(await harness.state()).toBe('Stable')
  expect(await harness.heartbeat(staticId, 1, 'i')).toBe(0)
  const synced = await harness.sync({ memberId: staticId, groupInstanceId: 'i' })
  expect(synced.assignment.toString()).toBe(staticId)
})

test('a rebalance that begins while the new id is being stored takes the member along', async () => {
  const harness = await GroupHarness.started()
  const { leaderId } = await withStatic(harness)
  harness.log.hold()
  const returning = harness.join({ groupInstanceId: 'i' })
  const leading = harness.join({ memberId: leaderId })
  harness.log.release()
  expect((await returning).generationId).toBe(2)
  expect((await leading).members).toHaveLength(2)
})

test('a static member that is away is not left behind before its session is over', async () => {
  const harness = await GroupHarness.started()
  const { leaderId, staticId } = await withStatic(harness, { sessionTimeoutMs: 100_000 })
  const joining = harness.join({ memberId: leaderId })
  await harness.clock.runFor(60_001)
  const rejoined = await joining
  expect(rejoined.generationId).toBe(2)
  expect(rejoined.members.map(({ memberId }) => memberId)).toContain(staticId)
})

test('when only static members are left and all are away, the group waits for their sessions to end', async () => {
  const harness = await GroupHarness.started()
  const { leaderId } = await withStatic(harness, { sessionTimeoutMs: 200_000 })
  expect(await harness.leave(leaderId)).toBe(0)
  await harness.clock.runFor(130_000)
  expect(await harness.state()).toBe('PreparingRebalance')
  await harness.clock.runFor(70_001)
  expect(await harness.state()).toBe('Empty')
  expect(harness.timers.count).toBe(1)
})
