import type { Command } from 'commander'
import { rpc } from '../../client/network/rpc.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import {
  type CreateTopicsResponse,
  createTopicsRequest,
  createTopicsResponse,
} from '../../wire/messages/19-create-topics.ts'
import { Results } from '../cluster/results.ts'
import { addClusterOptions, type ClusterOptions, withCluster } from '../cluster/with-cluster.ts'
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

const createTopicsApi = rpc(createTopicsRequest, createTopicsResponse)
/** Leaves the number to the broker (KIP-464): `num.partitions`, `default.replication.factor`. */
const brokerDefault = -1

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
  const { partitions = brokerDefault, replicationFactor = brokerDefault, config = [] } = options
  const configs = config.map(([name, value]) => ({ name, value }))
  const request = {
    topics: names.map((name) => ({
      ...{ name, numPartitions: partitions, replicationFactor, configs },
      assignments: [],
    })),
    timeoutMs: options.timeout,
    validateOnly: options.dryRun === true,
  }
  const { signal } = session
  const response = await withCluster(session, options, (client) =>
    client.call('controller', createTopicsApi, request, { signal }),
  )
  const results = new Results(session, options)
  for (const topic of response.topics) tell(results, topic, options)
}

function tell(results: Results, topic: CreateTopicsResponse['topics'][number], options: CreateOptions): void {
  const { name, errorCode, topicId, numPartitions: partitions, replicationFactor } = topic
  const what = `topic '${name}'`
  if (errorCode === errorCodes.TOPIC_ALREADY_EXISTS && options.ifNotExists === true) {
    results.done({ topic: name, isCreated: false }, `${what}: exists already`)
    return
  }
  const isCreated = options.dryRun !== true
  const shape = `${countOf(partitions, 'partition')}, replication factor ${replicationFactor}`
  results.tell({ topic: name }, what, topic, {
    json: { isCreated, ...(isCreated ? { topicId } : {}), partitions, replicationFactor },
    text: `${isCreated ? 'created' : 'could be created'}${partitions < 0 ? '' : `: ${shape}`}`,
  })
}
