import type { Command } from 'commander'
import type { TopicListing } from '../client/admin/describe-topics.ts'
import { partitionName } from '../client/admin/partition-map.ts'
import type { TopicPartition } from '../client/cluster/cluster-metadata.ts'
import type { Consumer, ConsumerOptions } from '../client/consumer/consumer.ts'
import type { Tidemark } from '../embedded/tidemark.ts'
import { Results } from './cluster/results.ts'
import { parseTopicSelection, selectedPartitions, type TopicSelection } from './cluster/topic-selection.ts'
import { addTidemarkOptions, type TidemarkOptions, withTidemark } from './cluster/with-tidemark.ts'
import { printConsumed } from './consume/print-consumed.ts'
import { findStart, parseStartPosition, startGrammar, type StartPosition } from './consume/start-position.ts'
import { madeAsAsked, UsageError } from './failure.ts'
import { collectPairs, parseCount, parsePartition, clientSettingsOf, withDefault } from './option-values.ts'
import { addFormatOptions, chooseFormat, type FormatOptions, formatHelp } from './output/format-options.ts'
import type { Session } from './session.ts'

interface ConsumeOptions extends TidemarkOptions, FormatOptions {
  readonly offset?: StartPosition
  readonly partition?: readonly number[]
  readonly group?: string
  readonly count?: number
  readonly exit?: boolean
  readonly regex?: boolean
  readonly readCommitted?: boolean
  readonly option?: readonly (readonly [string, string])[]
  readonly verbose?: boolean
}

/** `tidemark consume TOPIC...` */
export function define(command: Command, session: Session): void {
  command
    .argument('<topic...>', 'topics, or single partitions of them: orders:0,2')
    .option('-o, --offset <where>', `where to begin (default: start): ${startGrammar}`, parseStartPosition)
    .option('-p, --partition <number>', 'only this partition; repeatable, or 0,2', collectPartitions)
    .option('-g, --group <name>', 'share the topics with the other members of a group, and commit')
    .option('-n, --count <count>', 'stop after so many records', parseCount)
    .option('-e, --exit', 'stop at the end, instead of waiting for more')
    .option('-r, --regex', 'topics are regular expressions for whole names')
    .option('--read-committed', 'records of transactions only once they are committed')
  addFormatOptions(command)
    .option('-X, --option <name=value>', 'an option of the consumer, under our name or Kafka’s', collectPairs)
    .option('-v, --verbose', 'say on stderr which partitions come and go')
  addTidemarkOptions(command)
    .addHelpText('after', formatHelp + help)
    .action((topics: string[], options: ConsumeOptions) => {
      const selections = selectionsOf(topics, options)
      return withTidemark(session, options, { mustExist: true }, (tidemark) =>
        consume(session, tidemark, selections, options),
      )
    })
}

const help = `
With -g a group goes on where it left off ("stored"), and where it has left nothing at the start, or with "-o end" at
the end. What is printed is committed every 5 seconds, when partitions go, and at the end. With -p the partitions are
this command's alone. Without -g nothing is committed.

Examples:
  tidemark consume orders
  tidemark consume orders -o -10 -e --json
  tidemark consume orders:0 -o @2018-02-03T00:00Z -n 100 -f '%p %o %T %k\\n'
  tidemark consume orders payments -g billing -v | jq .
  tidemark consume -r 'sensors\\..*' -o end
  tidemark consume orders -e --directory ./data
`

/** What the arguments say: topics with their partitions, or an expression for their names. */
type Selection = readonly TopicSelection[] | RegExp

/** @throws UsageError for options that do not go together, or an expression that is none */
function selectionsOf(topics: readonly string[], options: ConsumeOptions): Selection {
  const { group, offset, partition, regex } = options
  if (group === undefined && offset === 'stored')
    throw new UsageError('-o stored is where a group left off: say which, with -g NAME')
  if (group !== undefined && typeof offset === 'object')
    throw new UsageError(
      '-g goes on where the group left off, so -o is start, end or stored: ' +
        'set where that is with "tidemark group reset-offsets"',
    )
  if (regex !== true)
    return topics.map(parseTopicSelection).map((each) => ({
      ...each,
      partitions: each.partitions ?? partition,
    }))
  if (partition !== undefined) throw new UsageError('-p goes with names of topics, not with -r')
  try {
    return new RegExp(`^(?:${topics.join('|')})$`)
  } catch (error) {
    throw new UsageError(`'${topics.join('|')}' is no regular expression: ${(error as Error).message}`)
  }
}

