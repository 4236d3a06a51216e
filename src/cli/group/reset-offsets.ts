import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Admin } from '../../client/admin/admin.ts'
import { AdminError } from '../../client/admin/admin-error.ts'
import { partitionName } from '../../client/admin/partition-map.ts'
import type { ResetGroupOffset } from '../../client/admin/reset-group-offsets.ts'
import type { TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import {
  addTargetOptions,
  offsetTarget,
  requireOneTarget,
  type TargetOptions,
} from '../cluster/offset-target.ts'
import { Results } from '../cluster/results.ts'
import { collectTopics, selectedPartitions, type TopicSelection } from '../cluster/topic-selection.ts'
import { addClusterOptions, type ClusterOptions, oneByOne, withAdmin } from '../cluster/with-cluster.ts'
import { UsageError } from '../failure.ts'
import type { Session } from '../session.ts'

interface ResetOptions extends ClusterOptions, TargetOptions {
  readonly topic?: readonly TopicSelection[]
  readonly allTopics?: boolean
  readonly shiftBy?: number
  readonly execute?: boolean
}

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
      return withAdmin(session, options, (admin) => reset(session, admin, group, options))
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

async function reset(session: Session, admin: Admin, group: string, options: ResetOptions): Promise<void> {
  const results = new Results(session, options)
  const { shiftBy, execute = false } = options
  const partitions = await chosen(session, admin, results, options)
  const to = shiftBy === undefined ? offsetTarget(options, session.env.clock.nowMs()) : { shift: shiftBy }
  const how = {
    ...oneByOne(session),
    to,
    dryRun: !execute,
    ...(partitions === undefined ? {} : { partitions }),
  }
  const outcomes = await membersRefused(results, group, () => admin.resetGroupOffsets(group, how))
  if (outcomes === undefined) return
  if (partitions === undefined && outcomes.length === 0)
    throw new UsageError('the group has committed no offsets: name topics by --topic')
  for (const each of outcomes) tell(results, each, { group, isDryRun: !execute })
  if (!execute && outcomes.length > 0)
    session.say('nothing was changed: this was a dry run, --execute does it')
}

/** The partitions of the topics that are named and exist; undefined where all are meant that the group has offsets of. */
async function chosen(
  { signal }: Session,
  admin: Admin,
  results: Results,
  { topic: selections }: ResetOptions,
): Promise<TopicPartition[] | undefined> {
  if (selections === undefined) return undefined
  return selectedPartitions(results, await admin.listTopics({ internal: true, signal }), selections)
}

/** Undefined when it was not done at all, which is then told of: somebody is in the group. */
async function membersRefused<T>(
  results: Results,
  group: string,
  act: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof AdminError)) throw error
    results.refused({ group }, error)
    return undefined
  }
}

function tell(
  results: Results,
  { topic, partition, oldOffset, offset, isClamped, error }: ResetGroupOffset,
  { group, isDryRun }: { readonly group: string; readonly isDryRun: boolean },
): void {
  const old = oldOffset < 0 ? null : oldOffset
  const bound = isClamped ? ' (as far as the partition goes)' : ''
  results.tell({ group, topic, partition }, partitionName({ topic, partition }), error, {
    json: { isDryRun, oldOffset: old, newOffset: offset, isClamped },
    text: `${old ?? 'none'} -> ${offset}${bound}`,
  })
}
