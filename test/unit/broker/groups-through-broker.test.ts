import { describe, expect, test } from 'vitest'
import { Broker } from '../../../src/broker/broker.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import { errorCodes } from '../../../src/wire/error-codes.ts'
import { offsetCommitRequest, offsetCommitResponse } from '../../../src/wire/messages/08-offset-commit.ts'
import { offsetFetchRequest, offsetFetchResponse } from '../../../src/wire/messages/09-offset-fetch.ts'
import {
  findCoordinatorRequest,
  findCoordinatorResponse,
} from '../../../src/wire/messages/10-find-coordinator.ts'
import { joinGroupRequest, joinGroupResponse } from '../../../src/wire/messages/11-join-group.ts'
import { heartbeatRequest, heartbeatResponse } from '../../../src/wire/messages/12-heartbeat.ts'
import { leaveGroupRequest, leaveGroupResponse } from '../../../src/wire/messages/13-leave-group.ts'
import { syncGroupRequest, syncGroupResponse } from '../../../src/wire/messages/14-sync-group.ts'
import {
  describeGroupsRequest,
  describeGroupsResponse,
} from '../../../src/wire/messages/15-describe-groups.ts'
import { listGroupsRequest, listGroupsResponse } from '../../../src/wire/messages/16-list-groups.ts'
import { deleteTopicsRequest, deleteTopicsResponse } from '../../../src/wire/messages/20-delete-topics.ts'
import { deleteGroupsRequest, deleteGroupsResponse } from '../../../src/wire/messages/42-delete-groups.ts'
import { offsetDeleteRequest, offsetDeleteResponse } from '../../../src/wire/messages/47-offset-delete.ts'
import { zeroUuid } from '../../../src/wire/uuid.ts'
import { subscription } from './groups/group-harness.ts'
import { openBroker, type TestBroker } from './open-broker.ts'

const properties = { 'group.initial.rebalance.delay.ms': '0', 'offsets.topic.num.partitions': '3' }
const topics = ['orders', 'payments'] as const
const assignment = Buffer.from('all of it')

/** Requests of one consumer of group `g`, and of whoever administrates it. */
class Consumer {
  readonly #broker: TestBroker
  memberId = ''
  generationId = -1

  constructor(broker: TestBroker, known?: { memberId: string; generationId: number }) {
    this.#broker = broker
    if (known !== undefined) Object.assign(this, { ...known })
  }

  async findCoordinator(): Promise<number | undefined> {
    const declared = { request: findCoordinatorRequest, response: findCoordinatorResponse }
    const response = await this.#broker.ask(declared, { keyType: 0, coordinatorKeys: ['g'] })
    return response?.coordinators[0]?.nodeId
  }

