import type { Command } from 'commander'
import type { CreatedTopic } from '../../client/admin/topics.ts'
import { Results } from '../cluster/results.ts'
import { addClusterOptions, type ClusterOptions, oneByOne, withAdmin } from '../cluster/with-cluster.ts'
import { collectPairs, parseCount } from '../option-values.ts'
import { countOf } from '../output/units.ts'
import type { Session } from '../session.ts'

interface CreateOptions extends ClusterOptions {
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly config?: readonly (readonly [string, string])[]
  readonly ifNotExists?: boolean
  readonly dryRun?: boolean
}

/** `tidemark topic create NAME...` */
export function define(command: Command, session: Session): void {
  command
    .argument('<name...>', 'names of the topics')
    .option(
      '-p, --partitions <count>',
      'partitions of each (default: the broker’s num.partitions)',
      parseCount,
    )
    .option(
      '-r, --replication-factor <count>',
      'replicas of each partition (default: the broker’s)',
      parseCount,
    )
    .option(
      '-c, --config <name=value>',
      'a config of the topics, by its Kafka name; repeatable',
      collectPairs,
    )
    .option('--if-not-exists', 'topics that exist are no failure')
    .option('--dry-run', 'only check whether they could be created')
  addClusterOptions(command)
    .addHelpText('after', examples)
    .action((names: string[], options: CreateOptions) => create(session, names, options))
}

const examples = `
Examples:
  tidemark topic create orders
  tidemark topic create orders payments -p 6 --if-not-exists
  tidemark topic create latest-prices -c cleanup.policy=compact -c min.compaction.lag.ms=60000
`

async function create(session: Session, names: readonly string[], options: CreateOptions): Promise<void> {
  const { partitions, replicationFactor, config = [], dryRun = false } = options
  const shape = {
    ...(partitions === undefined ? {} : { partitions }),
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
    config: Object.fromEntries(config),
  }
  const topics = names.map((name) => ({ name, ...shape }))
  const created = await withAdmin(session, options, (admin) =>
    admin.createTopics(topics, { ...oneByOne(session), validateOnly: dryRun }),
  )
  const results = new Results(session, options)
  for (const topic of created) tell(results, topic, options)
}

function tell(results: Results, topic: CreatedTopic, options: CreateOptions): void {
  const { name, error, topicId, partitions, replicationFactor } = topic
  const what = `topic '${name}'`
  if (error?.kafkaName === 'TOPIC_ALREADY_EXISTS' && options.ifNotExists === true) {
    results.done({ topic: name, isCreated: false }, `${what}: exists already`)
    return
  }
  const isCreated = options.dryRun !== true
  const shape = `${countOf(partitions, 'partition')}, replication factor ${replicationFactor}`
  results.tell({ topic: name }, what, error, {
    json: { isCreated, ...(isCreated ? { topicId } : {}), partitions, replicationFactor },
    text: `${isCreated ? 'created' : 'could be created'}${partitions < 0 ? '' : `: ${shape}`}`,
  })
}
