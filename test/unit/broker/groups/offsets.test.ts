import { expect, test } from 'vitest'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import type { TxnOffsetCommitRequest } from '../../../../src/wire/messages/28-txn-offset-commit.ts'
import { zeroUuid } from '../../../../src/wire/uuid.ts'
import { GroupHarness } from './group-harness.ts'

async function commitInTransaction(
  harness: GroupHarness,
  offset: number,
  request: Partial<TxnOffsetCommitRequest> = {},
): Promise<number> {
  const response = await harness.coordinator.txnOffsetCommit(harness.context(5), {
    transactionalId: 'x',
    producerId: 7,
    producerEpoch: 0,
    generationId: -1,
    ...harness.commitRequest(offset),
    ...request,
  })
  return response.topics[0]?.partitions[0]?.errorCode ?? -99
}

test('a member commits in its generation, and nobody else does', async () => {
  const harness = await GroupHarness.started()
  const [member] = await harness.stable(['a'])
  const memberId = member?.memberId ?? ''
  const own = { memberId, generationIdOrMemberEpoch: 1 }
  expect(await harness.commit(5, own)).toBe(0)
  expect(await harness.fetch()).toBe(5)
  expect(await harness.commit(6, { ...own, generationIdOrMemberEpoch: 0 })).toBe(
    errorCodes.ILLEGAL_GENERATION,
  )
  expect(await harness.commit(6, { ...own, memberId: 'other' })).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  expect(await harness.commit(6, { ...own, groupInstanceId: 'i' })).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  expect(await harness.commit(6)).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  expect(await harness.commit(6, { ...own, generationIdOrMemberEpoch: -1 })).toBe(
    errorCodes.ILLEGAL_GENERATION,
  )
  expect(await harness.fetch()).toBe(5)
})

test('whoever belongs to no generation commits while a group has no members, and founds it by that', async () => {
  const harness = await GroupHarness.started()
  expect(await harness.commit(3)).toBe(0)
  expect(await harness.fetch()).toBe(3)
  expect(await harness.state()).toBe('Empty')
  const [member] = await harness.stable(['a'])
  expect(await harness.commit(4)).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  await harness.leave(member?.memberId ?? '')
  expect(await harness.commit(4)).toBe(0)
  expect(await harness.commit(5, { groupId: '' })).toBe(0)
})

test('committing in a generation of a group that does not exist is an error, which version 9 names', async () => {
  const harness = await GroupHarness.started()
  const request = { generationIdOrMemberEpoch: 1, memberId: 'm' }
  expect(await harness.commit(3, request, 9)).toBe(errorCodes.GROUP_ID_NOT_FOUND)
  expect(await harness.commit(3, request, 8)).toBe(errorCodes.ILLEGAL_GENERATION)
  expect(await harness.state()).toBe('Dead')
})

