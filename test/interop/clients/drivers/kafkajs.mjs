import { createRequire } from 'node:module'
import { compress, decompress, init } from '@bokuweb/zstd-wasm'
import kafkajs from 'kafkajs'
import Lz4Codec from 'kafkajs-lz4'
import snappyCodec from 'kafkajs-snappy'
import { NotOffered, offsetsBehind, RecordQueue, serveCalls } from './serve-calls.mjs'

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = kafkajs

await init()
CompressionCodecs[CompressionTypes.Snappy] = snappyCodec
CompressionCodecs[CompressionTypes.LZ4] = new Lz4Codec().codec
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async ({ buffer }) => Buffer.from(compress(buffer)),
  decompress: async (buffer) => Buffer.from(decompress(buffer)),
})

const codecs = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
}

let kafka
let connectedAdmin
const readers = new Map()
let member

async function admin() {
  if (connectedAdmin === undefined) {
    connectedAdmin = kafka.admin()
    await connectedAdmin.connect()
  }
  return connectedAdmin
}

function recordOf(partition, { offset, timestamp, key, value, headers = {} }) {
  const pairs = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    ...{ partition, offset: Number(offset), timestamp: Number(timestamp) },
    ...{ key: key?.toString() ?? null, value: value?.toString() ?? null },
    headers: Object.fromEntries(pairs.map(([name, header]) => [name, header.toString()])),
  }
}

async function edgesOf(topic, partition) {
  const edges = await (await admin()).fetchTopicOffsets(topic)
  const { low, high } = edges.find((each) => each.partition === partition)
  return { earliest: Number(low), latest: Number(high) }
}

/** At which offset to begin, or undefined for the latest, which the consumer finds by itself. */
async function offsetOf(topic, partition, from) {
  if (from === 'latest') return undefined
  const { earliest, latest } = await edgesOf(topic, partition)
  if (from === 'earliest') return earliest
  if (from.timestamp !== undefined) {
    const found = await (await admin()).fetchTopicOffsetsByTimestamp(topic, from.timestamp)
    return Number(found.find((each) => each.partition === partition).offset)
  }
  if (from.offset > latest)
    throw new NotOffered('a consumer silently goes to an end of the partition instead')
  return from.offset
}

/** Resolves after `event` has happened once. */
function happened(consumer, event) {
  return new Promise((done) => {
    const remove = consumer.on(event, () => {
      remove()
      done()
    })
  })
}

const calls = {
  hello({ bootstrap }) {
    kafka = new Kafka({
      ...{ clientId: 'tidemark-test', brokers: [bootstrap], logLevel: logLevel.NOTHING },
      retry: { initialRetryTime: 50, retries: 12, maxRetryTime: 2000 },
    })
    return { version: createRequire(import.meta.url)('kafkajs/package.json').version }
  },

  async produce({ topic, partition, codec, acks, isIdempotent, records }) {
    const producer = kafka.producer({ idempotent: isIdempotent })
    await producer.connect()
    try {
      const messages = records.map((record) => ({ ...record, partition }))
      await producer.send({ topic, acks, compression: codecs[codec], messages })
    } finally {
      await producer.disconnect()
    }
  },

  // There is no consumer outside of a group: each reader is alone in one.
  async open({ reader, topic, partition, from }) {
    const start = await offsetOf(topic, partition, from)
    const consumer = kafka.consumer({ groupId: `reader-${process.pid}-${reader}`, maxWaitTimeInMs: 100 })
    const queue = new RecordQueue()
    readers.set(reader, { consumer, queue })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: false })
    const joined = happened(consumer, consumer.events.GROUP_JOIN)
    const fetched = happened(consumer, consumer.events.FETCH)
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition: of, message }) => {
        if (of === partition && Number(message.offset) >= (start ?? 0)) queue.push(recordOf(of, message))
      },
    })
    await joined
    if (start !== undefined) consumer.seek({ topic, partition, offset: String(start) })
    else await fetched
  },

  read({ reader, count }) {
    return readers.get(reader).queue.take(count)
  },

  async close({ reader }) {
    await readers.get(reader).consumer.disconnect()
    readers.delete(reader)
  },

  async join({ group, topic, sessionTimeoutMs }) {
    const consumer = kafka.consumer({
      ...{ groupId: group, sessionTimeout: sessionTimeoutMs, heartbeatInterval: 300, maxWaitTimeInMs: 100 },
    })
    member = { consumer, topic, queue: new RecordQueue(), taken: [], assigned: [] }
    const { queue, ...own } = member
    const joined = new Promise((done) => {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        member.assigned = payload.memberAssignment[topic] ?? []
        done()
      })
    })
    consumer.on(consumer.events.REBALANCING, () => (member.assigned = []))
    await own.consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => queue.push(recordOf(partition, message)),
    })
    await joined
  },

  assigned: () => member.assigned,

  async take({ count }) {
    const records = await member.queue.take(count)
    member.taken.push(...records)
    return records
  },

  async commit() {
    const { consumer, topic, taken } = member
    const offsets = [...offsetsBehind(taken)].map(([partition, offset]) => ({ partition, offset }))
    await consumer.commitOffsets(offsets.map((each) => ({ topic, ...each, offset: String(each.offset) })))
  },

  leave: () => member.consumer.disconnect(),

  async createTopic({ topic, partitionCount, configs }) {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
    const topics = [{ topic, numPartitions: partitionCount, configEntries }]
    // It answers with false what others report as an error.
    if (!(await (await admin()).createTopics({ topics, waitForLeaders: true })))
      throw Object.assign(new Error('createTopics returned false'), { type: 'TOPIC_ALREADY_EXISTS' })
  },

  topics: async () => await (await admin()).listTopics(),

  async partitionCount({ topic }) {
    const { topics } = await (await admin()).fetchTopicMetadata({ topics: [topic] })
    return topics[0].partitions.length
  },

  async configs({ topic }) {
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }]
    const described = await (await admin()).describeConfigs({ resources, includeSynonyms: false })
    const entries = described.resources[0].configEntries
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
  },

  async setConfig({ topic, name, value }) {
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name, value }] }
    await (await admin()).alterConfigs({ validateOnly: false, resources: [resource] })
  },

  async addPartitions({ topic, partitionCount }) {
    await (await admin()).createPartitions({ topicPartitions: [{ topic, count: partitionCount }] })
  },

  async deleteRecords({ topic, partition, beforeOffset }) {
    const partitions = [{ partition, offset: String(beforeOffset) }]
    await (await admin()).deleteTopicRecords({ topic, partitions })
  },

  offsets: ({ topic, partition }) => edgesOf(topic, partition),

  async groups() {
    const { groups } = await (await admin()).listGroups()
    return groups.map(({ groupId }) => groupId)
  },

  async group({ group }) {
    const { groups } = await (await admin()).describeGroups([group])
    return { state: groups[0].state, memberCount: groups[0].members.length }
  },

  async committed({ group, topic }) {
    const [{ partitions }] = await (await admin()).fetchOffsets({ groupId: group, topics: [topic] })
    return Number(partitions.find(({ partition }) => partition === 0).offset)
  },

  deleteGroup: async ({ group }) => void (await (await admin()).deleteGroups([group])),

  deleteTopic: async ({ topic }) => await (await admin()).deleteTopics({ topics: [topic] }),
}

/** Errors of the protocol have a type; others carry them as their cause, or one per topic or group. */
function kafkaNameOf(error) {
  const inner = error.errors?.[0] ?? error.groups?.[0]?.error ?? error.cause
  return error.type ?? (inner === undefined ? undefined : kafkaNameOf(inner))
}

serveCalls(calls, kafkaNameOf)
