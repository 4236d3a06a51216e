import { describe, expect, test } from 'vitest'
import { type RebalanceEvent, rebalanceChannel } from '../../../../src/client/group/rebalance-channel.ts'
import { GroupWorld, type TestMember } from './group-world.ts'

const fourPartitions = [{ name: 't', partitions: 4 }]
const all = ['t-0', 't-1', 't-2', 't-3']
const cooperative = { assignors: ['cooperative-sticky'] as const }

function countOf({ host }: TestMember): number {
  return host.owned().length
}

describe('eager', () => {
  test('two members share, and one takes over what the other leaves', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a')
    expect(world.shares).toEqual({ a: all })
    const b = await world.join('b')
    await world.until(() => countOf(a) === 2)
    expect([...a.host.owned(), ...b.host.owned()]).toHaveLength(4)
    expect(a.host.log).toEqual([
      'assigned t-0 t-1 t-2 t-3',
      'revoked t-0 t-1 t-2 t-3',
      expect.stringMatching(/^assigned t-\d t-\d$/),
    ])
    await world.settle(b.membership.stop())
    expect(b.host.log.at(-1)).toMatch(/^revoked/)
    const leftMs = world.clock.monotonicMs()
    await world.until(() => countOf(a) === 4)
    // It has left: nobody waits for its session to end.
    expect(world.clock.monotonicMs() - leftMs).toBeLessThan(10_000)
    expect(world.ledger.faults).toEqual([])
  })

  test('a killed member is missed when its session is over, not before', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a', { sessionTimeoutMs: 20_000 })
    const b = await world.join('b', { sessionTimeoutMs: 20_000 })
    await world.until(() => countOf(a) === 2)
    world.kill(b)
    await world.pass(15_000)
    expect(countOf(a)).toBe(2)
    await world.pass(10_000)
    expect(world.shares).toEqual({ a: all })
    expect(world.ledger.faults).toEqual([])
  })

  test('members that share a client do not wait behind each other', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a')
    const b = await world.join('b', {}, {}, a.client)
    await world.until(() => countOf(a) === 2 && countOf(b) === 2)
    expect(world.clock.monotonicMs()).toBeLessThan(20_000)
  })

  test('heartbeats go on while a member takes longer than its session to give up its partitions', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a', { sessionTimeoutMs: 10_000 })
    a.host.onRevoked = async () => await world.clock.sleep(60_000)
    const b = await world.join('b')
    await world.until(() => countOf(a) === 2 && countOf(b) === 2)
    expect(a.host.log.filter((line) => line.startsWith('lost'))).toEqual([])
    expect(world.ledger.faults).toEqual([])
  })

  test('a member without a protocol in common with the others is told, and ends', async () => {
    const world = await GroupWorld.start(fourPartitions)
    await world.join('a', { assignors: ['range'] })
    const b = world.member('b', { assignors: ['sticky'] })
    b.membership.start()
    await world.until(() => b.host.failure !== undefined)
    expect(b.host.failure).toMatchObject({ kafkaName: 'INCONSISTENT_GROUP_PROTOCOL' })
    await world.settle(b.membership.stop())
  })
})

describe('cooperative', () => {
  test('a member keeps what it may keep, and only the rest changes hands', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a', cooperative)
    const b = await world.join('b', cooperative)
    await world.until(() => countOf(b) === 2)
    await world.until(() => a.host.log.length === 4)
    expect(a.host.log).toEqual(['assigned t-0 t-1 t-2 t-3', 'revoked t-2 t-3', 'assigned', 'assigned'])
    expect(b.host.log).toEqual(['assigned', 'assigned t-2 t-3'])
    expect(world.ledger.faults).toEqual([])
  })

  test('a topic that is not wanted any more is given up before joining, the others are not', async () => {
    const world = await GroupWorld.start([...fourPartitions, { name: 'u' }])
    const a = await world.join('a', { ...cooperative, topics: ['t', 'u'] })
    a.host.topics = ['t']
    a.membership.requestRejoin('the subscription has changed')
    await world.until(() => a.host.log.length === 3)
    expect(a.host.log.slice(1)).toEqual(['revoked u-0', 'assigned'])
    expect(world.shares).toEqual({ a: all })
  })
})

