import type { Command } from 'commander'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import type { ClusterMetadata, TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import {
  findOffsets,
  type FoundOffset,
  latest,
  partitionName,
  PartitionMap,
} from '../cluster/partition-offsets.ts'
import { Results } from '../cluster/results.ts'
import { addClusterOptions, type ClusterOptions, withCluster } from '../cluster/with-cluster.ts'
import { formatTable } from '../output/table.ts'
import { countOf, formatCount } from '../output/units.ts'
import type { Session } from '../session.ts'
import { describeGroup, type GroupDescription, type GroupMember } from './describe-group.ts'
import { type CommittedOffset, committedOffsets, listGroups } from './groups.ts'
import { refuseGroup } from './refuse-group.ts'

interface DescribeOptions extends ClusterOptions {
  readonly members?: boolean
}

/** How far a group has got in a partition. Numbers are null where they are not known. */
interface Progress extends TopicPartition {
  readonly committedOffset: number | null
  readonly endOffset: number | null
  readonly lag: number | null
  readonly memberId: string | null
}

interface Description extends GroupDescription {
  readonly partitions: readonly Progress[]
  /** Of all partitions whose lag is known. */
  readonly lag: number
}

/** `tidemark group describe [NAME...]` */
export function define(command: Command, session: Session): void {
  command
    .argument('[name...]', 'names of the groups; without one, all groups')
    .option('--members', 'the members too, with what each consumes')
  addClusterOptions(command)
    .addHelpText('after', help)
    .action((names: string[], options: DescribeOptions) =>
      withCluster(session, options, (client) => describeAll(session, client, names, options)),
    )
}

const help = `
LAG is how many offsets lie between what was committed and the end of the partition.

Examples:
  tidemark group describe billing
  tidemark group describe billing --members
  tidemark group describe --json | jq 'select(.lag > 1000).group'
`

async function describeAll(
  session: Session,
  client: ClusterClient,
  names: readonly string[],
  options: DescribeOptions,
): Promise<void> {
  const { signal, output } = session
  const chosen = names.length > 0 ? names : (await listGroups(client, signal)).map(({ group }) => group)
  const results = new Results(session, options)
  const metadata = await client.metadata(null, { signal })
  let isFirst = true
  for (const name of chosen) {
    const description = await describe(session, client, metadata, name)
    if (description === undefined) {
      await refuseGroup(results, client, name, { errorCode: errorCodes.GROUP_ID_NOT_FOUND }, signal)
      continue
    }
    if (options.json === true) output.line(JSON.stringify(description))
    else for (const line of linesOf(description, { isFirst, ...options })) output.line(line)
    isFirst = false
  }
}

/** Resolves to undefined if there is no such group. */
async function describe(
  { signal }: Session,
  client: ClusterClient,
  metadata: ClusterMetadata,
  group: string,
): Promise<Description | undefined> {
  const described = await describeGroup(client, group, signal)
  if (described === undefined) return undefined
  const committed = await committedOffsets(client, group, signal)
  const assigned = described.members.flatMap((member) => member.assigned)
  const ends = await findOffsets(client, metadata, union(committed, assigned), latest, signal)
  const partitions = progressOf(described, committed, ends)
  const lag = partitions.reduce((sum, each) => sum + (each.lag ?? 0), 0)
  return { ...described, partitions, lag }
}

/** What is committed or consumed, held against the ends of the partitions. */
function progressOf(
  { members }: GroupDescription,
  committed: readonly CommittedOffset[],
  ends: PartitionMap<FoundOffset>,
): Progress[] {
  const offsets = new PartitionMap<number>()
  for (const each of committed) offsets.set(each, each.offset)
  const owners = new PartitionMap<string>()
  for (const { memberId, assigned } of members) for (const each of assigned) owners.set(each, memberId)
  const assigned = members.flatMap((member) => member.assigned)
  return union(committed, assigned).map((partition) => {
    const end = ends.get(partition)
    const committedOffset = offsets.get(partition) ?? null
    const endOffset = end === undefined || end.errorCode !== errorCodes.NONE ? null : end.offset
    const isKnown = committedOffset !== null && endOffset !== null
    const lag = isKnown ? Math.max(0, endOffset - committedOffset) : null
    return { ...partition, committedOffset, endOffset, lag, memberId: owners.get(partition) ?? null }
  })
}

/** Each partition once, in order. */
function union(...lists: readonly (readonly TopicPartition[])[]): TopicPartition[] {
  const all = lists.flat().map(({ topic, partition }) => ({ topic, partition }))
  const distinct = new Map(all.map((each) => [partitionName(each), each]))
  return [...distinct.values()].toSorted((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  )
}

function* linesOf(
  description: Description,
  options: { readonly isFirst: boolean; readonly members?: boolean },
): Generator<string> {
  const { group, state, protocol, members, partitions, lag } = description
  if (!options.isFirst) yield ''
  const assignor = protocol === '' ? '' : `, protocol ${protocol}`
  yield `${group}: ${state}, ${countOf(members.length, 'member')}${assignor}, lag ${formatCount(lag)}`
  const clients = new Map(members.map(({ memberId, clientId, host }) => [memberId, `${clientId} (${host})`]))
  const rows = partitions.map((each) => [
    ...[each.topic, `${each.partition}`],
    ...[each.committedOffset, each.endOffset, each.lag].map((number) => `${number ?? '-'}`),
    clients.get(each.memberId ?? '') ?? '-',
  ])
  const head = ['TOPIC', 'PARTITION', 'COMMITTED', 'END', 'LAG', 'MEMBER']
  if (rows.length > 0) for (const line of formatTable([head, ...rows], [1, 2, 3, 4])) yield `  ${line}`
  if (options.members === true) yield* memberLines(members)
}

function* memberLines(members: readonly GroupMember[]): Generator<string> {
  const rows = members.map(({ memberId, clientId, host, assigned }) => [
    ...[memberId, clientId, host],
    assigned.map(partitionName).join(' ') || '-',
  ])
  if (rows.length === 0) return
  for (const line of formatTable([['MEMBER', 'CLIENT', 'HOST', 'PARTITIONS'], ...rows])) yield `  ${line}`
}
