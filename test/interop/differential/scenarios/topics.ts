import { zeroUuid } from '../../../../src/wire/uuid.ts'
import type { Body, TopicName } from '../dialogue.ts'
import { type Scenario, versionsOf } from '../scenario.ts'
import { batchOf } from './batches.ts'
import { produceBody, unknownId } from './request-bodies.ts'

const timeoutMs = 5000

const metadata: Scenario = {
  name: 'metadata',
  async play(dialogue) {
    const topic = await dialogue.topic('there', { partitions: 3 })
    for (const version of versionsOf('Metadata')) {
      const ask = (step: string, topics: readonly Body[] | null, allowAutoTopicCreation = false) => {
        const more = { includeClusterAuthorizedOperations: true, includeTopicAuthorizedOperations: true }
        // Older versions have no word for not making the topic.
        const given = version < 4 ? {} : { allowAutoTopicCreation }
        return dialogue.ask(step, 'Metadata', version, { topics, ...given, ...more })
      }
      await ask('one', [{ name: topic.name, topicId: zeroUuid }])
      await ask(
        'twice',
        [0, 1].map(() => ({ name: topic.name, topicId: zeroUuid })),
      )
      if (version >= 1) await ask('none', [])
      for (const name of ['', '.', '..', 'a b', 'a/b', 'ü', 'x'.repeat(250)])
        await ask(`invalid name ${name.slice(0, 5)}`, [{ name, topicId: zeroUuid }])
      if (version >= 4) await ask('unknown', [{ name: dialogue.name('nowhere'), topicId: zeroUuid }])
      if (version >= 10) {
        await ask('by id', [{ name: null, topicId: topic.topicId }])
        await ask('by id and name', [{ name: topic.name, topicId: topic.topicId }])
        await ask('by id and wrong name', [{ name: dialogue.name('nowhere'), topicId: topic.topicId }])
        await ask('unknown id', [{ name: null, topicId: unknownId }])
        await ask('neither', [{ name: null, topicId: zeroUuid }])
      }
      if (version >= 8) {
        const plain = { topics: [{ name: topic.name, topicId: zeroUuid }], allowAutoTopicCreation: false }
        await dialogue.ask('no operations', 'Metadata', version, {
          ...{ ...plain, includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false },
        })
      }
    }
  },
}

const autoCreation: Scenario = {
  name: 'topics made by asking',
  async play(dialogue) {
    for (const version of versionsOf('Metadata')) {
      const name = dialogue.name(`made-${version}`)
      const body = {
        ...{ topics: [{ name, topicId: zeroUuid }], allowAutoTopicCreation: true },
        ...{ includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false },
      }
      await dialogue.ask('not there yet', 'Metadata', version, body)
    }
  },
}

interface Wish {
  readonly name: string
  readonly numPartitions?: number
  readonly replicationFactor?: number
  readonly assignments?: readonly Body[]
  readonly configs?: Readonly<Record<string, string | null>>
}

function createBody(wishes: readonly Wish[], validateOnly = false): Body {
  const topics = wishes.map(({ configs = {}, ...wish }) => ({
    ...{ numPartitions: 1, replicationFactor: 1, assignments: [], ...wish },
    configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
  }))
  return { topics, timeoutMs, validateOnly }
}

const unassigned = { numPartitions: -1, replicationFactor: -1 }

function assigned(...replicas: readonly (readonly number[])[]): Omit<Wish, 'name'> {
  const assignments = replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }))
  return { numPartitions: -1, replicationFactor: -1, assignments }
}