  /** Joins in both steps of KIP-394, and has all assigned to itself. */
  async join(): Promise<void> {
    const declared = { request: joinGroupRequest, response: joinGroupResponse }
    const request = {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription('orders') }],
    }
    const first = await this.#broker.ask(declared, { ...request, memberId: '' })
    expect(first?.errorCode).toBe(errorCodes.MEMBER_ID_REQUIRED)
    this.memberId = first?.memberId ?? ''
    const joining = this.#broker.ask(declared, { ...request, memberId: this.memberId })
    // The first generation begins a tick after its first member has come.
    await this.#broker.clock.runFor(1)
    const response = await joining
    expect(response).toMatchObject({ errorCode: 0, leader: this.memberId, protocolName: 'range' })
    this.generationId = response?.generationId ?? -1
  }

  async sync(): Promise<string | undefined> {
    const response = await this.#broker.ask(
      { request: syncGroupRequest, response: syncGroupResponse },
      {
        ...this.#member,
        protocolType: 'consumer',
        protocolName: 'range',
        assignments: [{ memberId: this.memberId, assignment }],
      },
    )
    return response?.assignment.toString()
  }

  async heartbeat(): Promise<number | undefined> {
    const declared = { request: heartbeatRequest, response: heartbeatResponse }
    return (await this.#broker.ask(declared, this.#member))?.errorCode
  }

  async commit(topic: string, committedOffset: number): Promise<number | undefined> {
    const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: 'so far' }]
    const response = await this.#broker.ask(
      { request: offsetCommitRequest, response: offsetCommitResponse },
      {
        groupId: 'g',
        generationIdOrMemberEpoch: this.generationId,
        memberId: this.memberId,
        topics: [{ name: topic, partitions }],
      },
      { version: 9 },
    )
    return response?.topics[0]?.partitions[0]?.errorCode
  }

  /** What is committed in partition 0 of `topic`. */
  async fetchOffset(topic: string): Promise<number | undefined> {
    const response = await this.#broker.ask(
      { request: offsetFetchRequest, response: offsetFetchResponse },
      { groups: [{ groupId: 'g', topics: [{ name: topic, partitionIndexes: [0] }] }] },
      { version: 9 },
    )
    expect(response?.groups[0]?.errorCode).toBe(0)
    return response?.groups[0]?.topics[0]?.partitions[0]?.committedOffset
  }

  async leave(): Promise<number | undefined> {
    const response = await this.#broker.ask(
      { request: leaveGroupRequest, response: leaveGroupResponse },
      { groupId: 'g', members: [{ memberId: this.memberId }] },
    )
    return response?.members[0]?.errorCode
  }

  async describe() {
    const declared = { request: describeGroupsRequest, response: describeGroupsResponse }
    return (await this.#broker.ask(declared, { groups: ['g'] }))?.groups[0]
  }

  async list() {
    const declared = { request: listGroupsRequest, response: listGroupsResponse }
    return (await this.#broker.ask(declared, {}))?.groups.map(({ groupId }) => groupId)
  }

  async deleteGroup(): Promise<number | undefined> {
    const declared = { request: deleteGroupsRequest, response: deleteGroupsResponse }
    return (await this.#broker.ask(declared, { groupsNames: ['g'] }))?.results[0]?.errorCode
  }

  async deleteOffset(topic: string): Promise<number | undefined> {
    const response = await this.#broker.ask(
      { request: offsetDeleteRequest, response: offsetDeleteResponse },
      { groupId: 'g', topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }] },
    )
    expect(response?.errorCode).toBe(0)
    return response?.topics[0]?.partitions[0]?.errorCode
  }

  async deleteTopic(name: string): Promise<number | undefined> {
    const response = await this.#broker.ask(
      { request: deleteTopicsRequest, response: deleteTopicsResponse },
      { topics: [{ name, topicId: zeroUuid }], timeoutMs: 1000 },
    )
    return response?.responses[0]?.errorCode
  }

  get #member() {
    return { groupId: 'g', generationId: this.generationId, memberId: this.memberId }
  }
}

async function makeTopics({ broker }: TestBroker): Promise<void> {
  for (const name of topics)
    await broker.controller.createTopic({ name, partitionCount: 1, replicationFactor: 1 })
  await broker.replicas.settled()
}

/** A consumer that has joined, and has committed 7 of `orders` and 8 of `payments`. */
async function joined(tested: TestBroker): Promise<Consumer> {
  await makeTopics(tested)
  const consumer = new Consumer(tested)
  expect(await consumer.findCoordinator()).toBe(tested.broker.nodeId)
  await consumer.join()
  expect(await consumer.sync()).toBe('all of it')
  expect(await consumer.commit('orders', 7)).toBe(0)
  expect(await consumer.commit('payments', 8)).toBe(0)
  return consumer
}

test('a group lives', async () => {
  await using tested = await openBroker({ properties })
  const consumer = await joined(tested)
  expect(await consumer.heartbeat()).toBe(0)
  expect(await consumer.fetchOffset('orders')).toBe(7)
  expect(await consumer.commit('missing', 1)).toBe(errorCodes.UNKNOWN_TOPIC_OR_PARTITION)
  expect(await consumer.describe()).toMatchObject({
    groupState: 'Stable',
    protocolData: 'range',
    members: [{ memberId: consumer.memberId, clientId: 'test', clientHost: '/127.0.0.1' }],
  })
  expect(await consumer.list()).toEqual(['g'])
  expect(await consumer.leave()).toBe(0)
  expect(await consumer.describe()).toMatchObject({ groupState: 'Empty', members: [] })
  expect(await consumer.heartbeat()).toBe(errorCodes.UNKNOWN_MEMBER_ID)
  expect(await consumer.fetchOffset('orders')).toBe(7)
})

