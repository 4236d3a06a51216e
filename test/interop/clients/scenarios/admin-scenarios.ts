import { expect } from 'vitest'
import { type Chapter, produce, readFrom, type Scenario, someRecords } from '../scenario.ts'

const topics: Scenario = {
  name: 'create, list and delete a topic',
  checks: 'a topic of three partitions is listed, and gone once it is deleted',
  async run({ client, name: topic }) {
    await client.call('createTopic', { topic, partitionCount: 3, configs: {} })
    expect(await client.call('topics', {})).toContain(topic)
    expect(await client.call('partitionCount', { topic })).toBe(3)
    await client.call('deleteTopic', { topic })
    expect(await client.call('topics', {})).not.toContain(topic)
  },
}

const configs: Scenario = {
  name: 'read and change the configs of a topic',
  checks: 'a config given at creation, a default and one set later are read back',
  async run({ client, name: topic }) {
    const given = { 'retention.ms': '3600000' }
    await client.call('createTopic', { topic, partitionCount: 1, configs: given })
    const created = await client.call('configs', { topic })
    expect(created).toMatchObject({ ...given, 'cleanup.policy': 'delete' })
    await client.call('setConfig', { topic, name: 'max.message.bytes', value: '20000' })
    expect(await client.call('configs', { topic })).toMatchObject({ 'max.message.bytes': '20000' })
  },
}

const partitions: Scenario = {
  name: 'add partitions',
  checks: 'a topic of one partition has four, and the last takes records',
  async run(stage) {
    const { client, name: topic } = stage
    await client.call('createTopic', { topic, partitionCount: 1, configs: {} })
    await client.call('addPartitions', { topic, partitionCount: 4 })
    expect(await client.call('partitionCount', { topic })).toBe(4)
    await produce(stage, someRecords(1), { partition: 3 })
    expect(await client.call('offsets', { topic, partition: 3 })).toEqual({ earliest: 0, latest: 1 })
  },
}

const records: Scenario = {
  name: 'list offsets and delete records',
  checks: 'offsets tell 0 and 10, after deleting before 4 they tell 4 and 10, and reading begins at 4',
  async run(stage) {
    const { client, name: topic } = stage
    await produce(stage, someRecords(10))
    expect(await client.call('offsets', { topic, partition: 0 })).toEqual({ earliest: 0, latest: 10 })
    await client.call('deleteRecords', { topic, partition: 0, beforeOffset: 4 })
    expect(await client.call('offsets', { topic, partition: 0 })).toEqual({ earliest: 4, latest: 10 })
    expect((await readFrom(stage, 'earliest', 6)).map(({ offset }) => offset)).toEqual([4, 5, 6, 7, 8, 9])
  },
}

const groups: Scenario = {
  name: 'list, describe and delete a group',
  checks:
    'a group is listed, stable with one member, empty without; its offsets are told; it is gone once deleted',
  async run(stage) {
    const { client, name: topic } = stage
    const group = `group-${topic}`
    await produce(stage, someRecords(5))
    const member = await stage.another()
    await member.call('join', { group, topic, sessionTimeoutMs: 6000 })
    await member.call('take', { count: 5 })
    await member.call('commit', {})
    expect(await client.call('groups', {})).toContain(group)
    expect(await client.call('group', { group })).toEqual({ state: 'Stable', memberCount: 1 })
    await member.call('leave', {})
    expect(await client.call('group', { group })).toEqual({ state: 'Empty', memberCount: 0 })
    expect(await client.call('committed', { group, topic })).toBe(5)
    await client.call('deleteGroup', { group })
    expect(await client.call('groups', {})).not.toContain(group)
  },
}

export const administering: Chapter = {
  title: 'Administration',
  scenarios: [topics, configs, partitions, records, groups],
}
