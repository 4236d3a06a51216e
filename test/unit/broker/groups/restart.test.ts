import { expect, test } from 'vitest'
import { AssertionError } from '../../../../src/base/assert.ts'
import { WireError } from '../../../../src/base/errors.ts'
import { appendErrorCode } from '../../../../src/broker/groups/coordinator-log.ts'
import { groupPartition } from '../../../../src/broker/groups/group-partition.ts'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import { GroupHarness, subscription } from './group-harness.ts'

test('a group belongs to the partition that Java says', () => {
  expect(groupPartition('', 50)).toBe(0)
  expect(groupPartition('a', 50)).toBe(97 % 50)
  expect(groupPartition('g7', 50)).toBe((103 * 31 + 55) % 50)
  // "polygenelubricants".hashCode() is Integer.MIN_VALUE, of which there is no absolute value.
  expect(groupPartition('polygenelubricants', 50)).toBe(0)
  expect(groupPartition('grüße', 50)).toBe(hashOf('grüße') % 50)
})

/** `String.hashCode` over integers without bounds, as its definition reads. */
function hashOf(text: string): number {
  let hash = 0n
  for (let index = 0; index < text.length; index++)
    hash += BigInt(text.charCodeAt(index)) * 31n ** BigInt(text.length - 1 - index)
  return Number(BigInt.asIntN(32, hash) & 0x7fffffffn)
}

test('the records are, byte for byte, those that Kafka 4.3 writes', async () => {
  const harness = await GroupHarness.started()
  await harness.commit(3)
  const [member] = await harness.stable(['a'])
  const [offset, group] =
    harness.log.partitions[0]?.map((logged) => ('key' in logged ? logged : undefined)) ?? []
  expect(offset?.key.toString('hex')).toBe('000100016700017400000000')
  const timestamp = harness.clock.nowMs() - 1
  const timestampHex = timestamp.toString(16).padStart(16, '0')
  expect(offset?.value?.toString('hex')).toBe(
    ['0004', '0000000000000003', 'ffffffff', '01', timestampHex, '00'].join(''),
  )
  expect(group?.key.toString('hex')).toBe('0002000167')
  const text = (value: string): string =>
    Buffer.byteLength(value).toString(16).padStart(4, '0') + Buffer.from(value).toString('hex')
  const bytes = (value: Buffer): string => value.length.toString(16).padStart(8, '0') + value.toString('hex')
  const memberId = member?.memberId ?? ''
  expect(group?.value?.toString('hex')).toBe(
    [
      '0003',
      text('consumer'),
      '00000001',
      text('range'),
      text(memberId),
      harness.clock.nowMs().toString(16).padStart(16, '0'),
      '00000001',
      text(memberId),
      'ffff',
      text('client'),
      text('/127.0.0.1'),
      '0000ea60',
      '00002710',
      bytes(subscription('t')),
      bytes(Buffer.from('a')),
    ].join(''),
  )
})

