import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { configOperations } from '../../../../src/broker/config/config-change.ts'
import { type ConfigChange, ConfigStore, resourceTypes } from '../../../../src/broker/config/config-store.ts'
import type { TopicConfig } from '../../../../src/broker/config/declared-configs.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'

const topic = (resourceName: string) => ({ resourceType: resourceTypes.topic, resourceName })
const broker = (resourceName: string) => ({ resourceType: resourceTypes.broker, resourceName })
const set = (name: string, value: string | null) => ({ name, configOperation: configOperations.set, value })
const remove = (name: string) => ({ name, configOperation: configOperations.delete, value: null })
const append = (name: string, value: string) => ({ name, configOperation: configOperations.append, value })
const subtract = (name: string, value: string) => ({
  name,
  configOperation: configOperations.subtract,
  value,
})

function refusal(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof KafkaError) return `${error.kafkaName}: ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('a topic goes by', () => {
  test('the defaults of Kafka, when nobody said anything', () => {
    const config: TopicConfig = new ConfigStore().topicConfig('a')
    expect(config).toMatchObject({
      'cleanup.policy': ['delete'],
      'retention.ms': 604_800_000,
      'retention.bytes': -1,
      'flush.messages': Infinity,
      'segment.bytes': 2 ** 30,
      'internal.segment.bytes': null,
      'min.insync.replicas': 1,
      'compression.type': 'producer',
      'tidemark.durability': 'sync',
    })
  })

  test('its own settings before those of this broker, of all brokers, of the file', () => {
    const store = new ConfigStore({ staticBroker: { 'message.max.bytes': '1000' } })
    const max = () => store.topicConfig('a')['max.message.bytes']
    expect(max()).toBe(1000)
    store.alter(broker(''), [set('message.max.bytes', '2000')])
    expect(max()).toBe(2000)
    store.alter(broker('1'), [set('message.max.bytes', '3000')])
    expect(max()).toBe(3000)
    store.alter(topic('a'), [set('max.message.bytes', '4000')])
    expect(max()).toBe(4000)
    expect(store.topicConfig('b')['max.message.bytes']).toBe(3000)
    store.alter(topic('a'), [remove('max.message.bytes')])
    store.alter(broker('1'), [remove('message.max.bytes')])
    expect(max()).toBe(2000)
  })

  test.each([
    [{ 'log.retention.hours': '2' }, 7_200_000],
    [{ 'log.retention.hours': '2', 'log.retention.minutes': '3' }, 180_000],
    [{ 'log.retention.hours': '2', 'log.retention.minutes': '3', 'log.retention.ms': '4' }, 4],
    [{ 'log.retention.minutes': '-1' }, -1],
    [{ 'log.retention.hours': '-1' }, -1],
  ])('retention in the unit it is given in: %o', (staticBroker, retentionMs) => {
    expect(new ConfigStore({ staticBroker }).topicConfig('a')['retention.ms']).toBe(retentionMs)
  })

  test('flush.ms of the scheduler, when there is no other', () => {
    const store = new ConfigStore({ staticBroker: { 'log.flush.scheduler.interval.ms': '50' } })
    expect(store.topicConfig('a')['flush.ms']).toBe(50)
  })

  test('one object as long as nothing changes that concerns it', () => {
    const store = new ConfigStore()
    const before = store.topicConfig('a')
    store.alter(topic('b'), [set('retention.ms', '5')])
    expect(store.topicConfig('a')).toBe(before)
    store.alter(topic('a'), [set('retention.ms', '5')])
    expect(store.topicConfig('a')).not.toBe(before)
    const brokerBefore = store.brokerConfig()
    expect(store.brokerConfig()).toBe(brokerBefore)
    store.alter(broker(''), [set('message.max.bytes', '5')])
    expect(store.brokerConfig()['message.max.bytes']).toBe(5)
    expect(store.topicConfig('a')['max.message.bytes']).toBe(5)
  })
})

describe('a broker', () => {
  test('has one id under two names', () => {
    expect(new ConfigStore().brokerId).toBe(1)
    expect(new ConfigStore({ staticBroker: { 'broker.id': '7' } }).brokerId).toBe(7)
    const store = new ConfigStore({ staticBroker: { 'node.id': '8' } })
    expect(store.brokerConfig()['broker.id']).toBe(8)
    expect(refusal(() => new ConfigStore({ staticBroker: { 'node.id': '8', 'broker.id': '7' } }))).toContain(
      'INVALID_CONFIG: node.id and broker.id',
    )
  })

  test.each([
    [{ 'message.max.bytes': 'x' }, 'Not a number of type INT'],
    [{ 'replica.fetch.wait.max.ms': '40000' }, 'replica.socket.timeout.ms must be at least'],
    [{ 'replica.lag.time.max.ms': '400' }, 'replica.lag.time.max.ms must be at least'],
    [{ 'queued.max.request.bytes': '1000' }, 'queued.max.request.bytes must be at least'],
    [{ 'group.max.session.timeout.ms': '1' }, 'group.min.session.timeout.ms must not be above'],
    [
      { 'log.cleaner.max.compaction.lag.ms': '1', 'log.cleaner.min.compaction.lag.ms': '2' },
      'must not be above',
    ],
    [{ 'log.retention.hours': '0' }, 'must be above 0'],
    [{ listeners: '' }, 'listeners must name at least one address'],
    [{ 'listener.name.internal.max.connections': '-1' }, 'Value must be at least 0'],
  ])('does not start with %o', (staticBroker, complaint) => {
    expect(refusal(() => new ConfigStore({ staticBroker }))).toContain(complaint)
  })

  test('takes no limit where no limit is one', () => {
    const staticBroker = { 'queued.max.request.bytes': '-1', 'log.retention.hours': '-1' }
    expect(new ConfigStore({ staticBroker }).brokerConfig()['queued.max.request.bytes']).toBe(-1)
  })

  test('tells of what holds for one listener with the type of the config, and of its mechanism', () => {
    const jaas = 'listener.name.internal.scram-sha-256.sasl.jaas.config'
    const store = new ConfigStore({ staticBroker: { [jaas]: 'secret' } })
    expect(store.describe(broker('1'), [jaas], { includeSynonyms: true })).toEqual([
      {
        name: jaas,
        value: null,
        readOnly: true,
        configSource: 4,
        isSensitive: true,
        synonyms: [{ name: jaas, value: null, source: 4 }],
        configType: 9,
        documentation: null,
      },
    ])
  })
})

describe('describing', () => {
  const store = new ConfigStore({ hasTopic: (name) => name === 'a' })

  test('tells only what is asked for', () => {
    expect(store.describe(topic('a'), ['retention.ms', 'no.such'])).toEqual([
      {
        name: 'retention.ms',
        value: '604800000',
        readOnly: false,
        configSource: 5,
        isSensitive: false,
        synonyms: [],
        configType: 5,
        documentation: null,
      },
    ])
    expect(store.describe(topic('a'), [])).toHaveLength(34)
    expect(store.describe(topic('a'), null)).toHaveLength(34)
  })

  test('explains, and says what has no effect', () => {
    const [described] = store.describe(broker('1'), ['num.io.threads'], { includeDocumentation: true })
    expect(described?.documentation).toBe(
      'Threads that handle requests; here the event loop does. Has no effect here.',
    )
    const [retention] = store.describe(topic('a'), ['retention.ms'], { includeDocumentation: true })
    expect(retention?.documentation).toBe('Age at which segments go, in ms; -1 never.')
  })

  test('refuses what is not there', () => {
    expect(refusal(() => store.describe(topic('b')))).toBe(
      "UNKNOWN_TOPIC_OR_PARTITION: The topic 'b' does not exist.",
    )
    expect(refusal(() => store.describe(broker('2')))).toBe(
      'INVALID_REQUEST: Unexpected broker id, expected 1 or empty string, but received 2',
    )
    expect(refusal(() => store.describe({ resourceType: 8, resourceName: '1' }))).toContain(
      'INVALID_REQUEST: Unsupported resource type 8',
    )
  })
})

describe('changing', () => {
  test('is judged as a whole before any of it counts', () => {
    const store = new ConfigStore()
    const changes = [set('flush.ms', '5'), set('retention.ms', 'x')]
    expect(refusal(() => store.alter(topic('a'), changes))).toContain('INVALID_CONFIG: Invalid value x')
    expect(store.settings(topic('a'))).toEqual({})
  })

  test('may be tried without counting', () => {
    const store = new ConfigStore()
    const told: ConfigChange[] = []
    store.onChange((change) => told.push(change))
    const planned = store.alter(topic('a'), [set('retention.ms', '5')], { validateOnly: true })
    expect(planned).toEqual({ 'retention.ms': '5' })
    expect(store.settings(topic('a'))).toEqual({})
    expect(told).toEqual([])
  })

  test('a misspelt name is told which was meant', () => {
    const store = new ConfigStore()
    expect(refusal(() => store.alter(topic('a'), [set('retention.m', '5')]))).toBe(
      "INVALID_CONFIG: Unknown topic config name: retention.m. Did you mean 'retention.ms'?",
    )
    expect(refusal(() => store.planTopic([{ name: 'constructor', value: '5' }]))).toContain(
      'Unknown topic config name: constructor.',
    )
  })

  test('lists begin with the default, hold each element once, and need not be there to lose one', () => {
    const store = new ConfigStore()
    const policy = () => store.topicConfig('a')['cleanup.policy']
    store.alter(topic('a'), [append('cleanup.policy', 'compact,compact')])
    expect(policy()).toEqual(['delete', 'compact'])
    store.alter(topic('a'), [subtract('cleanup.policy', 'delete,no.such')])
    expect(policy()).toEqual(['compact'])
    store.alter(topic('a'), [subtract('cleanup.policy', 'compact')])
    expect(policy()).toEqual([])
    expect(refusal(() => store.alter(topic('a'), [subtract('retention.ms', '5')]))).toContain(
      "INVALID_CONFIG: Can't SUBTRACT to key retention.ms because its type is not LIST.",
    )
  })

  test('an operation that is none is refused', () => {
    const wrong = { name: 'cleanup.policy', configOperation: 4, value: 'compact' }
    expect(refusal(() => new ConfigStore().alter(topic('a'), [wrong]))).toContain(
      'INVALID_REQUEST: Unknown config operation 4',
    )
  })

  test('a topic may not be made with a config of no value', () => {
    expect(refusal(() => new ConfigStore().planTopic([{ name: 'retention.ms', value: null }]))).toBe(
      'INVALID_CONFIG: Null value not supported for topic configs: retention.ms',
    )
  })

  test('the older way leaves nothing that is not given', () => {
    const store = new ConfigStore()
    store.alter(topic('a'), [set('retention.ms', '5'), set('flush.ms', '6')])
    const next = store.planReplacement(topic('a'), [{ name: 'flush.ms', value: '7' }])
    expect(next).toEqual({ 'flush.ms': '7' })
    store.put(topic('a'), next)
    expect(store.topicConfig('a')).toMatchObject({ 'retention.ms': 604_800_000, 'flush.ms': 7 })
    expect(refusal(() => store.planReplacement(topic('a'), [{ name: 'flush.ms', value: null }]))).toBe(
      'INVALID_REQUEST: Null value not supported for : flush.ms',
    )
  })

  test('another broker is refused, and so is what differs from broker to broker for all of them', () => {
    const store = new ConfigStore()
    expect(refusal(() => store.alter(broker('2'), [set('log.retention.ms', '5')]))).toContain(
      'Unexpected broker id, expected 1, but received 2',
    )
    expect(refusal(() => store.alter(broker(''), [set('listeners', 'A://:1')]))).toContain(
      'INVALID_REQUEST: Cannot update these configs at default cluster level',
    )
    expect(refusal(() => store.alter(broker('1'), [set('listeners', 'A://:1')]))).toBe('accepted')
  })
})

test('names of members of every object mean nothing', () => {
  const store = new ConfigStore({ staticBroker: { toString: 'set' } })
  const [described] = store.describe(broker('1'), ['toString', 'constructor'], { includeSynonyms: true })
  expect(described).toMatchObject({
    name: 'toString',
    value: null,
    configType: 0,
    synonyms: [{ name: 'toString', value: null, source: 4 }],
  })
  store.alter(topic('constructor'), [set('retention.ms', '5')])
  expect(store.topicConfig('constructor')['retention.ms']).toBe(5)
  expect(store.topicConfig('toString')['retention.ms']).toBe(604_800_000)
  store.restore({ brokerDefaults: {}, brokers: {}, topics: {} })
  expect(store.topicConfig('constructor')['retention.ms']).toBe(604_800_000)
})

test('topics that say nothing share what they inherit', () => {
  const store = new ConfigStore()
  expect(store.topicConfig('a')).toBe(store.topicConfig('b'))
  store.alter(topic('a'), [set('retention.ms', '5')])
  store.put(topic('a'), {})
  expect(store.topicConfig('a')).toBe(store.topicConfig('b'))
})

describe('whoever listens', () => {
  test('is told what changed, after it did, until they no longer listen', () => {
    const store = new ConfigStore()
    const told: [ConfigChange, number][] = []
    const stop = store.onChange((change) => told.push([change, store.topicConfig('a')['retention.ms']]))
    store.alter(topic('a'), [set('retention.ms', '5'), set('flush.ms', '6')])
    store.alter(topic('a'), [set('retention.ms', '5')])
    store.alter(broker(''), [set('log.retention.ms', '7')])
    stop()
    store.alter(topic('a'), [remove('retention.ms')])
    expect(told).toEqual([
      [{ ...topic('a'), names: ['flush.ms', 'retention.ms'] }, 5],
      [{ ...broker(''), names: ['log.retention.ms'] }, 5],
    ])
    expect(store.topicConfig('a')['retention.ms']).toBe(7)
  })
})

/** Any change of some topic and broker configs, valid or not. */
const changes = fc.array(
  fc.record({
    resource: fc.constantFrom(topic('a'), topic('b'), broker(''), broker('1')),
    operation: fc.oneof(
      fc.record({
        name: fc.constantFrom('retention.ms', 'cleanup.policy', 'log.retention.ms', 'log.cleanup.policy'),
        configOperation: fc.integer({ min: 0, max: 3 }),
        value: fc.constantFrom('1', '-1', 'compact', 'delete', 'compact,delete', 'x', ''),
      }),
    ),
  }),
  { maxLength: 30 },
)

const seed = process.env.TIDEMARK_SEED
const parameters = seed === undefined ? {} : { seed: Number(seed) }

test('whatever is done: what is refused changes nothing, and a store made from what was saved says the same', () => {
  fc.assert(
    fc.property(changes, (all) => {
      const store = new ConfigStore()
      const mirror = new ConfigStore()
      store.onChange(({ resourceType, resourceName }) => {
        const resource = { resourceType, resourceName }
        mirror.put(resource, store.settings(resource))
      })
      for (const { resource, operation } of all) {
        const before = JSON.stringify(store)
        if (refusal(() => store.alter(resource, [operation])) !== 'accepted')
          expect(JSON.stringify(store)).toBe(before)
      }
      const restored = new ConfigStore()
      restored.alter(topic('c'), [set('retention.ms', '9')])
      restored.restore(JSON.parse(JSON.stringify(store)))
      expect(restored.toJSON()).toEqual(store.toJSON())
      const asked = [topic('a'), topic('b'), topic('c'), broker(''), broker('1')]
      for (const resource of asked) {
        const described = store.describe(resource, null, { includeSynonyms: true })
        expect(restored.describe(resource, null, { includeSynonyms: true })).toEqual(described)
        expect(mirror.describe(resource, null, { includeSynonyms: true })).toEqual(described)
      }
    }),
    { ...parameters, numRuns: 60 },
  )
})
