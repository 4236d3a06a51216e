import type { Command } from 'commander'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import { rpc } from '../../client/network/rpc.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import {
  createPartitionsRequest,
  createPartitionsResponse,
} from '../../wire/messages/37-create-partitions.ts'
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../wire/messages/44-incremental-alter-configs.ts'
import { type Refusal, Results } from '../cluster/results.ts'
import { refuseTopic } from '../cluster/topic-selection.ts'
import { addClusterOptions, type ClusterOptions, withCluster } from '../cluster/with-cluster.ts'
import { UsageError } from '../failure.ts'
import { collect, collectPairs, parseCount } from '../option-values.ts'
import { countOf } from '../output/units.ts'
import type { Session } from '../session.ts'
import { topicResource } from './topic-configs.ts'

interface AlterOptions extends ClusterOptions {
  readonly partitions?: number
  readonly config?: readonly (readonly [string, string])[]
  readonly deleteConfig?: readonly string[]
  readonly dryRun?: boolean
}

/** What became of one topic. */
interface Outcome extends Refusal {
  readonly topic: string
}

const createPartitionsApi = rpc(createPartitionsRequest, createPartitionsResponse)
const alterConfigsApi = rpc(incrementalAlterConfigsRequest, incrementalAlterConfigsResponse)
/** Operations on a config (KIP-339). */
const setOperation = 0
const deleteOperation = 1

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
  await withCluster(session, options, async (client) => {
    const results = new Results(session, options)
    if (partitions !== undefined) {
      const outcomes = await addPartitions(session, client, names, partitions, options)
      const text = `${verb} ${countOf(partitions, 'partition')}`
      await tell(session, client, results, outcomes, { json: { partitions }, text })
    }
    if (changesConfigs) {
      const outcomes = await alterConfigs(session, client, names, options)
      const json = { configs: Object.fromEntries(config), deletedConfigs: deleteConfig }
      const changes = [
        ...config.map((pair) => pair.join('=')),
        ...deleteConfig.map((name) => `${name} as the broker has it`),
      ]
      await tell(session, client, results, outcomes, { json, text: `${verb} ${changes.join(', ')}` })
    }
  })
}

async function addPartitions(
  { signal }: Session,
  client: ClusterClient,
  names: readonly string[],
  count: number,
  { timeout, dryRun = false }: AlterOptions,
): Promise<Outcome[]> {
  const topics = names.map((name) => ({ name, count, assignments: null }))
  const request = { topics, timeoutMs: timeout, validateOnly: dryRun }
  const { results } = await client.call('controller', createPartitionsApi, request, { signal })
  return results.map(({ name, ...outcome }) => ({ topic: name, ...outcome }))
}

async function alterConfigs(
  { signal }: Session,
  client: ClusterClient,
  names: readonly string[],
  { config = [], deleteConfig = [], dryRun = false }: AlterOptions,
): Promise<Outcome[]> {
  const configs = [
    ...config.map(([name, value]) => ({ name, configOperation: setOperation, value })),
    ...deleteConfig.map((name) => ({ name, configOperation: deleteOperation, value: null })),
  ]
  const resources = names.map((resourceName) => ({ resourceType: topicResource, resourceName, configs }))
  const request = { resources, validateOnly: dryRun }
  const { responses } = await client.call('any', alterConfigsApi, request, { signal })
  return responses.map(({ resourceName, ...outcome }) => ({ topic: resourceName, ...outcome }))
}

async function tell(
  { signal }: Session,
  client: ClusterClient,
  results: Results,
  outcomes: readonly Outcome[],
  done: { readonly json: Readonly<Record<string, unknown>>; readonly text: string },
): Promise<void> {
  for (const { topic, ...outcome } of outcomes)
    if (outcome.errorCode === errorCodes.UNKNOWN_TOPIC_OR_PARTITION)
      refuseTopic(results, await client.metadata(null, { signal }), topic, outcome.errorCode)
    else results.tell({ topic }, `topic '${topic}'`, outcome, done)
}