async function consume(
  session: Session,
  tidemark: Tidemark,
  selection: Selection,
  options: ConsumeOptions,
): Promise<void> {
  const { signal } = session
  const all = await tidemark.admin().listTopics({ internal: true, signal })
  const selections = selection instanceof RegExp ? matching(all, selection) : selection
  const partitions = selectedPartitions(new Results(session, {}), all, selections)
  // What is not there has been told.
  if (session.exitCode !== 0) return
  // With a group a topic may come that matches.
  if (partitions.length === 0 && (options.group === undefined || options.exit === true))
    throw new Error('no topic has a name that matches')
  const shared = options.group === undefined ? undefined : sharedTopics(selection)
  await using consumer = makeConsumer(session, tidemark, options, shared)
  if (shared === undefined) await assign(session, consumer, partitions, options)
  const { count = Number.POSITIVE_INFINITY, exit: exitAtEnd = false } = options
  await printConsumed(session, consumer, chooseFormat(options), { count, exitAtEnd })
  // Only now that it is printed, and not when nobody was there to read it.
  if (options.group !== undefined) await consumer.commit()
}

function matching(all: readonly TopicListing[], pattern: RegExp): TopicSelection[] {
  return all
    .filter(({ name, isInternal }) => !isInternal && pattern.test(name))
    .map(({ name: topic }) => ({ topic, partitions: undefined }))
}

/** What a group shares; undefined when single partitions are named, which are nobody else's business. */
function sharedTopics(selection: Selection): readonly string[] | RegExp | undefined {
  if (selection instanceof RegExp) return selection
  const isWhole = selection.every(({ partitions }) => partitions === undefined)
  return isWhole ? selection.map(({ topic }) => topic) : undefined
}

/** @throws UsageError for options that are none */
function makeConsumer(
  session: Session,
  tidemark: Tidemark,
  { group, offset, option, readCommitted, verbose }: ConsumeOptions,
  topics: readonly string[] | RegExp | undefined,
): Consumer {
  const given = {
    ...clientSettingsOf(option),
    ...(readCommitted === true ? { isolationLevel: 'read_committed' } : {}),
    ...(group === undefined ? {} : { groupId: group }),
  }
  const reset = offset === 'latest' && group !== undefined ? 'latest' : 'earliest'
  const settings = withDefault(given, ['autoOffsetReset', 'auto.offset.reset'], reset)
  return madeAsAsked(() =>
    tidemark.consumer({
      ...(settings as ConsumerOptions),
      ...(topics === undefined ? {} : { topics }),
      ...(verbose === true ? rebalanceListeners(session) : {}),
    }),
  )
}

function rebalanceListeners(session: Session): Pick<ConsumerOptions, 'onAssigned' | 'onRevoked' | 'onLost'> {
  const say = (what: string) => (partitions: readonly TopicPartition[]) =>
    session.say(`${what}: ${partitions.map(partitionName).join(' ') || 'nothing'}`)
  return { onAssigned: say('assigned'), onRevoked: say('revoked'), onLost: say('lost') }
}

/** Reads `partitions` from where the options say. A group says where it left off, and the consumer's options what else. */
async function assign(
  session: Session,
  consumer: Consumer,
  partitions: readonly TopicPartition[],
  { group, offset = 'earliest', verbose }: ConsumeOptions,
): Promise<void> {
  if (group !== undefined || offset === 'stored') return consumer.assign(partitions)
  const found = await findStart(consumer, partitions, offset, session.signal)
  if (verbose === true)
    for (const each of found) session.say(`${partitionName(each)}: from offset ${each.offset}`)
  consumer.assign(found)
}

function collectPartitions(text: string, previous: readonly number[] = []): readonly number[] {
  return [...previous, ...text.split(',').map(parsePartition)]
}