/** What may be asked of a new topic, each under a name of its own. */
const wishes: Readonly<Record<string, Omit<Wish, 'name'>>> = {
  plain: {},
  'three partitions': { numPartitions: 3 },
  defaults: { numPartitions: -1, replicationFactor: -1 },
  'no partitions': { numPartitions: 0 },
  'more partitions than a request may make': { numPartitions: 10_001 },
  'fewer than none': { numPartitions: -2 },
  'no replicas': { replicationFactor: 0 },
  'fewer than no replicas': { replicationFactor: -2 },
  'too many replicas': { replicationFactor: 2 },
  assigned: { ...assigned([1], [1]) },
  'assigned to nobody': { ...assigned([]) },
  'assigned to a stranger': { ...assigned([7]) },
  'assigned twice to one': { ...assigned([1, 1]) },
  'assigned unevenly': { ...assigned([1], [1, 7]) },
  'assigned with a count': { ...assigned([1]), numPartitions: 1 },
  'assigned with a factor': { ...assigned([1]), replicationFactor: 1 },
  'assigned with a gap': {
    ...unassigned,
    assignments: [0, 2].map((partitionIndex) => ({ partitionIndex, brokerIds: [1] })),
  },
  'assigned one twice': {
    ...unassigned,
    assignments: [0, 0].map((partitionIndex) => ({ partitionIndex, brokerIds: [1] })),
  },
  'assigned from 1': { ...unassigned, assignments: [{ partitionIndex: 1, brokerIds: [1] }] },
  'assigned a negative one': { ...unassigned, assignments: [{ partitionIndex: -1, brokerIds: [1] }] },
  configured: { configs: { 'retention.ms': '1000', 'cleanup.policy': 'compact,delete' } },
  'unknown config': { configs: { 'no.such.config': '1' } },
  'broker config': { configs: { 'log.retention.ms': '1' } },
  'config of no value': { configs: { 'retention.ms': null } },
  'config that is no number': { configs: { 'retention.ms': 'soon' } },
  'config out of range': { configs: { 'segment.bytes': '-1' } },
  'config too small': { configs: { 'segment.bytes': '13' } },
  'config of no such kind': { configs: { 'cleanup.policy': 'burn' } },
  'config that is empty': { configs: { 'cleanup.policy': '' } },
  'config with spaces': { configs: { 'retention.ms': ' 1000 ' } },
  'config that is no truth': { configs: { preallocate: 'maybe' } },
  'config beyond 2^53': { configs: { 'retention.ms': '9223372036854775807' } },
  'config beyond 2^63': { configs: { 'retention.ms': '9223372036854775808' } },
  'config with a point': { configs: { 'min.cleanable.dirty.ratio': '0.25' } },
  'config without its ratio': { configs: { 'min.cleanable.dirty.ratio': '1.5' } },
  'two configs that disagree': { configs: { 'min.compaction.lag.ms': '100', 'max.compaction.lag.ms': '10' } },
  'local above all': { configs: { 'local.retention.ms': '2000', 'retention.ms': '1000' } },
  'remote storage': { configs: { 'remote.storage.enable': 'true' } },
  'followers throttled': { configs: { 'follower.replication.throttled.replicas': '0:1,1:1' } },
  'followers throttled wrongly': { configs: { 'follower.replication.throttled.replicas': 'x' } },
  'compression with a level': { configs: { 'compression.type': 'gzip', 'compression.gzip.level': '9' } },
  'compression with a wrong level': { configs: { 'compression.gzip.level': '77' } },
  'format of old': { configs: { 'message.format.version': '2.0' } },
  'more in sync than there are': { configs: { 'min.insync.replicas': '0' } },
}

/** Names as a client might think them up. */
const strangeNames = [
  '',
  '.',
  '..',
  'a b',
  'a/b',
  'ü',
  '__consumer_offsets',
  '__cluster_metadata',
  '__transaction_state',
]