describe('static members', () => {
  test('one that is back within its session has its partitions back, and nobody else notices', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a')
    const b = await world.join('b', { groupInstanceId: 'one' })
    await world.until(() => countOf(a) === 2)
    const before = b.host.owned()
    await world.settle(b.membership.stop())
    const log = [...a.host.log]
    await world.pass(20_000)
    const again = await world.join('b again', { groupInstanceId: 'one' })
    await world.pass(20_000)
    expect(again.host.owned()).toEqual(before)
    expect(a.host.log).toEqual(log)
    expect(a.membership.generation.generationId).toBe(again.membership.generation.generationId)
    expect(world.ledger.faults).toEqual([])
  })

  test('one that is asked to leaves all the same', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a')
    const b = await world.join('b', { groupInstanceId: 'one' })
    await world.settle(b.membership.stop({ leave: true }))
    await world.pass(10_000)
    expect(countOf(a)).toBe(4)
  })

  test('one that led, and finds a topic grown when it is back, has it shared anew', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a', { groupInstanceId: 'one' })
    await world.settle(a.membership.stop())
    await world.cluster.broker.controller.createPartitions('t', 5)
    const again = await world.join('a again', { groupInstanceId: 'one' }, { metadataMaxAgeMs: 10_000 })
    expect(countOf(again)).toBe(4)
    expect(again.membership.generation.generationId).toBe(1)
    await world.until(() => countOf(again) === 5)
  })

  test('one whose instance id another takes is fenced', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a', { groupInstanceId: 'one' })
    const other = world.member('other', { groupInstanceId: 'one' })
    other.membership.start()
    await world.until(() => a.host.failure !== undefined)
    expect(a.host.failure).toMatchObject({ kafkaName: 'FENCED_INSTANCE_ID' })
  })
})

describe('a coordinator in trouble', () => {
  test.each(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'] as const)(
    'that says %s to a heartbeat: all is lost, and the member joins again',
    async (error) => {
      const world = await GroupWorld.start(fourPartitions)
      const a = await world.join('a', cooperative)
      world.cluster.failNext('Heartbeat', error)
      await world.until(() => a.host.log.length === 3)
      expect(a.host.log.slice(1)).toEqual(['lost t-0 t-1 t-2 t-3', 'assigned t-0 t-1 t-2 t-3'])
    },
  )

  test.each([
    ['FindCoordinator', 'COORDINATOR_NOT_AVAILABLE'],
    ['JoinGroup', 'COORDINATOR_LOAD_IN_PROGRESS'],
    ['JoinGroup', 'NOT_COORDINATOR'],
    ['JoinGroup', 'UNKNOWN_MEMBER_ID'],
    ['SyncGroup', 'NOT_COORDINATOR'],
    ['SyncGroup', 'REBALANCE_IN_PROGRESS'],
    ['SyncGroup', 'ILLEGAL_GENERATION'],
    ['Metadata', 'LEADER_NOT_AVAILABLE'],
  ] as const)('that answers %s with %s is asked again', async (api, error) => {
    const world = await GroupWorld.start(fourPartitions)
    const fault = world.cluster.failNext(api, error)
    const a = world.member('a')
    a.membership.start()
    await world.until(() => countOf(a) === 4)
    expect(fault.isUsed).toBe(true)
  })

  test.each(['JoinGroup', 'SyncGroup', 'FindCoordinator'])(
    'that breaks off at %s is asked again',
    async (api) => {
      const world = await GroupWorld.start(fourPartitions)
      const faults = [world.cluster.disconnectNext(api), world.cluster.disconnectNext(api)]
      const a = await world.join('a')
      expect(countOf(a)).toBe(4)
      expect(faults.every(({ isUsed }) => isUsed)).toBe(true)
    },
  )

  test('that does not answer heartbeats for a while keeps its members', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a')
    world.cluster.failNext('Heartbeat', 'NOT_COORDINATOR')
    world.cluster.failNext('Heartbeat', 'COORDINATOR_LOAD_IN_PROGRESS')
    world.cluster.disconnectNext('Heartbeat')
    const last = world.cluster.failNext('Heartbeat', 'UNKNOWN_SERVER_ERROR')
    await world.until(() => last.isUsed)
    await world.pass(60_000)
    expect(a.host.log).toEqual(['assigned t-0 t-1 t-2 t-3'])
  })
})

describe('the application', () => {
  test('that does not come back within max.poll.interval.ms loses its partitions, and joins when it does', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a', { maxPollIntervalMs: 30_000 })
    const b = await world.join('b', { maxPollIntervalMs: 30_000 })
    await world.until(() => countOf(a) === 2)
    b.host.isWaitingForRecords = false
    b.membership.pollTouched()
    await world.pass(29_000)
    expect(countOf(b)).toBe(2)
    await world.pass(5000)
    expect(world.shares).toEqual({ a: all, b: [] })
    expect(b.host.log.at(-1)).toMatch(/^lost/)
    await world.pass(60_000)
    b.membership.pollTouched()
    await world.until(() => countOf(a) === 2 && countOf(b) === 2)
    expect(world.ledger.faults).toEqual([])
  })

  test('may wait for records for as long as it likes', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a', { maxPollIntervalMs: 10_000 })
    await world.pass(60_000)
    expect(a.host.log).toEqual(['assigned t-0 t-1 t-2 t-3'])
  })

  test('may close before it has joined, twice, and without having started', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = world.member('a')
    a.membership.start()
    await world.settle(Promise.all([a.membership.stop(), a.membership.stop()]))
    await world.settle(world.member('b').membership.stop())
    await world.pass(5000)
    expect(world.shares).toEqual({ a: [], b: [] })
    expect(a.membership.generation).toMatchObject({ groupId: 'g', groupInstanceId: null })
  })
})

