import { describe, expect, test } from 'vitest'
import { KafkaError } from '../../src/wire/kafka-error.ts'
import { eventually, take, values, type World } from './world.ts'

/** What an admin promises. */
export function administering(world: () => World): void {
  const admin = () => world().tidemark.admin()

  test('topics are made, described, extended and deleted', async () => {
    const name = world().name('topic')
    const [created] = await admin().createTopics([
      { name, partitions: 2, config: { 'retention.ms': 3_600_000 } },
    ])
    expect(created).toMatchObject({ name, partitions: 2, replicationFactor: 1 })
    const names = async () => (await admin().listTopics()).map((topic) => topic.name)
    await eventually(async () => expect(await names()).toContain(name))
    await admin().createPartitions([{ name, count: 3 }])
    await eventually(async () => {
      const [described] = await admin().describeTopics([name])
      expect(described).toMatchObject({ name, topicId: created?.topicId })
      expect(described?.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2])
    })
    await admin().deleteTopics([name])
    await eventually(async () => expect(await names()).not.toContain(name))
  })

  test('configs are described and changed', async () => {
    const topic = await world().topic(1, { 'retention.ms': 1000 })
    const retention = async () => {
      const [described] = await admin().describeConfigs([{ type: 'topic', name: topic }])
      return described?.configs.find(({ name }) => name === 'retention.ms')
    }
    expect(await retention()).toMatchObject({
      value: '1000',
      isDefault: false,
      source: 'DYNAMIC_TOPIC_CONFIG',
    })
    await admin().alterConfigs([{ type: 'topic', name: topic, set: { 'retention.ms': 2000 } }])
    await eventually(async () => expect(await retention()).toMatchObject({ value: '2000' }))
    await admin().alterConfigs([{ type: 'topic', name: topic, delete: ['retention.ms'] }])
    const standard = { value: '604800000', isDefault: true }
    await eventually(async () => expect(await retention()).toMatchObject(standard))
  })

  test('records are counted and deleted', async () => {
    const topic = await world().topic()
    await using producer = world().producer()
    await producer.sendAll(values(10).map((value) => ({ topic, value })))
    await admin().deleteRecords([{ topic, partition: 0, beforeOffset: 4 }])
    const partition = { topic, partition: 0 }
    const listed = await admin().listOffsets([
      { ...partition, at: 'earliest' },
      { ...partition, at: 'latest' },
    ])
    expect(listed.map(({ offset }) => offset)).toEqual([4, 10])
    await using consumer = world().consumer({ assignment: [partition], autoOffsetReset: 'earliest' })
    expect((await take(consumer, 1))[0]?.offset).toBe(4)
  })

  test('groups are listed, described, moved and deleted', async () => {
    const topic = await world().topic()
    await using producer = world().producer()
    await producer.sendAll(values(10).map((value) => ({ topic, value })))
    const groupId = world().name('group')
    const options = { groupId, topics: [topic], autoOffsetReset: 'earliest' } as const
    {
      await using consumer = world().consumer(options)
      await take(consumer, 5)
      const [described] = await admin().describeGroups([groupId])
      expect(described).toMatchObject({ groupId, state: 'Stable' })
      expect(described?.members).toHaveLength(1)
    }
    expect((await admin().listGroups()).map((group) => group.groupId)).toContain(groupId)
    await admin().alterGroupOffsets(groupId, [{ topic, partition: 0, offset: 9 }])
    expect(await admin().listGroupOffsets(groupId)).toMatchObject([{ topic, partition: 0, offset: 9 }])
    await admin().deleteGroups([groupId])
    expect((await admin().listGroups()).map((group) => group.groupId)).not.toContain(groupId)
  })

  test('the cluster is described', async () => {
    const cluster = await admin().describeCluster()
    expect(cluster.clusterId).toMatch(/^[\w-]{22}$/)
    expect(cluster.brokers).toHaveLength(1)
    expect(cluster.controllerId).toBe(cluster.brokers[0]?.nodeId)
  })

  test('what is given up is not waited for', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(admin().listTopics({ signal })).rejects.toThrow('enough')
    await expect(admin().createTopics([{ name: 'never' }], { signal })).rejects.toThrow('enough')
    expect((await admin().listTopics()).map(({ name }) => name)).not.toContain('never')
  })

  describe('what fails', () => {
    test('is thrown: one error as it is, several together', async () => {
      const topic = await world().topic()
      await expect(admin().createTopics([{ name: topic }])).rejects.toThrow(
        expect.objectContaining({ kafkaName: 'TOPIC_ALREADY_EXISTS' }),
      )
      const two = admin().deleteTopics([world().name('missing'), world().name('missing')])
      await expect(two).rejects.toThrow(AggregateError)
    })

    test('is told beside what succeeds, if that is wanted', async () => {
      const topic = await world().topic()
      const name = world().name('topic')
      const topics = [{ name: topic }, { name, partitions: 1 }, { name: 'no/topic' }]
      const results = await admin().createTopics(topics, { throwOnError: false })
      expect(results.map(({ error }) => error?.kafkaName)).toEqual([
        ...['TOPIC_ALREADY_EXISTS', undefined, 'INVALID_TOPIC_EXCEPTION'],
      ])
      expect(results[0]?.error).toBeInstanceOf(KafkaError)
    })

    test('is refused before anything is done', async () => {
      const name = world().name('topic')
      const wrong = admin().createTopics([{ name, config: { 'retention.ms': 'soon' } }])
      await expect(wrong).rejects.toThrow(expect.objectContaining({ kafkaName: 'INVALID_CONFIG' }))
      await admin().createTopics([{ name, partitions: 1 }], { validateOnly: true })
      expect((await admin().listTopics()).map((topic) => topic.name)).not.toContain(name)
    })
  })
}
