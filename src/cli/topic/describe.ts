import type { Command } from 'commander'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import type { ClusterMetadata, TopicMetadata } from '../../client/cluster/cluster-metadata.ts'
import {
  earliest,
  findOffsets,
  type FoundOffset,
  latest,
  type PartitionMap,
  partitionsOf,
} from '../cluster/partition-offsets.ts'
import { Results } from '../cluster/results.ts'
import { existingTopics } from '../cluster/topic-selection.ts'
import { addClusterOptions, type ClusterOptions, withCluster } from '../cluster/with-cluster.ts'
import { formatTable } from '../output/table.ts'
import { countOf } from '../output/units.ts'
import type { Session } from '../session.ts'
import { type TopicConfig, topicConfigs } from './topic-configs.ts'

interface DescribeOptions extends ClusterOptions {
  readonly configs?: boolean
}

/** All that is told of one topic. */
interface Description {
  readonly topic: string
  readonly topicId: string
  readonly isInternal: boolean
  readonly partitions: readonly PartitionDescription[]
  readonly configs: Readonly<Record<string, string | null>>
}

type PartitionDescription = ReturnType<typeof describePartition>

/** `tidemark topic describe [NAME...]` */
export function define(command: Command, session: Session): void {
  command
    .argument('[name...]', 'names of the topics; without one, all but the internal ones')
    .option('--configs', 'all configs, and not only those that are set on the topic')
  addClusterOptions(command)
    .addHelpText('after', examples)
    .action((names: string[], options: DescribeOptions) =>
      withCluster(session, options, (client) => describe(session, client, names, options)),
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
  client: ClusterClient,
  names: readonly string[],
  options: DescribeOptions,
): Promise<void> {
  const { signal } = session
  const metadata = await client.metadata(null, { signal })
  const topics = existingTopics(new Results(session, options), metadata, chosen(metadata, names))
  const topicNames = topics.map(({ name }) => name ?? '')
  const partitions = partitionsOf(metadata, topicNames)
  const [starts, ends, configs] = await Promise.all([
    findOffsets(client, metadata, partitions, earliest, signal),
    findOffsets(client, metadata, partitions, latest, signal),
    topicConfigs(client, topicNames, signal),
  ])
  for (const [index, topic] of topics.entries()) {
    const shown = (configs.get(topic.name ?? '') ?? []).filter(
      ({ isSet }) => isSet || options.configs === true,
    )
    const description = describeTopic(topic, { starts, ends }, shown)
    if (options.json === true) session.output.line(JSON.stringify(description))
    else for (const line of linesOf(description, index === 0)) session.output.line(line)
  }
}

function chosen(metadata: ClusterMetadata, names: readonly string[]): readonly string[] {
  if (names.length > 0) return names
  return [...metadata.topics.values()]
    .filter(({ isInternal }) => !isInternal)
    .map(({ name }) => name ?? '')
    .toSorted()
}

interface Ends {
  readonly starts: PartitionMap<FoundOffset>
  readonly ends: PartitionMap<FoundOffset>
}

function describeTopic(topic: TopicMetadata, ends: Ends, configs: readonly TopicConfig[]): Description {
  const { name, topicId, isInternal } = topic
  const partitions = topic.partitions
    .toSorted((a, b) => a.partitionIndex - b.partitionIndex)
    .map((partition) => describePartition(name ?? '', partition, ends))
  const shown = Object.fromEntries(configs.map((config) => [config.name, config.value]))
  return { topic: name ?? '', topicId, isInternal, partitions, configs: shown }
}

function describePartition(
  topic: string,
  metadata: TopicMetadata['partitions'][number],
  { starts, ends }: Ends,
) {
  const { partitionIndex: partition, leaderId, leaderEpoch, replicaNodes, isrNodes } = metadata
  const offsetIn = (map: PartitionMap<FoundOffset>): number | null => {
    const found = map.get({ topic, partition })
    return found === undefined || found.errorCode !== 0 ? null : found.offset
  }
  return {
    partition,
    leader: leaderId,
    leaderEpoch,
    replicas: replicaNodes,
    isr: isrNodes,
    /** Null when the leader does not say. */
    startOffset: offsetIn(starts),
    endOffset: offsetIn(ends),
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