test('a member that is silent for too long is out', async () => {
  await using tested = await openBroker({ properties })
  const consumer = await joined(tested)
  await tested.clock.runFor(9000)
  expect(await consumer.heartbeat()).toBe(0)
  await tested.clock.runFor(9000)
  expect(await consumer.describe()).toMatchObject({ groupState: 'Stable' })
  await tested.clock.runFor(1001)
  expect(await consumer.describe()).toMatchObject({ groupState: 'Empty' })
})

const ends: readonly (readonly [string, (ended: TestBroker) => Promise<MemoryEnv> | MemoryEnv])[] = [
  [
    'a stop',
    async ({ broker, env }) => {
      await broker.close()
      return env
    },
  ],
  ['the end of the process', ({ env }) => env.kill()],
  ['a power cut', ({ env }) => env.crash()],
]

describe.each(ends)('after %s', (_, end) => {
  async function restarted(ended: TestBroker): Promise<TestBroker> {
    return openBroker({ properties, env: await end(ended) })
  }

  test('a stable group goes on, with its offsets', async () => {
    const first = await openBroker({ properties })
    const known = await joined(first)
    await using second = await restarted(first)
    const consumer = new Consumer(second, known)
    expect(await consumer.describe()).toMatchObject({
      groupState: 'Stable',
      members: [{ memberId: known.memberId, memberAssignment: assignment }],
    })
    expect([await consumer.fetchOffset('orders'), await consumer.fetchOffset('payments')]).toEqual([7, 8])
    expect(await consumer.heartbeat()).toBe(0)
    expect(await consumer.commit('orders', 9)).toBe(0)
    expect(await consumer.fetchOffset('orders')).toBe(9)
    await second.clock.runFor(10_001)
    expect(await consumer.describe()).toMatchObject({ groupState: 'Empty' })
  })

  test('what was deleted stays deleted', async () => {
    const first = await openBroker({ properties })
    const before = await joined(first)
    expect(await before.deleteTopic('payments')).toBe(0)
    await before.leave()
    expect(await before.deleteOffset('orders')).toBe(0)
    const second = await restarted(first)
    await second.broker.controller.createTopic({ name: 'payments', partitionCount: 1, replicationFactor: 1 })
    const after = new Consumer(second)
    expect([await after.fetchOffset('orders'), await after.fetchOffset('payments')]).toEqual([-1, -1])
    expect(await after.list()).toEqual(['g'])
    expect(await after.deleteGroup()).toBe(0)
    await using third = await restarted(second)
    expect(await new Consumer(third).list()).toEqual([])
  })
})

/** Ends the process once the metadata has changed `count` times, before anybody has done anything about the last. */
function endAtChange({ broker, env }: Pick<TestBroker, 'broker' | 'env'>, count: number) {
  const end: { left?: MemoryEnv } = {}
  let left = count
  broker.view.onChange(() => {
    if (--left === 0) end.left = env.kill()
  })
  return end
}

test('offsets of a topic that was deleted right before the process ended are gone for good', async () => {
  const first = await openBroker({ properties })
  await joined(first)
  const end = endAtChange(first, 1)
  await first.broker.controller.deleteTopic('payments')
  const second = await openBroker({ properties, env: end.left ?? first.env })
  const consumer = new Consumer(second)
  expect([await consumer.fetchOffset('orders'), await consumer.fetchOffset('payments')]).toEqual([7, -1])
  // Stored, and not only forgotten: a new topic of the name begins without.
  await second.broker.controller.createTopic({ name: 'payments', partitionCount: 1, replicationFactor: 1 })
  await using third = await openBroker({ properties, env: second.env.kill() })
  const later = new Consumer(third)
  expect([await later.fetchOffset('orders'), await later.fetchOffset('payments')]).toEqual([7, -1])
})

