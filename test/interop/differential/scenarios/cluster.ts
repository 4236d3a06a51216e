import { type Body, type Dialogue, list } from '../dialogue.ts'
import { type Scenario, versionsOf } from '../scenario.ts'

const topicType = 2
const brokerType = 4

const versions: Scenario = {
  name: 'versions',
  async play(dialogue) {
    for (const version of versionsOf('ApiVersions')) {
      const names = [
        ['java', '4.0.0'],
        ['', ''],
        ['a b', '1'],
        ['-java', '1'],
        ['java-', '1'],
        ['java', '1 0'],
        ['a.b-c', '.1'],
      ]
      for (const [clientSoftwareName = '', clientSoftwareVersion = ''] of names) {
        const asked = { clientSoftwareName, clientSoftwareVersion }
        const answer = await dialogue.prepare('ApiVersions', version, asked)
        // What each serves, and which features it has, is its own affair: see the table of what is not served.
        const { errorCode, throttleTimeMs, zkMigrationReady } = answer
        const apiKeys = list(answer, 'apiKeys').filter(({ apiKey }) => servedByBoth.has(Number(apiKey)))
        const note = { errorCode, throttleTimeMs, zkMigrationReady, apiKeys }
        dialogue.note(`named ${clientSoftwareName} ${clientSoftwareVersion}`, 'ApiVersions', version, note)
      }
    }
  },
}

/** What our broker serves; Kafka serves all of it. */
const servedByBoth: ReadonlySet<number> = new Set([
  ...[0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23],
  ...[32, 33, 34, 35, 37, 42, 43, 44, 47, 60, 61, 74, 75],
])

const producerIds: Scenario = {
  name: 'producer ids',
  async play(dialogue) {
    for (const version of versionsOf('InitProducerId').filter((each) => each < 6)) {
      const ask = (step: string, traits: Body) =>
        dialogue.ask(step, 'InitProducerId', version, {
          transactionalId: null,
          transactionTimeoutMs: 1000,
          ...traits,
        })
      await ask('new', {})
      await ask('no timeout', { transactionTimeoutMs: 0 })
      await ask('negative timeout', { transactionTimeoutMs: -1 })
      await ask('empty transactional id', { transactionalId: '' })
      if (version < 3) continue
      await ask('with an epoch', { producerId: 5, producerEpoch: 3 })
      await ask('with an id alone', { producerId: 5 })
      await ask('with an epoch alone', { producerEpoch: 3 })
    }
    const topic = await dialogue.topic('there')
    for (const [name, ...partitionIndexes] of [
      [topic.name, 0],
      [topic.name, 1, -1],
      ['nowhere', 0],
      ['a b', 0],
      [topic.name],
    ])
      await dialogue.ask(`producers of ${partitionIndexes.join()}`, 'DescribeProducers', 0, {
        topics: [{ name, partitionIndexes }],
      })
    await dialogue.ask('producers of nothing', 'DescribeProducers', 0, { topics: [] })
  },
}

const cluster: Scenario = {
  name: 'the cluster',
  async play(dialogue) {
    for (const version of versionsOf('DescribeCluster'))
      for (const endpointType of version === 0 ? [1] : [0, 1, 2, 3])
        for (const included of [false, true])
          await dialogue.ask(`endpoints ${endpointType}, ${included}`, 'DescribeCluster', version, {
            ...{ includeClusterAuthorizedOperations: included, endpointType, includeFencedBrokers: included },
          })
    for (const version of versionsOf('ListConfigResources'))
      for (const resourceTypes of version === 0 ? [[]] : [[8], [16], [32], [4], [4, 8], [99], [0], [1]])
        await dialogue.ask(`resources ${resourceTypes.join()}`, 'ListConfigResources', version, {
          resourceTypes,
        })
  },
}

