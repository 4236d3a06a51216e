import { describe, expect, test } from 'vitest'
import { ClusterView, type ViewChange } from '../../../src/cluster/cluster-view.ts'
import { Controller } from '../../../src/cluster/controller.ts'
import { LocalMetadataStore } from '../../../src/cluster/local-metadata-store.ts'
import { brokerKey, encodeBroker, topicConfigKey } from '../../../src/cluster/znodes.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'

async function startCluster(brokerIds: readonly number[] = [1]) {
  const env = memoryEnv({ seed: 1 })
  const store = await LocalMetadataStore.open('/data/__tidemark_metadata-0', env)
  const view = await ClusterView.follow(store)
  for (const id of brokerIds)
    await store.commit([
      {
        op: 'create',
        key: brokerKey(id),
        value: encodeBroker({ id, endpoints: [], rack: null }, 0),
        ephemeral: true,
      },
    ])
  const controller = new Controller({ store, view, env, brokerId: brokerIds[0] ?? 1 })
  await controller.stand()
  const changes: ViewChange[] = []
  view.onChange((change) => changes.push(change))
  return { env, store, view, controller, changes }
}

const orders = { name: 'orders', partitionCount: 3, replicationFactor: 1 } as const

describe('the controller', () => {
  test('makes a topic, whose partitions have leaders at once', async () => {
    const { controller, view, changes } = await startCluster()
    const made = await controller.createTopic({ ...orders, config: { 'retention.ms': '1000' } })
    expect(view.topics.get('orders')).toEqual(made)
    expect(view.topicsById.get(made.topicId)?.name).toBe('orders')
    expect(made.partitions).toHaveLength(3)
    expect(made.partitions[2]).toMatchObject({
      partition: 2,
      leader: 1,
      leaderEpoch: 0,
      isr: [1],
      replicas: [1],
    })
    expect(view.configs.get('topics/orders')).toEqual({ 'retention.ms': '1000' })
    expect(changes).toHaveLength(1)
    expect([...(changes[0]?.topics ?? [])]).toEqual(['orders'])
  })

  test('only validates when asked to', async () => {
    const { controller, view, changes } = await startCluster()
    await controller.createTopic(orders, true)
    expect(view.topics.size).toBe(0)
    expect(changes).toEqual([])
  })

  test.each([
    [{ ...orders, name: 'no spaces' }, 'INVALID_TOPIC_EXCEPTION'],
    [{ ...orders, name: '..' }, 'INVALID_TOPIC_EXCEPTION'],
    [{ ...orders, name: 'or.ders' }, 'INVALID_TOPIC_EXCEPTION'],
    [{ ...orders, name: 'or_ders' }, 'TOPIC_ALREADY_EXISTS'],
    [{ ...orders, partitionCount: 0 }, 'INVALID_PARTITIONS'],
    [{ ...orders, partitionCount: 1_000_000 }, 'POLICY_VIOLATION'],
    [{ ...orders, replicationFactor: 2 }, 'INVALID_REPLICATION_FACTOR'],
    [{ ...orders, assignment: [] }, 'INVALID_REPLICA_ASSIGNMENT'],
    [{ ...orders, assignment: [[1], [9]] }, 'INVALID_REPLICA_ASSIGNMENT'],
    [{ ...orders, assignment: [[1, 1]] }, 'INVALID_REPLICA_ASSIGNMENT'],
  ])('refuses %j', async (topic, kafkaName) => {
    const { controller, changes } = await startCluster()
    await controller.createTopic({ ...orders, name: 'or_ders' })
    await expect(controller.createTopic(topic)).rejects.toMatchObject({ kafkaName })
    expect(changes).toHaveLength(1)
  })

  test('adds partitions and leaves those that are there', async () => {
    const { controller, view } = await startCluster()
    const { topicId } = await controller.createTopic(orders)
    await controller.createPartitions('orders', 5)
    const topic = view.topics.get('orders')
    expect(topic?.topicId).toBe(topicId)
    expect(topic?.partitions.map(({ leader }) => leader)).toEqual([1, 1, 1, 1, 1])
    await expect(controller.createPartitions('orders', 5)).rejects.toMatchObject({
      kafkaName: 'INVALID_PARTITIONS',
    })
    await expect(controller.createPartitions('orders', 7, [[1]])).rejects.toMatchObject({
      kafkaName: 'INVALID_REPLICA_ASSIGNMENT',
    })
    await expect(controller.createPartitions('none', 5)).rejects.toMatchObject({
      kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION',
    })
  })

  test('removes a topic with all that is kept of it, and makes another of its name', async () => {
    const { controller, view, store, changes } = await startCluster()
    const first = await controller.createTopic({ ...orders, config: { 'retention.ms': '1000' } })
    await controller.deleteTopic('orders')
    expect(changes.at(-1)?.deletedTopics).toEqual([first])
    expect(await store.list('/brokers/topics/')).toEqual([])
    expect(await store.get(topicConfigKey('orders'))).toBeUndefined()
    const second = await controller.createTopic(orders)
    expect(second.topicId).not.toBe(first.topicId)
    expect(view.topicsById.has(first.topicId)).toBe(false)
  })

  test('spreads replicas, and elects the next in sync when a leader is gone', async () => {
    const { controller, view, store } = await startCluster([1, 2, 3])
    await controller.createTopic({ ...orders, replicationFactor: 3 })
    expect(view.topics.get('orders')?.partitions.map(({ leader }) => leader)).toEqual([1, 2, 3])
    await store.commit([{ op: 'delete', key: brokerKey(2) }])
    expect(await controller.electMissingLeaders(() => false)).toBe(1)
    expect(view.partition('orders', 1)).toMatchObject({ leader: 3, leaderEpoch: 1, isr: [3, 1] })
    await expect(controller.electLeader('orders', 1, 'preferred')).rejects.toMatchObject({
      kafkaName: 'PREFERRED_LEADER_NOT_AVAILABLE',
    })
    await expect(controller.electLeader('orders', 0, 'preferred')).rejects.toMatchObject({
      kafkaName: 'ELECTION_NOT_NEEDED',
    })
  })

  test('renews the epochs of a broker that comes back', async () => {
    const { controller, view } = await startCluster()
    await controller.createTopic(orders)
    expect(await controller.renewLeadership(1)).toBe(3)
    expect(view.topics.get('orders')?.partitions.map(({ leaderEpoch }) => leaderEpoch)).toEqual([1, 1, 1])
  })

  test('decides nothing once another has taken office', async () => {
    const { controller, view, store, env } = await startCluster([1, 2])
    const rival = new Controller({ store, view, env, brokerId: 2 })
    expect(await rival.stand()).toBe(false)
    await expect(rival.createTopic(orders)).rejects.toMatchObject({ kafkaName: 'NOT_CONTROLLER' })
    await store.commit([{ op: 'delete', key: '/controller' }])
    expect(await rival.stand()).toBe(true)
    await expect(controller.createTopic(orders)).rejects.toThrow('/controller_epoch')
    expect(view.topics.size).toBe(0)
    await rival.createTopic(orders)
    expect(view.topics.get('orders')?.partitions[0]).toMatchObject({ controllerEpoch: 2 })
  })
})
