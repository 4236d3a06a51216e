import type { Command } from 'commander'
import type { Admin } from '../../client/admin/admin.ts'
import type { ConfigEntry } from '../../client/admin/describe-configs.ts'
import type { PartitionDescription, TopicDescription } from '../../client/admin/describe-topics.ts'
import type { PartitionMap } from '../../client/admin/partition-map.ts'
import { knownOffsets } from '../cluster/known-offsets.ts'
import { Results } from '../cluster/results.ts'
import { refuseTopic } from '../cluster/topic-selection.ts'
import { addClusterOptions, type ClusterOptions, oneByOne, withAdmin } from '../cluster/with-cluster.ts'
import { formatTable } from '../output/table.ts'
import { countOf } from '../output/units.ts'
import type { Session } from '../session.ts'

interface DescribeOptions extends ClusterOptions {
  readonly configs?: boolean
}

/** All that is told of one topic. */
interface Description {
  readonly topic: string
  readonly topicId: string
  readonly isInternal: boolean
  readonly partitions: readonly DescribedPartition[]
  readonly configs: Readonly<Record<string, string | null>>
}

type DescribedPartition = ReturnType<typeof describePartition>

/** `tidemark topic describe [NAME...]` */
export function define(command: Command, session: Session): void {
  command
    .argument('[name...]', 'names of the topics; without one, all but the internal ones')
    .option('--configs', 'all configs, and not only those that are set on the topic')
  addClusterOptions(command)
    .addHelpText('after', examples)
    .action((names: string[], options: DescribeOptions) =>
      withAdmin(session, options, (admin) => describe(session, admin, names, options)),
    )
}

const examples = `
Examples:
  tidemark topic describe orders
  tidemark topic describe orders --configs
  tidemark topic describe orders --json | jq '[.partitions[] | .endOffset - .startOffset] | add'
`

async function describe(
  session: Session,
  admin: Admin,
  names: readonly string[],
  options: DescribeOptions,
): Promise<void> {
  const topics = await existingTopics(session, admin, names, options)
  const partitions = topics.flatMap((topic) =>
    topic.partitions.map(({ partition }) => ({ topic: topic.name, partition })),
  )
  const [starts, ends, configs] = await Promise.all([
    knownOffsets(session, admin, topics, partitions, 'earliest'),
    knownOffsets(session, admin, topics, partitions, 'latest'),
    topicConfigs(session, admin, topics),
  ])
  for (const [index, topic] of topics.entries()) {
    const shown = (configs.get(topic.name) ?? []).filter(
      ({ source }) => source === 'DYNAMIC_TOPIC_CONFIG' || options.configs === true,
    )
    const description = describeTopic(topic, { starts, ends }, shown)
    if (options.json === true) session.output.line(JSON.stringify(description))
    else for (const line of linesOf(description, index === 0)) session.output.line(line)
  }
}

/** The topics of these names that exist, or all but the internal ones. The others are told of. */
async function existingTopics(
  session: Session,
  admin: Admin,
  names: readonly string[],
  options: DescribeOptions,
): Promise<TopicDescription[]> {
  const described = await admin.describeTopics(names.length > 0 ? names : null, oneByOne(session))
  const results = new Results(session, options)
  for (const { name, error } of described)
    if (error !== undefined)
      refuseTopic(results, await admin.listTopics({ internal: true, signal: session.signal }), name, error)
  return described.filter(({ error }) => error === undefined)
}

/** Topics that are gone meanwhile have none. */
async function topicConfigs(
  session: Session,
  admin: Admin,
  topics: readonly TopicDescription[],
): Promise<Map<string, readonly ConfigEntry[]>> {
  const resources = topics.map(({ name }) => ({ type: 'topic' as const, name }))
  const described = await admin.describeConfigs(resources, oneByOne(session))
  return new Map(described.map(({ name, configs }) => [name, configs]))
}

interface Ends {
  readonly starts: PartitionMap<number>
  readonly ends: PartitionMap<number>
}

function describeTopic(
  { name, topicId, isInternal, partitions }: TopicDescription,
  ends: Ends,
  configs: readonly ConfigEntry[],
): Description {
  return {
    ...{ topic: name, topicId, isInternal },
    partitions: partitions.map((partition) => describePartition(name, partition, ends)),
    configs: Object.fromEntries(configs.map((config) => [config.name, config.value])),
  }
}

function describePartition(
  topic: string,
  { partition, leaderId, leaderEpoch, replicas, isr }: PartitionDescription,
  { starts, ends }: Ends,
) {
  return {
    ...{ partition, leader: leaderId, leaderEpoch, replicas, isr },
    /** Null when the leader does not say. */
    startOffset: starts.get({ topic, partition }) ?? null,
    endOffset: ends.get({ topic, partition }) ?? null,
  }
}

function* linesOf({ topic, topicId, partitions, configs }: Description, isFirst: boolean): Generator<string> {
  if (!isFirst) yield ''
  const replicationFactor = Math.max(0, ...partitions.map(({ replicas }) => replicas.length))
  yield `${topic}: ${countOf(partitions.length, 'partition')}, replication factor ${replicationFactor}, id ${topicId}`
  for (const [name, value] of Object.entries(configs)) yield `  ${name}=${value ?? ''}`
  const rows = partitions.map((each) => [
    ...[`${each.partition}`, each.leader < 0 ? 'none' : `${each.leader}`, `${each.leaderEpoch}`],
    ...[each.replicas.join(','), each.isr.join(',')],
    ...[each.startOffset, each.endOffset].map((offset) => `${offset ?? '?'}`),
  ])
  const head = ['PARTITION', 'LEADER', 'EPOCH', 'REPLICAS', 'ISR', 'START', 'END']
  for (const line of formatTable([head, ...rows], [0, 1, 2, 5, 6])) yield `  ${line}`
}