const creation: Scenario = {
  name: 'created topics',
  async play(dialogue) {
    for (const version of versionsOf('CreateTopics')) {
      const ask = (step: string, body: Body) => dialogue.ask(step, 'CreateTopics', version, body)
      for (const [kind, wish] of Object.entries(wishes)) {
        // The lowest and the highest version tell the whole story, and each topic takes its time.
        if (version > 2 && version < 7 && wish.configs !== undefined) continue
        const name = dialogue.name(`${kind.replaceAll(' ', '-').replaceAll('^', '')}-${version}`)
        await ask(`${kind}, only tried`, createBody([{ name, ...wish }], true))
        await ask(kind, createBody([{ name, ...wish }]))
      }
      const plain = dialogue.name(`plain-${version}`)
      await ask('there already', createBody([{ name: plain }]))
      await ask('there already, only tried', createBody([{ name: plain }], true))
      await ask(
        'twice in one',
        createBody([{ name: dialogue.name('twice') }, { name: dialogue.name('twice') }]),
      )
      const [one, other] = ['one', 'other'].map((name) => dialogue.name(`${name}-${version}`))
      const many = ['many', 'more'].map((name) => ({ name: dialogue.name(name), numPartitions: 5001 }))
      await ask('too many together', createBody(many))
      await ask('one of two', createBody([{ name: one ?? '', numPartitions: 0 }, { name: other ?? '' }]))
      const collides = `collides.with-${version}`
      await ask('a name with a point', createBody([{ name: dialogue.name(collides) }]))
      await ask('a name that collides', createBody([{ name: dialogue.name(collides.replace('.', '_')) }]))
      for (const name of [...strangeNames, 'x'.repeat(249), 'x'.repeat(250)])
        await ask(`named ${name.slice(0, 20)} ${name.length}`, createBody([{ name }], true))
      await ask('nothing', createBody([]))
    }
  },
}

const deletion: Scenario = {
  name: 'deleted topics',
  async play(dialogue) {
    for (const version of versionsOf('DeleteTopics')) {
      const ask = (step: string, ...topics: readonly { name: string | null; topicId: string }[]) => {
        const topicNames = topics.map(({ name }) => name)
        return dialogue.ask(step, 'DeleteTopics', version, { topics, topicNames, timeoutMs })
      }
      const named = ({ name }: TopicName) => ({ name, topicId: zeroUuid })
      const [one, two] = [await dialogue.topic(`one-${version}`), await dialogue.topic(`two-${version}`)]
      await ask('one', named(one))
      await dialogue.settle()
      await ask('gone', named(one))
      await ask('one of two', named(one), named(two))
      const three = await dialogue.topic(`three-${version}`)
      await ask('twice', named(three), named(three))
      await ask('unknown', { name: dialogue.name('nowhere'), topicId: zeroUuid })
      await ask('invalid name', { name: 'a b', topicId: zeroUuid })
      await ask('empty name', { name: '', topicId: zeroUuid })
      await ask('nothing')
      if (version < 6) continue
      const four = await dialogue.topic(`four-${version}`)
      await ask('both', four)
      await ask('neither', { name: null, topicId: zeroUuid })
      await ask('unknown id', { name: null, topicId: unknownId })
      await ask('by id and by name', { name: null, topicId: four.topicId }, named(four))
      await ask('by id', { name: null, topicId: four.topicId })
      await dialogue.settle()
      await ask('by id, gone', { name: null, topicId: four.topicId })
    }
  },
}

const growth: Scenario = {
  name: 'created partitions',
  async play(dialogue) {
    for (const version of versionsOf('CreatePartitions')) {
      const { name } = await dialogue.topic(`there-${version}`, { partitions: 2 })
      const ask = (
        step: string,
        count: number,
        assignments: readonly Body[] | null = null,
        traits: Body = {},
      ) =>
        dialogue.ask(step, 'CreatePartitions', version, {
          ...{ topics: [{ name, count, assignments }], timeoutMs, validateOnly: false, ...traits },
        })
      for (const count of [-1, 0, 1, 2]) await ask(`to ${count}`, count)
      await ask('only tried', 3, null, { validateOnly: true })
      await ask('one more', 3)
      await ask('assigned', 4, [{ brokerIds: [1] }])
      await ask('too few assigned', 6, [{ brokerIds: [1] }])
      await ask('too many assigned', 5, [{ brokerIds: [1] }, { brokerIds: [1] }])
      await ask('assigned to nobody', 5, [{ brokerIds: [] }])
      await ask('assigned to a stranger', 5, [{ brokerIds: [9] }])
      await ask('assigned twice to one', 5, [{ brokerIds: [1, 1] }])
      await ask('with another factor', 5, [{ brokerIds: [1, 9] }])
      await ask('no assignments', 5, [])
      const twice = [5, 6].map((count) => ({ name, count, assignments: null }))
      await ask('twice', 0, null, { topics: twice })
      await ask('unknown', 0, null, {
        topics: [{ name: dialogue.name('nowhere'), count: 2, assignments: null }],
      })
      await ask('nothing', 0, null, { topics: [] })
      await dialogue.settle()
      await dialogue.ask('after all', 'Metadata', 12, {
        topics: [{ name, topicId: zeroUuid }],
        allowAutoTopicCreation: false,
      })
    }
  },
}