const described: Scenario = {
  name: 'described configs',
  async play(dialogue) {
    const topic = await dialogue.topic('there', {
      configs: { 'retention.ms': '1000', 'cleanup.policy': 'compact,delete' },
    })
    for (const version of versionsOf('DescribeConfigs')) {
      const ask = (
        step: string,
        resourceType: number,
        resourceName: string,
        configurationKeys: readonly string[] | null,
      ) =>
        dialogue.ask(step, 'DescribeConfigs', version, {
          ...{ resources: [{ resourceType, resourceName, configurationKeys }] },
          ...{ includeSynonyms: true, includeDocumentation: true },
        })
      await ask('all of a topic', topicType, topic.name, null)
      await ask('some', topicType, topic.name, ['retention.ms', 'segment.bytes', 'no.such.config'])
      await ask('none', topicType, topic.name, [])
      await ask('unknown topic', topicType, dialogue.name('nowhere'), null)
      await ask('invalid topic', topicType, 'a b', null)
      await ask('topic without a name', topicType, '', null)
      const keys = [
        'log.retention.ms',
        'num.partitions',
        'log.cleaner.threads',
        'message.max.bytes',
        'node.id',
        'no.such',
      ]
      await ask('some of a broker', brokerType, '1', keys)
      await ask('some of all brokers', brokerType, '', keys)
      await ask('unknown broker', brokerType, '7', null)
      await ask('broker that is no number', brokerType, 'x', null)
      for (const type of [0, 1, 3, 99]) await ask(`type ${type}`, type, 'x', null)
      const twice = [0, 1].map(() => ({
        resourceType: topicType,
        resourceName: topic.name,
        configurationKeys: ['retention.ms'],
      }))
      await dialogue.ask('twice', 'DescribeConfigs', version, {
        resources: twice,
        includeSynonyms: false,
        includeDocumentation: false,
      })
      await dialogue.ask('nothing', 'DescribeConfigs', version, {
        resources: [],
        includeSynonyms: false,
        includeDocumentation: false,
      })
    }
  },
}

const set = 0
const remove = 1
const append = 2
const subtract = 3

type Change = readonly [name: string, configOperation: number, value: string | null]

/** Changes of one topic's configs, one after the other. At an unknown operation Kafka's controller stands down: not asked. */
const changes: Readonly<Record<string, readonly Change[]>> = {
  'set one': [['retention.ms', set, '5000']],
  'set to nothing': [['retention.ms', set, null]],
  'set to what it is not': [['retention.ms', set, 'soon']],
  'set out of range': [['segment.bytes', set, '1']],
  'set what there is not': [['no.such.config', set, '1']],
  'set what is of brokers': [['log.retention.ms', set, '1']],
  'two, one wrong': [
    ['segment.ms', set, '7000'],
    ['no.such.config', set, '1'],
  ],
  'the same twice': [
    ['segment.ms', set, '7000'],
    ['segment.ms', set, '8000'],
  ],
  'append to a list': [['cleanup.policy', append, 'compact']],
  'append what is there': [['cleanup.policy', append, 'compact']],
  'append what must not be': [['cleanup.policy', append, 'burn']],
  'append to no list': [['retention.ms', append, '5']],
  'append nothing': [['cleanup.policy', append, null]],
  'subtract from a list': [['cleanup.policy', subtract, 'delete']],
  'subtract what is not there': [['cleanup.policy', subtract, 'delete']],
  'subtract the last': [['cleanup.policy', subtract, 'compact']],
  'subtract from no list': [['retention.ms', subtract, '5']],
  'append two': [['follower.replication.throttled.replicas', append, '0:1,1:1']],
  'remove one': [['retention.ms', remove, null]],
  'remove with a value': [['segment.ms', remove, '1']],
  'remove what was not set': [['flush.ms', remove, null]],
  'remove what there is not': [['no.such.config', remove, null]],
  'no changes': [],
}

