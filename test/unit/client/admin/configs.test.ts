import { expect, test } from 'vitest'
import { clusterAdmin, scriptedAdmin } from './admins.ts'

const orders = { type: 'topic', name: 'orders' } as const

test('configs are described with their value, where it comes from, and what it may be', async () => {
  const { admin } = await clusterAdmin({
    topics: [{ name: 'orders', config: { 'retention.ms': 5000 } }],
    config: { 'log.segment.bytes': 1_048_576 },
  })
  const keys = ['segment.bytes', 'retention.ms', 'cleanup.policy']
  const [described] = await admin.describeConfigs([{ ...orders, keys }], { includeSynonyms: true })
  expect(described).toMatchObject({
    ...orders,
    configs: [
      { name: 'cleanup.policy', value: 'delete', source: 'DEFAULT_CONFIG', isDefault: true, type: 'LIST' },
      {
        ...{ name: 'retention.ms', value: '5000', source: 'DYNAMIC_TOPIC_CONFIG', isDefault: false },
        ...{ isReadOnly: false, isSensitive: false, type: 'LONG', documentation: null },
        synonyms: [{ name: 'retention.ms', value: '5000', source: 'DYNAMIC_TOPIC_CONFIG' }],
      },
      {
        ...{ name: 'segment.bytes', value: '1048576', source: 'STATIC_BROKER_CONFIG', type: 'INT' },
        synonyms: [
          { name: 'log.segment.bytes', value: '1048576', source: 'STATIC_BROKER_CONFIG' },
          { name: 'log.segment.bytes', value: '1073741824', source: 'DEFAULT_CONFIG' },
        ],
      },
    ],
  })
  const [all] = await admin.describeConfigs([orders], { includeDocumentation: true })
  expect(all?.configs.length).toBeGreaterThan(20)
  expect(all?.configs.find(({ name }) => name === 'retention.ms')).toMatchObject({ synonyms: [] })
})

test('single configs are set, taken back, extended and shortened', async () => {
  const { admin } = await clusterAdmin({ topics: ['orders'] })
  const shown = async () => {
    const [described] = await admin.describeConfigs([orders])
    const set = (described?.configs ?? []).filter(({ source }) => source === 'DYNAMIC_TOPIC_CONFIG')
    return Object.fromEntries(set.map(({ name, value }) => [name, value]))
  }
  const set = { 'retention.ms': 5000, preallocate: true, 'cleanup.policy': 'delete' }
  expect(await admin.alterConfigs([{ ...orders, set }])).toEqual([orders])
  expect(await shown()).toEqual({ 'retention.ms': '5000', preallocate: 'true', 'cleanup.policy': 'delete' })
  await admin.alterConfigs([
    {
      ...orders,
      delete: ['preallocate'],
      append: { 'cleanup.policy': 'compact' },
      set: { 'retention.ms': 1 },
    },
  ])
  expect(await shown()).toEqual({ 'retention.ms': '1', 'cleanup.policy': 'delete,compact' })
  await admin.alterConfigs([{ ...orders, subtract: { 'cleanup.policy': 'delete' } }])
  expect(await shown()).toEqual({ 'retention.ms': '1', 'cleanup.policy': 'compact' })

  await expect(admin.alterConfigs([{ ...orders, set: { 'retention.mss': 1 } }])).rejects.toMatchObject({
    kafkaName: 'INVALID_CONFIG',
  })
  await expect(admin.describeConfigs([{ type: 'topic', name: 'x' }])).rejects.toThrow("topic 'x'")
})

test('a broker is asked for its own configs, and any broker for their defaults', async () => {
  const { admin } = await clusterAdmin()
  await admin.alterConfigs([{ type: 'broker', name: '1', set: { 'log.retention.ms': 9000 } }])
  await admin.alterConfigs([{ type: 'broker', name: '', set: { 'log.retention.ms': 8000 } }])
  const keys = ['log.retention.ms']
  expect(
    await admin.describeConfigs([
      { type: 'broker', name: '1', keys },
      { type: 'broker', name: '', keys },
    ]),
  ).toMatchObject([
    { name: '1', configs: [{ value: '9000', source: 'DYNAMIC_BROKER_CONFIG' }] },
    { name: '', configs: [{ value: '8000', source: 'DYNAMIC_DEFAULT_BROKER_CONFIG' }] },
  ])
  await expect(admin.describeConfigs([{ type: 'broker', name: '9' }])).rejects.toMatchObject({
    ...{ kafkaName: 'BROKER_NOT_AVAILABLE', subject: "broker '9'" },
  })
})

test('what a broker is too old to tell is left out, and the rest is told', async () => {
  const config = { name: 'retention.ms', value: '1', readOnly: false, isSensitive: false, synonyms: [] }
  const told = {
    errorCode: 0,
    errorMessage: null,
    resourceType: 2,
    resourceName: 'orders',
    configs: [config],
  }
  const { admin } = scriptedAdmin({ DescribeConfigs: () => ({ results: [told] }) }, { version: 2 })
  expect(await admin.describeConfigs([orders], { includeDocumentation: true })).toMatchObject([
    { configs: [{ name: 'retention.ms', documentation: null, type: 'UNKNOWN', source: 'UNKNOWN' }] },
  ])
})

test('configs of two brokers are two requests', async () => {
  type Resources = { resources: readonly { resourceType: number; resourceName: string }[] }
  const asked: string[] = []
  const { admin } = scriptedAdmin({
    IncrementalAlterConfigs: ({ resources }: Resources, address: string) => {
      asked.push([address, ...resources.map(({ resourceName }) => resourceName)].join(' '))
      const responses = resources.map((each) => ({ ...each, errorCode: 0, errorMessage: null }))
      return { throttleTimeMs: 0, responses }
    },
  })
  const set = { 'background.threads': 3 }
  const changed = await admin.alterConfigs([
    { type: 'broker', name: '2', set },
    { type: 'broker', name: '1', set },
    { type: 'brokerLogger', name: '2', set: { root: 'INFO' } },
  ])
  expect(changed).toEqual([
    { type: 'broker', name: '2' },
    { type: 'broker', name: '1' },
    { type: 'brokerLogger', name: '2' },
  ])
  expect(asked.toSorted()).toEqual(['a:1 1', 'b:2 2 2'])
})