const pages: Scenario = {
  name: 'described topic partitions',
  async play(dialogue) {
    const made: TopicName[] = []
    for (const [index, name] of ['a', 'b', 'c'].entries())
      made.push(await dialogue.topic(name, { partitions: index + 1 }))
    const ask = (
      step: string,
      names: readonly string[],
      responsePartitionLimit = 2000,
      cursor: Body | null = null,
    ) =>
      dialogue.ask(step, 'DescribeTopicPartitions', 0, {
        ...{ topics: names.map((name) => ({ name })), responsePartitionLimit, cursor },
      })
    const names = made.map(({ name }) => name)
    const [a = '', b = '', c = ''] = names
    await ask('all of them', names)
    await ask('in another order', [c, a, b])
    await ask('twice', [a, a])
    await ask('unknown', [dialogue.name('aa'), a])
    await ask('invalid name', ['a b'])
    for (const limit of [-1, 0, 1, 2, 3, 5, 6]) await ask(`at most ${limit}`, names, limit)
    for (const partitionIndex of [0, 1, 2, 5])
      await ask(`from ${partitionIndex} of the second`, names, 2000, { topicName: b, partitionIndex })
    await ask('from a negative partition', names, 2000, { topicName: b, partitionIndex: -1 })
    await ask('from an unknown topic', names, 2000, { topicName: dialogue.name('aa'), partitionIndex: 1 })
    await ask('from behind the last', names, 2000, { topicName: dialogue.name('d'), partitionIndex: 0 })
    await ask('from an empty name', names, 2000, { topicName: '', partitionIndex: 0 })
    await ask('at most 2 from 1 of the third', names, 2, { topicName: c, partitionIndex: 1 })
  },
}

const places: Scenario = {
  name: 'places of replicas',
  async play(dialogue) {
    const topic = await dialogue.topic('there', { partitions: 2 })
    const other = await dialogue.topic('other')
    await dialogue.prepare('Produce', 13, produceBody(topic, batchOf(3)))
    for (const version of versionsOf('DescribeLogDirs')) {
      const ask = (step: string, ...topics: readonly Body[]) =>
        dialogue.ask(step, 'DescribeLogDirs', version, { topics })
      await ask('two partitions', { topic: topic.name, partitions: [0, 1] })
      await ask('one of two', { topic: topic.name, partitions: [0] })
      await ask('two topics', { topic: topic.name, partitions: [0] }, { topic: other.name, partitions: [0] })
      await ask('unknown partition', { topic: topic.name, partitions: [5] })
      await ask('unknown topic', { topic: dialogue.name('nowhere'), partitions: [0] })
      await ask('nothing')
    }
    for (const version of versionsOf('AlterReplicaLogDirs'))
      await dialogue.ask('to a stranger', 'AlterReplicaLogDirs', version, {
        dirs: [{ path: '/no/such/directory', topics: [{ name: topic.name, partitions: [0, 7] }] }],
      })
    for (const version of versionsOf('ElectLeaders'))
      for (const electionType of version === 0 ? [0] : [0, 1, 2, -1]) {
        const ask = (step: string, name: string, ...partitions: readonly number[]) =>
          dialogue.ask(`${step}, type ${electionType}`, 'ElectLeaders', version, {
            ...{ electionType, topicPartitions: [{ topic: name, partitions }], timeoutMs },
          })
        await ask('not needed', topic.name, 0, 1)
        await ask('unknown partition', topic.name, 5, -1)
        await ask('unknown topic', dialogue.name('nowhere'), 0)
        await ask('no partitions', topic.name)
        await dialogue.ask(`all, type ${electionType}`, 'ElectLeaders', version, {
          electionType,
          topicPartitions: null,
          timeoutMs,
        })
      }
  },
}

export const topics: readonly Scenario[] = [metadata, autoCreation, creation, deletion, growth, pages, places]
