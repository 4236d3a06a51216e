import type { Command } from 'commander'
import type { Admin } from '../../client/admin/admin.ts'
import type { AdminError } from '../../client/admin/admin-error.ts'
import { Results } from '../cluster/results.ts'
import { refuseTopic } from '../cluster/topic-selection.ts'
import { addClusterOptions, type ClusterOptions, oneByOne, withAdmin } from '../cluster/with-cluster.ts'
import { UsageError } from '../failure.ts'
import { collect, collectPairs, parseCount } from '../option-values.ts'
import { countOf } from '../output/units.ts'
import type { Session } from '../session.ts'

interface AlterOptions extends ClusterOptions {
  readonly partitions?: number
  readonly config?: readonly (readonly [string, string])[]
  readonly deleteConfig?: readonly string[]
  readonly dryRun?: boolean
}

/** What became of one topic. */
interface Outcome {
  readonly name: string
  readonly error?: AdminError
}

/** `tidemark topic alter NAME...` */
export function define(command: Command, session: Session): void {
  command
    .argument('<name...>', 'names of the topics')
    .option('-p, --partitions <count>', 'partitions that each is to have; there can only be more', parseCount)
    .option('-c, --config <name=value>', 'a config to set, by its Kafka name; repeatable', collectPairs)
    .option('-d, --delete-config <name>', 'a config to take from the broker again; repeatable', collect)
    .option('--dry-run', 'only check whether it could be done')
  addClusterOptions(command)
    .addHelpText('after', examples)
    .action((names: string[], options: AlterOptions) => alter(session, names, options))
}

const examples = `
Examples:
  tidemark topic alter orders --partitions 12
  tidemark topic alter orders -c retention.ms=86400000 -d segment.bytes
`

async function alter(session: Session, names: readonly string[], options: AlterOptions): Promise<void> {
  const { partitions, config = [], deleteConfig = [] } = options
  const changesConfigs = config.length + deleteConfig.length > 0
  if (partitions === undefined && !changesConfigs)
    throw new UsageError('say what to alter: --partitions, --config or --delete-config')
  const verb = options.dryRun === true ? 'could have' : 'has'
  await withAdmin(session, options, async (admin) => {
    const results = new Results(session, options)
    const changing = { ...oneByOne(session), validateOnly: options.dryRun === true }
    if (partitions !== undefined) {
      const topics = names.map((name) => ({ name, count: partitions }))
      const outcomes = await admin.createPartitions(topics, changing)
      const text = `${verb} ${countOf(partitions, 'partition')}`
      await tell(session, admin, results, outcomes, { json: { partitions }, text })
    }
    if (changesConfigs) {
      const set = Object.fromEntries(config)
      const topics = names.map((name) => ({ type: 'topic' as const, name, set, delete: deleteConfig }))
      const outcomes = await admin.alterConfigs(topics, changing)
      const json = { configs: set, deletedConfigs: deleteConfig }
      const changes = [
        ...config.map((pair) => pair.join('=')),
        ...deleteConfig.map((name) => `${name} as the broker has it`),
      ]
      await tell(session, admin, results, outcomes, { json, text: `${verb} ${changes.join(', ')}` })
    }
  })
}

async function tell(
  { signal }: Session,
  admin: Admin,
  results: Results,
  outcomes: readonly Outcome[],
  done: { readonly json: Readonly<Record<string, unknown>>; readonly text: string },
): Promise<void> {
  for (const { name: topic, error } of outcomes)
    if (error?.kafkaName === 'UNKNOWN_TOPIC_OR_PARTITION')
      refuseTopic(results, await admin.listTopics({ internal: true, signal }), topic, error)
    else results.tell({ topic }, `topic '${topic}'`, error, done)
}
