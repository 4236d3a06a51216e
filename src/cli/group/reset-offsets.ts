import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import type { ClusterMetadata, TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import { rpc } from '../../client/network/rpc.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { offsetCommitRequest, offsetCommitResponse } from '../../wire/messages/08-offset-commit.ts'
import {
  addTargetOptions,
  findTargets,
  type PartitionTarget,
  requireOneTarget,
  type TargetOptions,
} from '../cluster/offset-target.ts'
import { byTopic, partitionName, PartitionMap } from '../cluster/partition-offsets.ts'
import { Results } from '../cluster/results.ts'
import { collectTopics, selectedPartitions, type TopicSelection } from '../cluster/topic-selection.ts'
import { addClusterOptions, type ClusterOptions, withCluster } from '../cluster/with-cluster.ts'
import { UsageError } from '../failure.ts'
import type { Session } from '../session.ts'
import { describeGroup } from './describe-group.ts'
import { type CommittedOffset, committedOffsets } from './groups.ts'
import { refuseGroup } from './refuse-group.ts'

interface ResetOptions extends ClusterOptions, TargetOptions {
  readonly topic?: readonly TopicSelection[]
  readonly allTopics?: boolean
  readonly shiftBy?: number
  readonly execute?: boolean
}

/** By name, since from version 10 on topics have ids. */
const offsetCommitApi = rpc(offsetCommitRequest, offsetCommitResponse, { maxVersion: 9 })
/** What commits for a group without being in it (KIP-122). */
const nobody = { generationIdOrMemberEpoch: -1, memberId: '' } as const

/** `tidemark group reset-offsets NAME` */
export function define(command: Command, session: Session): void {
  command
    .argument('<name>', 'name of the group')
    .option(
      '-t, --topic <topic[:partition,...]>',
      'a topic, or some of its partitions; repeatable',
      collectTopics,
    )
    .option('--all-topics', 'all topics that the group has committed offsets of')
  addTargetOptions(command)
    .option('--shift-by <count>', 'so many offsets on, or back when negative', parseShift)
    .addOption(new Option('--execute', 'do it').conflicts('dryRun'))
    .option('--dry-run', 'only say what would be done (the default)')
  addClusterOptions(command)
    .addHelpText('after', help)
    .action((group: string, options: ResetOptions) => {
      checkOptions(options)
      return withCluster(session, options, (client) => reset(session, client, group, options))
    })
}

const help = `
Sets where a group goes on, for a group that nobody is in. Without --execute it only shows what would be done. An offset
outside its partition becomes the nearest one inside.

Examples:
  tidemark group reset-offsets billing --all-topics --to-earliest
  tidemark group reset-offsets billing --topic orders:0 --to-offset 1000 --execute
  tidemark group reset-offsets billing --topic orders --to-datetime 2026-11-22T08:00Z --execute
  tidemark group reset-offsets billing --topic orders --by-duration 90m --execute
  tidemark group reset-offsets billing --topic orders --shift-by -100 --execute
`

function parseShift(text: string): number {
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, such as 10 or -10.')
}

function checkOptions(options: ResetOptions): void {
  requireOneTarget(options, { '--shift-by': options.shiftBy !== undefined })
  if ((options.topic === undefined) === (options.allTopics !== true))
    throw new UsageError('say which topics: either --topic, which may be repeated, or --all-topics')
}

async function reset(
  session: Session,
  client: ClusterClient,
  group: string,
  options: ResetOptions,
): Promise<void> {
  const { signal, env } = session
  const results = new Results(session, options)
  const described = await describeGroup(client, group, signal)
  if (described !== undefined && described.members.length > 0) {
    const errorMessage = `it is ${described.state}, with members that would commit over it: stop them first`
    await refuseGroup(results, client, group, { errorCode: errorCodes.NON_EMPTY_GROUP, errorMessage }, signal)
    return
  }
  const committed = await committedOffsets(client, group, signal)
  const metadata = await client.metadata(null, { signal })
  const current = new PartitionMap<number>()
  for (const each of committed) current.set(each, each.offset)
  const chosen = choose(results, metadata, committed, options)
  const { shiftBy } = options
  const partitions = shiftBy === undefined ? chosen : shiftable(results, group, chosen, current)
  const shifted = (partition: TopicPartition): number => (current.get(partition) ?? 0) + (shiftBy ?? 0)
  const search = { client, metadata, partitions, signal, nowMs: env.clock.nowMs() }
  const targets = await findTargets(search, options, shiftBy === undefined ? undefined : shifted)
  const found = targets.filter(({ errorCode }) => errorCode === 0)
  const isDone = options.execute === true && found.length > 0
  const refused = isDone ? await commit(client, group, found, signal) : new PartitionMap<number>()
  for (const target of targets)
    tell(results, target, { group, current: current.get(target), isDone, refused })
  if (!isDone && targets.length > 0) session.say('nothing was changed: this was a dry run, --execute does it')
}

function choose(
  results: Results,
  metadata: ClusterMetadata,
  committed: readonly CommittedOffset[],
  { topic: selections }: ResetOptions,
): TopicPartition[] {
  if (selections !== undefined) return selectedPartitions(results, metadata, selections)
  if (committed.length === 0)
    throw new UsageError('the group has committed no offsets: name topics by --topic')
  return committed.map(({ topic, partition }) => ({ topic, partition }))
}

/** The partitions with an offset to shift from. The others are told of. */
function shiftable(
  results: Results,
  group: string,
  partitions: readonly TopicPartition[],
  current: PartitionMap<number>,
): TopicPartition[] {
  return partitions.filter((each) => {
    const isThere = current.get(each) !== undefined
    const errorMessage = 'the group has committed no offset there to shift from'
    if (!isThere)
      results.refused({ group, ...each }, partitionName(each), {
        errorCode: errorCodes.INVALID_REQUEST,
        errorMessage,
      })
    return isThere
  })
}

/** Resolves to the errors of partitions, where there are any. */
async function commit(
  client: ClusterClient,
  group: string,
  targets: readonly PartitionTarget[],
  signal: AbortSignal,
): Promise<PartitionMap<number>> {
  const topics = byTopic(targets, ({ partition, target }) => ({
    partitionIndex: partition,
    committedOffset: target,
    committedMetadata: '',
  }))
  const request = { groupId: group, ...nobody, topics }
  const response = await client.call({ group }, offsetCommitApi, request, {
    signal,
    // A coordinator that cannot act refuses all of them alike.
    errorCodeOf: (answer) => {
      const errors = answer.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))
      const [first = errorCodes.NONE] = errors
      return errors.every((each) => each === first) ? first : errorCodes.NONE
    },
  })
  const refused = new PartitionMap<number>()
  for (const { name, partitions } of response.topics)
    for (const { partitionIndex, errorCode } of partitions)
      refused.set({ topic: name, partition: partitionIndex }, errorCode)
  return refused
}

function tell(
  results: Results,
  target: PartitionTarget,
  {
    group,
    current,
    isDone,
    refused,
  }: { group: string; current: number | undefined; isDone: boolean; refused: PartitionMap<number> },
): void {
  const { topic, partition, target: newOffset, wanted } = target
  const isClamped = newOffset !== wanted
  const errorCode = target.errorCode === 0 ? (refused.get(target) ?? 0) : target.errorCode
  const bound = isClamped ? ' (as far as the partition goes)' : ''
  results.tell(
    { group, topic, partition },
    partitionName(target),
    { errorCode },
    {
      json: { isDryRun: !isDone, oldOffset: current ?? null, newOffset, isClamped },
      text: `${current ?? 'none'} -> ${newOffset}${bound}`,
    },
  )
}