describe('topics', () => {
  test('that grow are shared anew once metadata is old', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a', {}, { metadataMaxAgeMs: 10_000 })
    await world.cluster.broker.controller.createPartitions('t', 5)
    await world.until(() => countOf(a) === 5)
    expect(a.host.log).toHaveLength(3)
  })

  test('that do not exist yet are taken up when they do', async () => {
    const world = await GroupWorld.start([])
    const a = await world.join('a')
    expect(a.host.log).toEqual(['assigned'])
    await world.cluster.createTopic('t')
    const madeMs = world.clock.monotonicMs()
    await world.until(() => countOf(a) === 1)
    expect(world.clock.monotonicMs() - madeMs).toBeLessThan(10_000)
  })
})

describe('commits', () => {
  const next = { topic: 't', partition: 0, offset: 7 }

  async function committed({ membership }: TestMember): Promise<number | undefined> {
    return (await membership.fetchOffsets([next]))[0]?.offset
  }

  test('in the hand-over count, and the next owner goes on there', async () => {
    const world = await GroupWorld.start([{ name: 't' }])
    const a = await world.join('a', { groupInstanceId: 'z' })
    a.host.onRevoked = async () =>
      await a.membership.commit([{ ...next, leaderEpoch: 0, metadata: 'so far' }])
    // By its instance id it comes first, and gets the only partition.
    const b = await world.join('b', { groupInstanceId: 'a' })
    await world.until(() => countOf(b) === 1)
    expect(a.host.log).toEqual(['assigned t-0', 'revoked t-0', 'assigned'])
    const [found] = await world.settle(b.membership.fetchOffsets([next], { requireStable: true }))
    expect(found).toEqual({ ...next, leaderEpoch: 0, metadata: 'so far' })
  })

  test('while a cooperative group rebalances wait for the generation, and hold', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a', cooperative)
    world.cluster.delayNext('SyncGroup', 5000)
    a.membership.requestRejoin('for the test')
    await world.pass(2000)
    const commit = a.membership.commit([next])
    expect(a.membership.generation.generationId).toBe(2)
    await world.settle(commit)
    expect(await world.settle(committed(a))).toBe(7)
  })

  test('wait no longer than anything may take', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a', cooperative, { apiTimeoutMs: 3000 })
    world.cluster.delayNext('SyncGroup', 10_000)
    a.membership.requestRejoin('for the test')
    await world.pass(1000)
    const commit = world.settle(a.membership.commit([next]))
    await expect(commit).rejects.toMatchObject({ kafkaName: 'REBALANCE_IN_PROGRESS' })
    await world.pass(10_000)
    await world.settle(a.membership.commit([next]))
  })

  test('of what is not there any more are refused', async () => {
    const world = await GroupWorld.start(fourPartitions)
    const a = await world.join('a')
    world.cluster.delayNext('SyncGroup', 5000)
    a.membership.requestRejoin('for the test')
    await world.until(() => countOf(a) === 0)
    await world.pass(1000)
    await expect(a.membership.commit([next])).rejects.toMatchObject({ kafkaName: 'ILLEGAL_GENERATION' })
    await world.settle(a.membership.stop())
    await expect(a.membership.commit([next])).rejects.toMatchObject({ kafkaName: 'UNKNOWN_MEMBER_ID' })
    expect(await world.settle(committed(a))).toBe(-1)
  })

  test.each(['UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS'] as const)(
    'that are refused with %s are not made again, and the member joins again',
    async (error) => {
      const world = await GroupWorld.start(fourPartitions)
      const a = await world.join('a')
      world.cluster.failNext('OffsetCommit', error)
      const commit = world.settle(a.membership.commit([next]))
      await expect(commit).rejects.toMatchObject({ kafkaName: error })
      await world.until(() => a.host.log.length === 3)
      expect(a.host.log[1]).toBe(`${error === 'UNKNOWN_MEMBER_ID' ? 'lost' : 'revoked'} t-0 t-1 t-2 t-3`)
    },
  )
})

test('what happens is told on a channel', async () => {
  const world = await GroupWorld.start(fourPartitions)
  const events: RebalanceEvent[] = []
  const listen = (event: unknown): void => void events.push(event as RebalanceEvent)
  rebalanceChannel.subscribe(listen)
  const a = await world.join('a')
  await world.settle(a.membership.stop())
  rebalanceChannel.unsubscribe(listen)
  expect(events.map(({ kind, partitions }) => [kind, partitions.length])).toEqual([
    ['join', 0],
    ['join', 0],
    ['assigned', 4],
    ['revoked', 4],
  ])
  expect(events[2]).toMatchObject({
    groupId: 'g',
    generationId: 1,
    memberId: a.membership.generation.memberId,
  })
})
