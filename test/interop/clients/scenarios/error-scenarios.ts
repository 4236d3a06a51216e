import { type Chapter, expectKafkaError, produce, readFrom, type Scenario, someRecords } from '../scenario.ts'

const oversized: Scenario = {
  name: 'a record that is too large',
  checks: 'a record above `max.message.bytes` is refused with MESSAGE_TOO_LARGE, and one after it is taken',
  async run(stage) {
    const record = { key: null, value: 'x'.repeat(1_100_000), headers: {} }
    await expectKafkaError('MESSAGE_TOO_LARGE', produce(stage, [record]))
    await produce(stage, someRecords(1))
  },
}

const beyond: Scenario = {
  name: 'an offset that does not exist',
  checks: 'a reader placed beyond the end that is not to be reset is told OFFSET_OUT_OF_RANGE',
  async run(stage) {
    await produce(stage, someRecords(3))
    await expectKafkaError('OFFSET_OUT_OF_RANGE', readFrom(stage, { offset: 1000 }, 1))
  },
}

const unknownTopic: Scenario = {
  name: 'a topic that does not exist',
  checks: 'describing it is answered with UNKNOWN_TOPIC_OR_PARTITION',
  async run({ client, name: topic }) {
    await expectKafkaError('UNKNOWN_TOPIC_OR_PARTITION', client.call('partitionCount', { topic }))
  },
}

const existing: Scenario = {
  name: 'a topic that exists already',
  checks: 'creating it again is answered with TOPIC_ALREADY_EXISTS',
  async run({ client, name: topic }) {
    await client.call('createTopic', { topic, partitionCount: 1, configs: {} })
    const again = client.call('createTopic', { topic, partitionCount: 1, configs: {} })
    await expectKafkaError('TOPIC_ALREADY_EXISTS', again)
  },
}

const badConfig: Scenario = {
  name: 'a config that does not exist',
  checks: 'creating a topic with it is answered with INVALID_CONFIG',
  async run({ client, name: topic }) {
    const configs = { 'no.such.config': '1' }
    const created = client.call('createTopic', { topic, partitionCount: 1, configs })
    await expectKafkaError('INVALID_CONFIG', created)
  },
}

const fewer: Scenario = {
  name: 'fewer partitions than there are',
  checks: 'taking partitions away is answered with INVALID_PARTITIONS',
  async run({ client, name: topic }) {
    await client.call('createTopic', { topic, partitionCount: 3, configs: {} })
    await expectKafkaError('INVALID_PARTITIONS', client.call('addPartitions', { topic, partitionCount: 2 }))
  },
}

const busyGroup: Scenario = {
  name: 'deleting a group with members',
  checks: 'it is answered with NON_EMPTY_GROUP',
  async run(stage) {
    const { client, name: topic } = stage
    const group = `group-${topic}`
    await produce(stage, someRecords(1))
    const member = await stage.another()
    await member.call('join', { group, topic, sessionTimeoutMs: 6000 })
    await member.call('take', { count: 1 })
    await expectKafkaError('NON_EMPTY_GROUP', client.call('deleteGroup', { group }))
    await member.call('leave', {})
  },
}

export const failing: Chapter = {
  title: 'Errors',
  scenarios: [oversized, beyond, unknownTopic, existing, badConfig, fewer, busyGroup],
}