test('topics that are taken over keep their offsets, wherever the process ends meanwhile', async () => {
  const taken = ['__consumer_offsets', ...topics]
  for (let changeCount = 1; ; changeCount++) {
    const first = await openBroker({ properties })
    // Its directories are come upon first, and the groups loaded before all topics are known.
    await first.broker.makeOffsetsTopic()
    await joined(first)
    await first.broker.close()
    const { env } = first
    env.files.removeDirectorySync('/data/__tidemark_metadata-0')
    const broker = await Broker.open({ env, directories: ['/data'], properties })
    const end = endAtChange({ broker, env }, changeCount)
    const endpoint = { listenerName: 'PLAINTEXT', host: '127.0.0.1', port: 9092 }
    const announced = await broker.announce([endpoint]).catch((error: Error) => error)
    if (end.left === undefined) {
      expect(announced).toBeUndefined()
      expect(broker.opening.adopted.toSorted()).toEqual(taken)
      expect(changeCount).toBeGreaterThan(taken.length)
      await broker.close()
    }
    await using tested = await openBroker({ properties, env: end.left ?? env })
    expect([...tested.broker.view.topics.keys()].sort()).toEqual(taken)
    const consumer = new Consumer(tested)
    expect([await consumer.fetchOffset('orders'), await consumer.fetchOffset('payments')]).toEqual([7, 8])
    if (end.left === undefined) return
  }
})

describe('deleting', () => {
  test('offsets: not those of a topic that is consumed', async () => {
    await using tested = await openBroker({ properties })
    const consumer = await joined(tested)
    expect(await consumer.deleteOffset('orders')).toBe(errorCodes.GROUP_SUBSCRIBED_TO_TOPIC)
    expect(await consumer.deleteOffset('payments')).toBe(0)
    expect([await consumer.fetchOffset('orders'), await consumer.fetchOffset('payments')]).toEqual([7, -1])
    await consumer.leave()
    expect(await consumer.deleteOffset('orders')).toBe(0)
    expect(await consumer.fetchOffset('orders')).toBe(-1)
  })

  test('a group: not one with members', async () => {
    await using tested = await openBroker({ properties })
    const consumer = await joined(tested)
    expect(await consumer.deleteGroup()).toBe(errorCodes.NON_EMPTY_GROUP)
    await consumer.leave()
    expect(await consumer.deleteGroup()).toBe(0)
    expect(await consumer.deleteGroup()).toBe(errorCodes.GROUP_ID_NOT_FOUND)
    expect(await consumer.list()).toEqual([])
    expect(await consumer.fetchOffset('orders')).toBe(-1)
  })

  test('a topic: its offsets go with it, also those of members, and the others stay', async () => {
    await using tested = await openBroker({ properties })
    const consumer = await joined(tested)
    expect(await consumer.deleteTopic('orders')).toBe(0)
    expect([await consumer.fetchOffset('orders'), await consumer.fetchOffset('payments')]).toEqual([-1, 8])
    await tested.broker.controller.createTopic({ name: 'orders', partitionCount: 1, replicationFactor: 1 })
    expect(await consumer.fetchOffset('orders')).toBe(-1)
    expect(await consumer.commit('orders', 1)).toBe(0)
    expect(await consumer.fetchOffset('orders')).toBe(1)
  })

  test('the topic of the groups: they begin anew', async () => {
    await using tested = await openBroker({ properties })
    const consumer = await joined(tested)
    expect(await consumer.deleteTopic('__consumer_offsets')).toBe(0)
    expect(await consumer.heartbeat()).toBe(errorCodes.NOT_COORDINATOR)
    const another = new Consumer(tested)
    expect(await another.findCoordinator()).toBe(tested.broker.nodeId)
    expect(await another.fetchOffset('orders')).toBe(-1)
    await another.join()
    expect(await another.sync()).toBe('all of it')
  })
})
