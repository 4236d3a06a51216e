import { expect, test } from 'vitest'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import { GroupHarness, subscription } from './group-harness.ts'

test('a member without an id is given one, and counts once it comes back with it', async () => {
  const harness = await GroupHarness.started()
  const first = await harness.join()
  expect(first.errorCode).toBe(errorCodes.MEMBER_ID_REQUIRED)
  expect(first.memberId).toMatch(
    /^client-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
  expect(first.generationId).toBe(-1)
  const joining = harness.join({ memberId: first.memberId })
  await harness.clock.runFor(1)
  expect(await joining).toEqual({
    throttleTimeMs: 0,
    errorCode: 0,
    generationId: 1,
    protocolType: 'consumer',
    protocolName: 'range',
    leader: first.memberId,
    skipAssignment: false,
    memberId: first.memberId,
    members: [{ memberId: first.memberId, groupInstanceId: null, metadata: subscription('t') }],
  })
  expect(await harness.state()).toBe('CompletingRebalance')
})

test('before version 4 a member joins at once, and the name of no protocol is not null before version 7', async () => {
  const harness = await GroupHarness.started()
  const joining = harness.join({ apiVersion: 3 })
  await harness.clock.runFor(1)
  expect((await joining).errorCode).toBe(0)
  const refused = await harness.join({ apiVersion: 6, memberId: 'unheard-of' })
  expect(refused).toMatchObject({ errorCode: errorCodes.UNKNOWN_MEMBER_ID, protocolName: '' })
  const later = await harness.join({ apiVersion: 7, memberId: 'unheard-of' })
  expect(later.protocolName).toBeNull()
})

test('an id that is not come back with expires after the session, and holds up nobody longer', async () => {
  const harness = await GroupHarness.started()
  const { memberId } = await harness.join()
  await harness.clock.runFor(9999)
  expect(await harness.state()).toBe('Empty')
  await harness.clock.runFor(2)
  expect(await harness.state()).toBe('Dead')
  expect((await harness.join({ memberId })).errorCode).toBe(errorCodes.UNKNOWN_MEMBER_ID)
})

test('an empty group waits for members, longer as they come, but no longer than they may take to rebalance', async () => {
  const harness = await GroupHarness.started({ 'group.initial.rebalance.delay.ms': 3000 })
  const request = { apiVersion: 3, rebalanceTimeoutMs: 7000 }
  const first = harness.join(request)
  const generations: number[] = []
  void first.then(({ generationId }) => generations.push(generationId))
  await harness.clock.runFor(2000)
  const second = harness.join(request)
  await harness.clock.runFor(2000)
  // One came within the first three seconds: three more are given.
  expect(generations).toEqual([])
  const third = harness.join(request)
  await harness.clock.runFor(2500)
  expect(generations).toEqual([])
  void harness.join(request)
  await harness.clock.runFor(500)
  expect(generations).toEqual([1])
  expect((await first).members).toHaveLength(4)
  expect((await second).members).toHaveLength(0)
  expect((await third).generationId).toBe(1)
})

test('a session timeout outside of the limits, and a group without a name, are refused', async () => {
  const harness = await GroupHarness.started()
  const codes = [
    { sessionTimeoutMs: 5999 },
    { sessionTimeoutMs: 1_800_001 },
    { sessionTimeoutMs: 6000 },
    { groupId: '' },
  ].map(async (request) => (await harness.join(request)).errorCode)
  expect(await Promise.all(codes)).toEqual([
    errorCodes.INVALID_SESSION_TIMEOUT,
    errorCodes.INVALID_SESSION_TIMEOUT,
    errorCodes.MEMBER_ID_REQUIRED,
    errorCodes.INVALID_GROUP_ID,
  ])
})

test('who shares no protocol with the members, or is of another type, is refused', async () => {
  const harness = await GroupHarness.started()
  await harness.stable(['a'])
  const protocol = (name: string) => [{ name, metadata: Buffer.alloc(0) }]
  for (const request of [
    { protocols: protocol('sticky') },
    { protocolType: 'connect' },
    { groupId: 'new', protocols: [] },
    { groupId: 'new', protocolType: '' },
  ])
    expect((await harness.join(request)).errorCode).toBe(errorCodes.INCONSISTENT_GROUP_PROTOCOL)
  expect(await harness.state('new')).toBe('Dead')
})

test('the members elect, among the protocols they all have, the one that most prefer', async () => {
  const harness = await GroupHarness.started({ 'group.initial.rebalance.delay.ms': 10 })
  const prefer = (...names: string[]) =>
    harness.join({
      apiVersion: 3,
      protocols: names.map((name) => ({ name, metadata: Buffer.from(`${name} of ${names[0]}`) })),
    })
  const leading = prefer('sticky', 'robin', 'range')
  void prefer('robin', 'range')
  void prefer('range', 'robin')
  const last = prefer('robin', 'range')
  await harness.clock.runFor(20)
  expect(await last).toMatchObject({ protocolName: 'robin', errorCode: 0 })
  expect((await leading).members.map(({ metadata }) => metadata.toString())).toEqual([
    'robin of sticky',
    'robin of robin',
    'robin of range',
    'robin of robin',
  ])
})

test('a group is no larger than its limit', async () => {
  const harness = await GroupHarness.started({ 'group.max.size': 2 })
  const [a] = await harness.stable(['a', 'b'])
  expect(await harness.join()).toMatchObject({ errorCode: errorCodes.GROUP_MAX_SIZE_REACHED, memberId: '' })
  // Who is a member already stays one.
  const rejoined = await harness.join({ memberId: a?.memberId ?? '', protocols: [] })
  expect(rejoined.errorCode).toBe(errorCodes.INCONSISTENT_GROUP_PROTOCOL)
})

test('a follower that rejoins unchanged is told the generation it is in; changed, or leading, it starts a rebalance', async () => {
  const harness = await GroupHarness.started()
  const [leader, follower] = await harness.stable(['a', 'b'])
  const leaderId = leader?.memberId ?? ''
  const followerId = follower?.memberId ?? ''
  expect(await harness.join({ memberId: followerId })).toMatchObject({
    errorCode: 0,
    generationId: 1,
    leader: leaderId,
    members: [],
  })
  expect(await harness.state()).toBe('Stable')
  const changed = harness.join({
    memberId: followerId,
    protocols: [{ name: 'range', metadata: subscription('t', 'u') }],
  })
  expect(await harness.state()).toBe('PreparingRebalance')
  expect(await harness.heartbeat(leaderId, 1)).toBe(errorCodes.REBALANCE_IN_PROGRESS)
  const again = await harness.join({ memberId: leaderId })
  expect(again).toMatchObject({ generationId: 2, leader: leaderId })
  expect(again.members).toHaveLength(2)
  expect((await changed).generationId).toBe(2)
})

test('a leader that rejoins a stable group starts a rebalance although nothing has changed', async () => {
  const harness = await GroupHarness.started()
  const [leader, follower] = await harness.stable(['a', 'b'])
  const joining = harness.join({ memberId: leader?.memberId ?? '' })
  expect(await harness.state()).toBe('PreparingRebalance')
  void harness.join({ memberId: follower?.memberId ?? '' })
  expect((await joining).generationId).toBe(2)
})

test('members that do not rejoin in time are left behind, and another leads if the leader is among them', async () => {
  const harness = await GroupHarness.started()
  const [leader, follower] = await harness.stable(['a', 'b'], { sessionTimeoutMs: 300_000 })
  const joining = harness.joinAnew({ sessionTimeoutMs: 300_000 })
  await harness.clock.runFor(1)
  const rejoining = harness.join({ memberId: follower?.memberId ?? '', sessionTimeoutMs: 300_000 })
  await harness.clock.runFor(59_990)
  expect(await harness.state()).toBe('PreparingRebalance')
  await harness.clock.runFor(20)
  expect(await rejoining).toMatchObject({ generationId: 2, leader: follower?.memberId })
  expect((await joining).generationId).toBe(2)
  expect(await harness.heartbeat(leader?.memberId ?? '', 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID)
})

test('a member that waits for others to join is not held to its heartbeats', async () => {
  const harness = await GroupHarness.started()
  const [leader, follower] = await harness.stable(['a', 'b'])
  const joining = harness.join({ memberId: leader?.memberId ?? '' })
  for (let beat = 0; beat < 5; beat++) {
    await harness.clock.runFor(8000)
    expect(await harness.heartbeat(follower?.memberId ?? '', 1)).toBe(errorCodes.REBALANCE_IN_PROGRESS)
  }
  void harness.join({ memberId: follower?.memberId ?? '' })
  expect((await joining).generationId).toBe(2)
})

test('a join that is sent again supersedes the first, which is answered all the same', async () => {
  const harness = await GroupHarness.started()
  const [leader, follower] = await harness.stable(['a', 'b'])
  const first = harness.join({ memberId: leader?.memberId ?? '' })
  const second = harness.join({ memberId: leader?.memberId ?? '' })
  expect((await first).errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS)
  void harness.join({ memberId: follower?.memberId ?? '' })
  expect((await second).generationId).toBe(2)
})

test('joining again before the assignments are there repeats the answer; with other metadata it starts over', async () => {
  const harness = await GroupHarness.started()
  const joining = harness.joinAnew()
  await harness.clock.runFor(1)
  const { memberId } = await joining
  const repeated = await harness.join({ memberId })
  expect(repeated).toMatchObject({ generationId: 1, leader: memberId })
  expect(repeated.members).toHaveLength(1)
  const changed = await harness.join({
    memberId,
    protocols: [{ name: 'range', metadata: subscription('u') }],
  })
  expect(changed.generationId).toBe(2)
})

test('a new member that nobody lets in is not waited for beyond five minutes', async () => {
  const harness = await GroupHarness.started()
  const slow = { sessionTimeoutMs: 1_800_000, rebalanceTimeoutMs: 1_800_000 }
  const [member] = await harness.stable(['a'], slow)
  const joining = harness.join({ apiVersion: 3 })
  await harness.clock.runFor(299_999)
  expect(await harness.heartbeat(member?.memberId ?? '', 1)).toBe(errorCodes.REBALANCE_IN_PROGRESS)
  await harness.clock.runFor(2)
  expect(await joining).toMatchObject({ errorCode: errorCodes.UNKNOWN_MEMBER_ID, memberId: '' })
})
