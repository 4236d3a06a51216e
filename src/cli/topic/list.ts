import type { Command } from 'commander'
import { addClusterOptions, type ClusterOptions, withAdmin } from '../cluster/with-cluster.ts'
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
  const listed = await withAdmin(session, options, (admin) =>
    admin.listTopics({ internal: options.internal === true, signal }),
  )
  const topics = listed.map(({ name, ...each }) => ({ topic: name, ...each }))
  if (options.json === true) for (const topic of topics) output.line(JSON.stringify(topic))
  else if (options.quiet === true) for (const { topic } of topics) output.line(topic)
  else if (topics.length === 0) session.say('there are no topics: make one with "tidemark topic create NAME"')
  else {
    const rows = topics.map((each) => [each.topic, `${each.partitions}`, `${each.replicationFactor}`])
    for (const line of formatTable([['TOPIC', 'PARTITIONS', 'REPLICAS'], ...rows], [1, 2])) output.line(line)
  }
}
