import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigStore } from '../../../../src/broker/config/config-store.ts'
import { type TopicConfig, topicKeys } from '../../../../src/broker/config/declared-configs.ts'
import { toLogConfig } from '../../../../src/broker/config/topic-log-config.ts'
import type { LogConfig } from '../../../../src/log/log-config.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'

function logConfigOf(
  topic: Readonly<Record<string, string>>,
  staticBroker: Readonly<Record<string, string>> = {},
): LogConfig {
  const store = new ConfigStore({ staticBroker })
  const settings = store.planTopic(Object.entries(topic).map(([name, value]) => ({ name, value })))
  store.put({ resourceType: 2, resourceName: 'a' }, settings)
  return toLogConfig(store.topicConfig('a'), store.brokerConfig())
}

test('a log of a topic without settings', () => {
  expect(logConfigOf({})).toMatchObject({
    durability: 'sync',
    syncIntervalMs: 1000,
    syncIntervalRecords: Infinity,
    segmentBytes: 2 ** 30,
    segmentMs: 604_800_000,
    indexIntervalBytes: 4096,
    indexBytesMax: 10_485_760,
    compression: 'none',
    maxMessageBytes: 1_048_588,
    timestampType: 'CreateTime',
    timestampBeforeMaxMs: Infinity,
    timestampAfterMaxMs: 3_600_000,
    retentionMs: 604_800_000,
    retentionBytes: Infinity,
    retentionCheckMs: 300_000,
    fileDeleteDelayMs: 60_000,
    producerIdExpirationMs: 86_400_000,
    cleanupPolicy: 'delete',
  })
})

test.each<[Record<string, string>, Partial<LogConfig>]>([
  [{ 'segment.bytes': '2097152', 'internal.segment.bytes': '5000' }, { segmentBytes: 5000 }],
  [{ 'internal.segment.bytes': '10' }, { segmentBytes: 1024 }],
  [{ 'segment.index.bytes': '4' }, { indexBytesMax: 24 }],
  [{ 'compression.type': 'uncompressed' }, { compression: 'none' }],
  [{ 'compression.type': 'zstd' }, { compression: 'zstd' }],
  [
    { 'retention.ms': '-1', 'retention.bytes': '-5' },
    { retentionMs: Infinity, retentionBytes: Infinity },
  ],
  [
    { 'retention.ms': '5', 'retention.bytes': '6' },
    { retentionMs: 5, retentionBytes: 6 },
  ],
  [
    { 'cleanup.policy': '', 'retention.ms': '5', 'retention.bytes': '6' },
    { cleanupPolicy: 'delete', retentionMs: Infinity, retentionBytes: Infinity },
  ],
  [{ 'cleanup.policy': 'compact,compact' }, { cleanupPolicy: 'compact' }],
  [{ 'cleanup.policy': 'delete,compact' }, { cleanupPolicy: 'delete,compact' }],
  [
    { 'flush.ms': '0', 'flush.messages': '7' },
    { syncIntervalMs: 1, syncIntervalRecords: 7 },
  ],
  [
    { 'tidemark.durability': 'interval', 'flush.ms': '5' },
    { durability: 'interval', syncIntervalMs: 5 },
  ],
  [{ 'tidemark.durability': 'os' }, { durability: 'os' }],
  [{ 'flush.messages': '7' }, { durability: 'sync' }],
  [{ 'retention.ms': '9223372036854775806' }, { retentionMs: Infinity }],
  [{ 'file.delete.delay.ms': '9223372036854775807' }, { fileDeleteDelayMs: Number.MAX_SAFE_INTEGER }],
  [{ 'message.timestamp.type': 'LogAppendTime' }, { timestampType: 'LogAppendTime' }],
])('%o', (topic, expected) => {
  expect(logConfigOf(topic)).toMatchObject(expected)
})

describe('of the broker come', () => {
  test('its defaults of topics, and what topics cannot say', () => {
    const broker = {
      'log.segment.bytes': '1048576',
      'log.retention.check.interval.ms': '5',
      'producer.id.expiration.ms': '6',
      'tidemark.durability': 'os',
    }
    expect(logConfigOf({}, broker)).toMatchObject({
      segmentBytes: 1_048_576,
      retentionCheckMs: 5,
      producerIdExpirationMs: 6,
      durability: 'os',
    })
  })

  test('promises of syncing, which the operating system does not keep', () => {
    const os = { 'tidemark.durability': 'os' }
    expect(logConfigOf({ 'flush.messages': '1' }, os)).toMatchObject({
      durability: 'interval',
      syncIntervalRecords: 1,
    })
    expect(logConfigOf({ 'flush.ms': '50' }, os)).toMatchObject({
      durability: 'interval',
      syncIntervalMs: 50,
    })
    expect(logConfigOf({}, { ...os, 'log.flush.interval.ms': '60' }).syncIntervalMs).toBe(60)
  })
})

const seed = process.env.TIDEMARK_SEED

function isAccepted(settings: [string, string][]): boolean {
  try {
    new ConfigStore().planTopic(settings.map(([name, value]) => ({ name, value })))
    return true
  } catch (error) {
    if (error instanceof KafkaError) return false
    throw error
  }
}

test('whatever a topic may be told, its log takes', () => {
  const edges = [
    '-9223372036854775808',
    '-2',
    '-1',
    '0',
    '1',
    '4',
    '1048576',
    '2147483647',
    '9007199254740993',
  ]
  const value = fc.constantFrom(
    ...edges,
    '9223372036854775807',
    '0.5',
    'true',
    'compact',
    'delete',
    'lz4',
    '',
  )
  const names = Object.keys(topicKeys) as (keyof TopicConfig)[]
  const own = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 8 })
  fc.assert(
    fc.property(own, (settings) => {
      const accepted = Object.entries(settings).filter((setting) => isAccepted([setting]))
      if (isAccepted(accepted)) expect(logConfigOf(Object.fromEntries(accepted)).durability).toBe('sync')
    }),
    { ...(seed === undefined ? {} : { seed: Number(seed) }), numRuns: 300 },
  )
})