const altered: Scenario = {
  name: 'altered configs',
  async play(dialogue) {
    const resourceOf = (resourceType: number, resourceName: string, configs: readonly Body[]) => ({
      resourceType,
      resourceName,
      configs,
    })
    for (const version of versionsOf('IncrementalAlterConfigs')) {
      const topic = await dialogue.topic(`incremental-${version}`)
      const ask = (step: string, resources: readonly Body[], validateOnly = false) =>
        dialogue.ask(step, 'IncrementalAlterConfigs', version, { resources, validateOnly })
      for (const [step, change] of Object.entries(changes)) {
        const configs = change.map(([name, configOperation, value]) => ({ name, configOperation, value }))
        const resources = [resourceOf(topicType, topic.name, configs)]
        await ask(`${step}, only tried`, resources, true)
        await ask(step, resources)
      }
      await look(dialogue, topic.name)
      await strangers(
        (step, type, name) =>
          ask(step, [resourceOf(type, name, [{ name: 'retention.ms', configOperation: set, value: '1' }])]),
        dialogue,
      )
      const twice = resourceOf(topicType, topic.name, [
        { name: 'retention.ms', configOperation: set, value: '1' },
      ])
      await ask('twice', [twice, twice])
      await ask('nothing', [])
      for (const [name, value] of Object.entries(brokerChanges))
        for (const broker of ['', '1']) {
          const configs = [{ name, configOperation: set, value }]
          await ask(`${name}=${value} of broker ${broker}`, [resourceOf(brokerType, broker, configs)], true)
        }
    }
    for (const version of versionsOf('AlterConfigs')) {
      const topic = await dialogue.topic(`whole-${version}`)
      const ask = (step: string, resources: readonly Body[], validateOnly = false) =>
        dialogue.ask(step, 'AlterConfigs', version, { resources, validateOnly })
      for (const [name, value] of [
        ['retention.ms', '7'],
        ['segment.ms', '9000'],
        ['retention.ms', 'soon'],
        ['no.such', '1'],
        ['retention.ms', null],
      ] as const) {
        const resources = [resourceOf(topicType, topic.name, [{ name, value }])]
        await ask(`${name}=${value}, only tried`, resources, true)
        await ask(`${name}=${value}`, resources)
      }
      await ask('the same twice', [
        resourceOf(
          topicType,
          topic.name,
          ['1', '2'].map((value) => ({ name: 'flush.ms', value })),
        ),
      ])
      await look(dialogue, topic.name)
      await ask('none', [resourceOf(topicType, topic.name, [])])
      await look(dialogue, topic.name)
      await strangers(
        (step, type, name) => ask(step, [resourceOf(type, name, [{ name: 'retention.ms', value: '1' }])]),
        dialogue,
      )
    }
  },
}

/** Only tried, for they are everybody's. */
const brokerChanges: Readonly<Record<string, string>> = {
  'log.retention.ms': '5000',
  'log.cleaner.threads': '2',
  'message.max.bytes': '2000000',
  'num.partitions': '4',
  'node.id': '5',
  listeners: 'PLAINTEXT://:1',
  'no.such.config': '1',
  'log.segment.bytes': 'many',
  'compression.type': 'burn',
  'min.insync.replicas': '0',
  'max.connections': '12',
}

async function strangers(
  ask: (step: string, resourceType: number, resourceName: string) => Promise<unknown>,
  dialogue: Dialogue,
): Promise<void> {
  await ask('unknown topic', topicType, dialogue.name('nowhere'))
  await ask('invalid topic', topicType, 'a b')
  await ask('topic without a name', topicType, '')
  await ask('unknown broker', brokerType, '7')
  await ask('broker that is no number', brokerType, 'x')
  for (const type of [0, 1, 3, 99]) await ask(`type ${type}`, type, 'x')
}

/** What has become of it all. */
async function look(dialogue: Dialogue, resourceName: string): Promise<void> {
  await dialogue.settle()
  const resources = [{ resourceType: topicType, resourceName, configurationKeys: null }]
  await dialogue.ask('afterwards', 'DescribeConfigs', 4, {
    resources,
    includeSynonyms: false,
    includeDocumentation: false,
  })
}

export const aboutCluster: readonly Scenario[] = [versions, producerIds, cluster, described, altered]
