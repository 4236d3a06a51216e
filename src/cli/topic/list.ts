import type { Command } from 'commander'
import type { TopicMetadata } from '../../client/cluster/cluster-metadata.ts'
import { addClusterOptions, type ClusterOptions, withCluster } from '../cluster/with-cluster.ts'
import { formatTable } from '../output/table.ts'
import type { Session } from '../session.ts'

interface ListOptions extends ClusterOptions {
  readonly internal?: boolean
  readonly quiet?: boolean
}

/** `tidemark topic list` */
export function define(command: Command, session: Session): void {
  command
    .option('-i, --internal', 'those too that Kafka keeps for itself')
    .option('-q, --quiet', 'only the names')
  addClusterOptions(command)
    .addHelpText('after', examples)
    .action((options: ListOptions) => list(session, options))
}

const examples = `
Examples:
  tidemark topic list
  tidemark topic list -q | xargs -r tidemark topic describe
  tidemark topic list --json | jq 'select(.partitions > 6).topic'
`

async function list(session: Session, options: ListOptions): Promise<void> {
  const { signal, output } = session
  const metadata = await withCluster(session, options, (client) => client.metadata(null, { signal }))
  const topics = [...metadata.topics.values()]
    .filter(({ isInternal }) => options.internal === true || !isInternal)
    .map(summaryOf)
    .toSorted((a, b) => (a.topic < b.topic ? -1 : 1))
  if (options.json === true) for (const topic of topics) output.line(JSON.stringify(topic))
  else if (options.quiet === true) for (const { topic } of topics) output.line(topic)
  else if (topics.length === 0) session.say('there are no topics: make one with "tidemark topic create NAME"')
  else {
    const rows = topics.map((each) => [each.topic, `${each.partitions}`, `${each.replicationFactor}`])
    for (const line of formatTable([['TOPIC', 'PARTITIONS', 'REPLICAS'], ...rows], [1, 2])) output.line(line)
  }
}

function summaryOf({ name, topicId, isInternal, partitions }: TopicMetadata) {
  const replicationFactor = Math.max(0, ...partitions.map(({ replicaNodes }) => replicaNodes.length))
  return { topic: name ?? '', topicId, isInternal, partitions: partitions.length, replicationFactor }
}
