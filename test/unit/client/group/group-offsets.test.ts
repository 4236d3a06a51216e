import { describe, expect, test } from 'vitest'
import { ClusterClient } from '../../../../src/client/cluster/cluster-client.ts'
import { GroupOffsets } from '../../../../src/client/group/group-offsets.ts'
import { ManualClock } from '../../../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../../../src/testing/memory-env.ts'
import type { OffsetCommitRequest } from '../../../../src/wire/messages/08-offset-commit.ts'
import type { OffsetFetchRequest } from '../../../../src/wire/messages/09-offset-fetch.ts'
import type { FindCoordinatorRequest } from '../../../../src/wire/messages/10-find-coordinator.ts'
import { type Answers, ScriptedTransport, twoBrokers } from '../scripted-transport.ts'
import { GroupWorld } from './group-world.ts'

const none = { leaderEpoch: -1, metadata: '' }

async function offsetsOf(world: GroupWorld): Promise<GroupOffsets> {
  return new GroupOffsets(world.member('admin').client, 'g')
}

/** A coordinator that answers as it is told, and the clock that has to go on for retries. */
function scripted(answers: Answers, version?: number) {
  const clock = new ManualClock()
  const coordinator = { nodeId: 1, host: 'a', port: 1, errorCode: 0, errorMessage: null }
  const FindCoordinator = ({ coordinatorKeys }: FindCoordinatorRequest) =>
    coordinatorKeys.length === 0 ? coordinator : { coordinators: [{ key: 'g', ...coordinator }] }
  const transport = new ScriptedTransport(
    { Metadata: () => twoBrokers(), FindCoordinator, ...answers },
    version,
  )
  const env = memoryEnv({ seed: 1, clock })
  const client = new ClusterClient({ env, bootstrapServers: 'a:1', transport })
  const asked = (name: string) => transport.log.filter((line) => line === `${name} a:1`).length
  return { offsets: new GroupOffsets(client, 'g'), clock, asked }
}

async function settle<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  const settled = (): void => {
    isSettled = true
  }
  promise.then(settled, settled)
  for (let step = 0; step < 10_000 && !isSettled; step++) await clock.runFor(10)
  return await promise
}

describe('of a group without members', () => {
  test('are set and told from outside, in the order that is asked for', async () => {
    const world = await GroupWorld.start([{ name: 't', partitions: 3 }, { name: 'a' }])
    const offsets = await offsetsOf(world)
    const commit = offsets.commit([
      { topic: 't', partition: 2, offset: 5, leaderEpoch: 3, metadata: 'm' },
      { topic: 'a', partition: 0, offset: 0 },
      { topic: 't', partition: 0, offset: 9 },
    ])
    await world.settle(commit)
    const asked = [0, 1, 2].map((partition) => ({ topic: 't', partition }))
    expect((await world.settle(offsets.fetch(asked))).map(({ offset }) => offset)).toEqual([9, -1, 5])
    expect(await world.settle(offsets.all())).toEqual([
      { topic: 'a', partition: 0, offset: 0, ...none },
      { topic: 't', partition: 0, offset: 9, ...none },
      { topic: 't', partition: 2, offset: 5, leaderEpoch: 3, metadata: 'm' },
    ])
  })

  test('each partition has its own result; one that does not exist is not waited for', async () => {
    const world = await GroupWorld.start([{ name: 't' }])
    const offsets = await offsetsOf(world)
    const both = [
      { topic: 't', partition: 0, offset: 1 },
      { topic: 'ghost', partition: 0, offset: 1 },
    ]
    const results = await world.settle(offsets.commitEach(both))
    expect(results).toMatchObject([
      { topic: 't', partition: 0, error: undefined },
      { topic: 'ghost', partition: 0, error: { kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' } },
    ])
    await expect(world.settle(offsets.commit(both))).rejects.toThrow("commit of group 'g' in ghost-0")
    expect(world.clock.monotonicMs()).toBeLessThan(5000)
  })

  test.each(['NOT_COORDINATOR', 'COORDINATOR_LOAD_IN_PROGRESS'] as const)('%s passes', async (error) => {
    const world = await GroupWorld.start([{ name: 't' }])
    const offsets = await offsetsOf(world)
    world.cluster.failNext('OffsetCommit', error)
    await world.settle(offsets.commit([{ topic: 't', partition: 0, offset: 1 }]))
    world.cluster.failNext('OffsetFetch', error)
    world.cluster.disconnectNext('OffsetFetch')
    expect(await world.settle(offsets.all())).toHaveLength(1)
  })
})

test('of a group with members cannot be set from outside', async () => {
  const world = await GroupWorld.start([{ name: 't' }])
  await world.join('a')
  const commit = (await offsetsOf(world)).commit([{ topic: 't', partition: 0, offset: 1 }])
  await expect(world.settle(commit)).rejects.toMatchObject({ kafkaName: 'UNKNOWN_MEMBER_ID' })
})

test('only the partitions that were refused are committed again', async () => {
  const asked: number[][] = []
  const { offsets, clock } = scripted({
    OffsetCommit: ({ topics }: OffsetCommitRequest) => {
      const [topic] = topics
      const numbers = topic?.partitions.map(({ partitionIndex }) => partitionIndex) ?? []
      asked.push(numbers)
      const failing = asked.length === 1 ? [1, 2] : []
      const partitions = numbers.map((partitionIndex) => ({
        partitionIndex,
        errorCode: failing.includes(partitionIndex) ? 14 : 0,
      }))
      return { topics: [{ name: topic?.name ?? '', partitions }] }
    },
  })
  const three = [0, 1, 2].map((partition) => ({ topic: 't', partition, offset: 1 }))
  await settle(clock, offsets.commit(three))
  expect(asked).toEqual([
    [0, 1, 2],
    [1, 2],
  ])
})

test.each([6, 7, undefined])(
  'an open transaction is waited for, where brokers know how (version %s)',
  async (version) => {
    const isAsked: boolean[] = []
    const { offsets, clock } = scripted(
      {
        OffsetFetch: ({ requireStable, groups }: OffsetFetchRequest) => {
          isAsked.push(requireStable)
          const errorCode = isAsked.length === 1 ? 88 : 0
          const partition = { partitionIndex: 0, committedOffset: 4, metadata: '', errorCode }
          const topics = [{ name: 't', partitions: [partition] }]
          return groups.length === 0 ? { topics } : { groups: [{ groupId: 'g', topics }] }
        },
      },
      version,
    )
    const [found] = await settle(
      clock,
      offsets.fetch([{ topic: 't', partition: 0 }], { requireStable: true }),
    )
    expect(found?.offset).toBe(4)
    expect(isAsked).toEqual([version !== 6, version !== 6])
  },
)

test('what the coordinator does not answer for is not committed', async () => {
  const { offsets, clock } = scripted({ OffsetCommit: () => ({ topics: [] }) })
  const commit = offsets.commit([{ topic: 't', partition: 0, offset: 1 }])
  await expect(settle(clock, commit)).rejects.toMatchObject({ kafkaName: 'UNKNOWN_SERVER_ERROR' })
})

test('when nobody can be asked until the time is over, that is the error', async () => {
  const { offsets, clock, asked } = scripted({
    OffsetCommit: () => ({ topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 14 }] }] }),
  })
  const commit = offsets.commit([{ topic: 't', partition: 0, offset: 1 }])
  await expect(settle(clock, commit)).rejects.toMatchObject({ kafkaName: 'COORDINATOR_LOAD_IN_PROGRESS' })
  expect(asked('OffsetCommit')).toBeGreaterThan(10)
})