test('after a restart a stable group is as it was, and its members have a whole session to show up', async () => {
  const harness = await GroupHarness.started()
  const [leader, follower] = await harness.stable(['a', 'b'])
  const own = { memberId: leader?.memberId ?? '', generationIdOrMemberEpoch: 1 }
  await harness.commit(8, own)
  await harness.clock.runFor(9000)
  await harness.restart()
  expect(await harness.state()).toBe('Stable')
  expect(await harness.fetch()).toBe(8)
  await harness.clock.runFor(9000)
  expect(await harness.heartbeat(own.memberId, 1)).toBe(0)
  expect((await harness.sync({ memberId: follower?.memberId ?? '' })).assignment.toString()).toBe('b')
  expect(await harness.commit(9, own)).toBe(0)
  // Unchanged, a follower rejoins without a rebalance; the leader starts one.
  expect(await harness.join({ memberId: follower?.memberId ?? '' })).toMatchObject({
    generationId: 1,
    leader: own.memberId,
  })
  await harness.clock.runFor(9000)
  expect(await harness.heartbeat(follower?.memberId ?? '', 1)).toBe(0)
  await harness.clock.runFor(2000)
  expect(await harness.heartbeat(own.memberId, 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID)
})

test('a generation that was not stored is forgotten, and its members join again', async () => {
  const harness = await GroupHarness.started()
  const joining = harness.joinAnew()
  await harness.clock.runFor(1)
  const { memberId } = await joining
  await harness.restart()
  expect((await harness.sync({ memberId })).errorCode).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  expect((await harness.join({ memberId })).errorCode).toBe(errorCodes.UNKNOWN_MEMBER_ID)
})

test('after the last generation that fits into 32 bits comes the first', async () => {
  const harness = await GroupHarness.started()
  await harness.stable(['a'])
  const [stored] = harness.log.partitions[0] ?? []
  // Behind the version and the protocol type.
  if (stored !== undefined && 'key' in stored) stored.value?.writeInt32BE(2 ** 31 - 1, 12)
  await harness.restart()
  await harness.clock.runFor(10_001)
  const joining = harness.joinAnew()
  await harness.clock.runFor(1)
  expect((await joining).generationId).toBe(2)
})

test('static members keep their places over a restart', async () => {
  const harness = await GroupHarness.started()
  const joining = harness.join({ groupInstanceId: 'i' })
  await harness.clock.runFor(1)
  const { memberId } = await joining
  const assignments = [{ memberId, assignment: Buffer.from('mine') }]
  await harness.sync({ memberId, groupInstanceId: 'i', assignments })
  const { memberId: second } = await harness.join({ groupInstanceId: 'i' })
  await harness.restart()
  expect(await harness.heartbeat(memberId, 1, 'i')).toBe(errorCodes.FENCED_INSTANCE_ID)
  expect((await harness.sync({ memberId: second, groupInstanceId: 'i' })).assignment.toString()).toBe('mine')
})

test('a group that has become too large for its limit rebalances after a restart, and its last members have no room', async () => {
  const harness = await GroupHarness.started()
  const members = await harness.stable(['a', 'b', 'c'])
  await harness.restart({ 'group.max.size': 2 })
  expect(await harness.state()).toBe('PreparingRebalance')
  const [a, b, c] = members.map(({ memberId }) => harness.join({ memberId }))
  expect((await c)?.errorCode).toBe(errorCodes.GROUP_MAX_SIZE_REACHED)
  expect([(await a)?.generationId, (await b)?.generationId]).toEqual([2, 2])
})

test('open transactions are found again', async () => {
  const harness = await GroupHarness.started()
  const commit = async (producerId: number, offset: number): Promise<void> => {
    await harness.coordinator.txnOffsetCommit(harness.context(5), {
      transactionalId: 'x',
      producerId,
      producerEpoch: 0,
      generationId: -1,
      ...harness.commitRequest(offset),
    })
  }
  await commit(1, 10)
  harness.log.appendMarker(0, 1, true)
  await commit(2, 20)
  harness.log.appendMarker(0, 2, false)
  await commit(3, 30)
  await harness.restart()
  expect(await harness.fetch()).toBe(10)
  expect(await harness.fetch('t', true)).toBe(-errorCodes.UNSTABLE_OFFSET_COMMIT)
  harness.coordinator.onTransactionMarker(0, 3, true)
  expect(await harness.fetch('t', true)).toBe(30)
})

test('before a partition is loaded, and after it was given up, its groups are somewhere else', async () => {
  const harness = new GroupHarness()
  const list = { statesFilter: [], typesFilter: [] }
  expect((await harness.join()).errorCode).toBe(errorCodes.NOT_COORDINATOR)
  harness.log.hold()
  const loading = harness.coordinator.load(0)
  expect((await harness.join()).errorCode).toBe(errorCodes.COORDINATOR_LOAD_IN_PROGRESS)
  expect(await harness.commit(1)).toBe(errorCodes.COORDINATOR_LOAD_IN_PROGRESS)
  expect(await harness.fetch()).toBe(-errorCodes.COORDINATOR_LOAD_IN_PROGRESS)
  // A heartbeat is let pass, so that no member gives up because of this.
  expect(await harness.heartbeat('m', 1)).toBe(0)
  const unlisted = await harness.coordinator.listGroups(harness.context(5), list)
  expect(unlisted.errorCode).toBe(errorCodes.COORDINATOR_LOAD_IN_PROGRESS)
  harness.log.release()
  await loading
  const [member] = await harness.stable(['a', 'b'])
  const rejoining = harness.join({ memberId: member?.memberId ?? '' })
  harness.coordinator.unload(0)
  expect((await rejoining).errorCode).toBe(errorCodes.NOT_COORDINATOR)
  expect(await harness.heartbeat(member?.memberId ?? '', 1)).toBe(errorCodes.NOT_COORDINATOR)
  expect(harness.timers.count).toBe(0)
})

test('who waits for assignments when the partition is given up is sent away', async () => {
  const harness = await GroupHarness.started()
  const joining = harness.joinAnew()
  await harness.clock.runFor(1)
  const { memberId } = await joining
  harness.log.hold()
  const syncing = harness.sync({ memberId })
  harness.coordinator.unload(0)
  expect((await syncing).errorCode).toBe(errorCodes.NOT_COORDINATOR)
  harness.log.release()
  await harness.clock.runFor(1)
  expect(harness.timers.count).toBe(0)
})

test('a partition that is given up while it is loaded stays given up', async () => {
  const harness = await GroupHarness.started()
  await harness.stable(['a'])
  harness.coordinator.unload(0)
  harness.log.hold()
  const loading = harness.coordinator.load(0)
  harness.coordinator.unload(0)
  harness.log.release()
  await loading
  expect((await harness.join()).errorCode).toBe(errorCodes.NOT_COORDINATOR)
  expect(harness.timers.count).toBe(0)
})

test('records of other kinds are passed over; a malformed one keeps the partition from being loaded', async () => {
  const harness = await GroupHarness.started()
  await harness.commit(3)
  const put = (key: string, value: string): void => {
    harness.log.partitions[0]?.push({
      key: Buffer.from(key, 'hex'),
      value: Buffer.from(value, 'hex'),
      timestamp: 0,
    })
  }
  put('0003000167', '0000')
  await harness.restart()
  expect(await harness.fetch()).toBe(3)
  put('0002000167', '0063')
  await expect(harness.restart()).rejects.toThrow(WireError)
  expect(await harness.fetch()).toBe(-errorCodes.NOT_COORDINATOR)
})

test('an append that fails by a bug of ours is not taken for an error of the log', () => {
  expect(() => appendErrorCode(new AssertionError('bug'))).toThrow(AssertionError)
})