test('a commit keeps the session alive, and is too early while assignments are worked out', async () => {
  const harness = await GroupHarness.started()
  const [member, other] = await harness.stable(['a', 'b'])
  const own = { memberId: member?.memberId ?? '', generationIdOrMemberEpoch: 1 }
  await harness.clock.runFor(9000)
  expect(await harness.commit(1, own)).toBe(0)
  await harness.clock.runFor(9000)
  // The other is gone by now; what this one has read before the rebalance counts until the next generation.
  expect(await harness.heartbeat(other?.memberId ?? '', 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  expect(await harness.commit(2, own)).toBe(0)
  await harness.join({ memberId: own.memberId })
  expect(await harness.commit(3, own)).toBe(errorCodes.ILLEGAL_GENERATION)
  expect(await harness.commit(3, { ...own, generationIdOrMemberEpoch: 2 })).toBe(
    errorCodes.REBALANCE_IN_PROGRESS,
  )
  expect(await harness.fetch()).toBe(2)
})

test('an offset is known once it is in the log, and not at all if it does not get there', async () => {
  const harness = await GroupHarness.started()
  await harness.commit(1)
  harness.log.hold()
  const committing = harness.commit(2)
  expect(await harness.fetch()).toBe(1)
  // Whoever wants stable offsets waits for it.
  const fetching = harness.fetch('t', true)
  harness.log.release()
  expect(await committing).toBe(0)
  expect(await fetching).toBe(2)
  harness.log.failWith(new Error('no'))
  expect(await harness.commit(3)).toBe(errorCodes.UNKNOWN_SERVER_ERROR)
  expect(await harness.fetch()).toBe(2)
})

test('metadata that is too long is refused for its offset alone', async () => {
  const harness = await GroupHarness.started({ 'offset.metadata.max.bytes': 3 })
  const partition = (partitionIndex: number, committedMetadata: string | null) => ({
    partitionIndex,
    committedOffset: 10 + partitionIndex,
    committedLeaderEpoch: 4,
    committedMetadata,
  })
  const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ'
  const partitions = [partition(0, '1234'), partition(1, '123'), partition(2, null)]
  const request = harness.commitRequest(0, { topics: [{ name: 't', topicId, partitions }] })
  const response = await harness.coordinator.offsetCommit(harness.context(10), request)
  expect(response.topics).toEqual([
    {
      name: 't',
      topicId,
      partitions: [
        { partitionIndex: 0, errorCode: errorCodes.OFFSET_METADATA_TOO_LARGE },
        { partitionIndex: 1, errorCode: 0 },
        { partitionIndex: 2, errorCode: 0 },
      ],
    },
  ])
  const fetched = await harness.coordinator.offsetFetch(harness.context(4), {
    groupId: 'g',
    topics: [{ name: 't', partitionIndexes: [0, 1, 2] }],
    groups: [],
    requireStable: false,
  })
  const none = { committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode: 0 }
  const told = { committedLeaderEpoch: 4, errorCode: 0 }
  expect(fetched).toEqual({
    throttleTimeMs: 0,
    errorCode: 0,
    groups: [],
    topics: [
      {
        name: 't',
        partitions: [
          { partitionIndex: 0, ...none },
          { partitionIndex: 1, committedOffset: 11, metadata: '123', ...told },
          { partitionIndex: 2, committedOffset: 12, metadata: '', ...told },
        ],
      },
    ],
  })
})

test('all offsets of several groups are fetched at once, and each group has an error of its own', async () => {
  const harness = new GroupHarness({}, 2)
  // The hash of "a" is odd, that of "b" even.
  await harness.coordinator.load(1)
  await harness.commit(1, { groupId: 'a' })
  const group = (groupId: string) => ({ groupId, memberId: null, memberEpoch: -1, topics: null })
  const request = {
    groupId: '',
    topics: null,
    groups: [group('a'), group('b'), group('c')],
    requireStable: true,
  }
  const response = await harness.coordinator.offsetFetch(harness.context(9), request)
  const partition = {
    partitionIndex: 0,
    committedOffset: 1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode: 0,
  }
  expect(response.groups).toEqual([
    { groupId: 'a', topics: [{ name: 't', topicId: zeroUuid, partitions: [partition] }], errorCode: 0 },
    { groupId: 'b', topics: [], errorCode: errorCodes.NOT_COORDINATOR },
    { groupId: 'c', topics: [], errorCode: 0 },
  ])
})

test('an error of the whole response is told with the partitions where the version has no other place', async () => {
  const harness = new GroupHarness()
  const request = {
    groupId: 'g',
    topics: [{ name: 't', partitionIndexes: [3] }],
    groups: [],
    requireStable: false,
  }
  const ask = async (apiVersion: number) =>
    await harness.coordinator.offsetFetch(harness.context(apiVersion), request)
  expect(await ask(2)).toEqual({
    throttleTimeMs: 0,
    topics: [],
    groups: [],
    errorCode: errorCodes.NOT_COORDINATOR,
  })
  const first = await ask(1)
  expect(first.errorCode).toBe(0)
  expect(first.topics[0]?.partitions[0]).toMatchObject({
    partitionIndex: 3,
    errorCode: errorCodes.NOT_COORDINATOR,
  })
})

test('what is committed in a transaction holds once that is committed, and is unstable before', async () => {
  const harness = await GroupHarness.started()
  await harness.commit(1)
  expect(await commitInTransaction(harness, 2)).toBe(0)
  expect(await harness.fetch()).toBe(1)
  expect(await harness.fetch('t', true)).toBe(-errorCodes.UNSTABLE_OFFSET_COMMIT)
  expect(await harness.fetch('other', true)).toBe(-1)
  harness.coordinator.onTransactionMarker(0, 7, true)
  expect(await harness.fetch('t', true)).toBe(2)
  await commitInTransaction(harness, 3)
  harness.coordinator.onTransactionMarker(0, 7, false)
  expect(await harness.fetch('t', true)).toBe(2)
})

test('an offset that is committed after it was taken into a transaction outlives the transaction', async () => {
  const harness = await GroupHarness.started()
  await commitInTransaction(harness, 2)
  await harness.commit(5)
  harness.coordinator.onTransactionMarker(0, 7, true)
  expect(await harness.fetch()).toBe(5)
})

test('a transaction that says in whose name it commits is held to it', async () => {
  const harness = await GroupHarness.started()
  expect(await commitInTransaction(harness, 1, { generationId: 4, memberId: 'm' })).toBe(
    errorCodes.ILLEGAL_GENERATION,
  )
  const [member] = await harness.stable(['a'])
  const memberId = member?.memberId ?? ''
  expect(await commitInTransaction(harness, 1, { generationId: 1, memberId })).toBe(0)
  expect(await commitInTransaction(harness, 1, { generationId: 0, memberId })).toBe(
    errorCodes.ILLEGAL_GENERATION,
  )
  expect(await commitInTransaction(harness, 1, { generationId: 1, memberId: 'x' })).toBe(
    errorCodes.UNKNOWN_MEMBER_ID,
  )
  // Older clients do not say so.
  expect(await commitInTransaction(harness, 1)).toBe(0)
})
