import { readFileSync } from 'node:fs'
import {
  Admin,
  compressionsAlgorithms,
  ConfigResourceTypes,
  Consumer,
  IncrementalAlterConfigOperationTypes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { NotOffered, offsetsBehind, RecordQueue, serveCalls } from './serve-calls.mjs'

const packageFile = new URL('../node_modules/@platformatic/kafka/package.json', import.meta.url)
const earliest = -2n
const latest = -1n

let common
let admin
const readers = new Map()
let member

function recordOf({ partition, offset, timestamp, key, value, headers }) {
  const pairs = [...headers.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    ...{ partition, offset: Number(offset), timestamp: Number(timestamp) },
    ...{ key: key ?? null, value: value ?? null },
    headers: Object.fromEntries(pairs),
  }
}

function makeConsumer(groupId, options = {}) {
  return new Consumer({
    ...common,
    ...{ groupId, autocommit: false, maxWaitTime: 100, deserializers: stringDeserializers },
    ...options,
  })
}

/** Records of a stream go to a queue. */
function pour(stream, queue, isWanted = () => true) {
  stream.on('data', (message) => isWanted(message) && queue.push(recordOf(message)))
  stream.on('error', (error) => queue.fail(error))
}

async function offsetAt(topic, partitionIndex, timestamp) {
  const listed = await admin.listOffsets({
    topics: [{ name: topic, partitions: [{ partitionIndex, timestamp }] }],
  })
  return listed[0].partitions[0].offset
}

function startOf(topic, partition, from) {
  if (from.offset !== undefined) return BigInt(from.offset)
  const ends = { earliest, latest }
  return offsetAt(topic, partition, ends[from] ?? BigInt(from.timestamp))
}

const calls = {
  hello({ bootstrap }) {
    common = {
      ...{ clientId: 'tidemark-test', bootstrapBrokers: [bootstrap], autocreateTopics: true },
      ...{ retries: 30, retryDelay: 100 },
    }
    admin = new Admin({ ...common, autocreateTopics: false, retries: 2 })
    return { version: JSON.parse(readFileSync(packageFile, 'utf8')).version }
  },

  async produce({ topic, partition, codec, acks, isIdempotent, records }) {
    if (!compressionsAlgorithms[codec].available)
      throw new NotOffered(`${codec} needs a newer release of Node.js than ${process.version}`)
    const producer = new Producer({ ...common, serializers: stringSerializers })
    try {
      const messages = records.map(({ key, value, headers }) => ({
        ...{ topic, partition, headers },
        ...(key === null ? {} : { key }),
        ...(value === null ? {} : { value }),
      }))
      await producer.send({ messages, acks, compression: codec, idempotent: isIdempotent })
    } finally {
      await producer.close()
    }
  },

  // There is no consumer outside of a group: each reader is alone in one.
  async open({ reader, topic, partition, from }) {
    const offset = await startOf(topic, partition, from)
    const consumer = makeConsumer(`reader-${process.pid}-${topic}-${reader}`)
    const queue = new RecordQueue()
    readers.set(reader, { consumer, queue })
    const ends = (await consumer.listOffsets({ topics: [topic] })).get(topic)
    const offsets = ends.map((end, each) => ({
      ...{ topic, partition: each },
      offset: each === partition ? offset : end,
    }))
    const stream = await consumer.consume({ topics: [topic], mode: 'manual', fallbackMode: 'fail', offsets })
    pour(stream, queue, (message) => message.partition === partition)
  },

  read: ({ reader, count }) => readers.get(reader).queue.take(count),

  async close({ reader }) {
    await readers.get(reader).consumer.close(true)
    readers.delete(reader)
  },

  async join({ group, topic, sessionTimeoutMs }) {
    const consumer = makeConsumer(group, { sessionTimeout: sessionTimeoutMs, heartbeatInterval: 300 })
    member = { consumer, topic, queue: new RecordQueue(), taken: [] }
    const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest' })
    pour(stream, member.queue)
  },

  assigned() {
    const own = member.consumer.assignments?.find(({ topic }) => topic === member.topic)
    return own?.partitions ?? []
  },

  async take({ count }) {
    const records = await member.queue.take(count)
    member.taken.push(...records)
    return records
  },

  async commit() {
    const { consumer, topic, taken } = member
    const offsets = [...offsetsBehind(taken)].map(([partition, offset]) => ({
      ...{ topic, partition, offset: BigInt(offset), leaderEpoch: -1 },
    }))
    await consumer.commit({ offsets })
  },

  leave: () => member.consumer.close(true),

  async createTopic({ topic, partitionCount, configs }) {
    const entries = Object.entries(configs).map(([name, value]) => ({ name, value }))
    await admin.createTopics({ topics: [topic], partitions: partitionCount, replicas: 1, configs: entries })
  },

  topics: () => admin.listTopics(),

  async partitionCount({ topic }) {
    const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
    return topics.get(topic).partitionsCount
  },

  async configs({ topic }) {
    const resources = [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic }]
    const [{ configs }] = await admin.describeConfigs({ resources })
    return Object.fromEntries(configs.map(({ name, value }) => [name, value]))
  },

  async setConfig({ topic, name, value }) {
    const configs = [{ name, value, configOperation: IncrementalAlterConfigOperationTypes.SET }]
    const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configs }
    await admin.incrementalAlterConfigs({ resources: [resource] })
  },

  addPartitions: ({ topic, partitionCount }) =>
    admin.createPartitions({ topics: [{ name: topic, count: partitionCount, assignments: null }] }),

  async deleteRecords({ topic, partition, beforeOffset }) {
    const partitions = [{ partition, offset: BigInt(beforeOffset) }]
    await admin.deleteRecords({ topics: [{ name: topic, partitions }] })
  },

  offsets: async ({ topic, partition }) => ({
    earliest: Number(await offsetAt(topic, partition, earliest)),
    latest: Number(await offsetAt(topic, partition, latest)),
  }),

  groups: async () => [...(await admin.listGroups()).keys()],

  async group({ group }) {
    const { state, members } = (await admin.describeGroups({ groups: [group] })).get(group)
    // Its own spelling of Kafka's states is in capitals.
    return { state: state[0] + state.slice(1).toLowerCase(), memberCount: members.size }
  },

  async committed({ group, topic }) {
    const asked = { groupId: group, topics: [{ name: topic, partitionIndexes: [0] }] }
    const [{ topics }] = await admin.listConsumerGroupOffsets({ groups: [asked] })
    return Number(topics[0].partitions[0].committedOffset)
  },

  deleteGroup: ({ group }) => admin.deleteGroups({ groups: [group] }),

  deleteTopic: ({ topic }) => admin.deleteTopics({ topics: [topic] }),
}

/** The error of the protocol is somewhere below the one that is thrown, save for one that it says in words of its own. */
function kafkaNameOf(error) {
  if (error.message.startsWith('Unknown topic ')) return 'UNKNOWN_TOPIC_OR_PARTITION'
  if (error.apiId !== undefined) return error.apiId
  return [...(error.errors ?? []), error.cause].filter(Boolean).map(kafkaNameOf).find(Boolean)
}

serveCalls(calls, kafkaNameOf)
