import type { Command } from 'commander'
import type { Admin } from '../../client/admin/admin.ts'
import type { GroupDescription, GroupMember } from '../../client/admin/describe-groups.ts'
import { partitionName, PartitionMap } from '../../client/admin/partition-map.ts'
import type { TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import { knownOffsets } from '../cluster/known-offsets.ts'
import { Results } from '../cluster/results.ts'
import { addClusterOptions, type ClusterOptions, oneByOne, withAdmin } from '../cluster/with-cluster.ts'
import { formatTable } from '../output/table.ts'
import { countOf, formatCount } from '../output/units.ts'
import type { Session } from '../session.ts'
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

/** All that is told of one group. */
interface Description extends Pick<GroupDescription, 'state' | 'protocolType' | 'protocol' | 'members'> {
  readonly group: string
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
      withAdmin(session, options, (admin) => describeAll(session, admin, names, options)),
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
  admin: Admin,
  names: readonly string[],
  options: DescribeOptions,
): Promise<void> {
  const { signal, output } = session
  const chosen = names.length > 0 ? names : (await admin.listGroups({ signal })).map(({ groupId }) => groupId)
  const results = new Results(session, options)
  let isFirst = true
  for (const group of await admin.describeGroups(chosen, oneByOne(session))) {
    if (group.error !== undefined) {
      await refuseGroup(session, admin, results, group.groupId, group.error)
      continue
    }
    const description = await describe(session, admin, group)
    if (options.json === true) output.line(JSON.stringify(description))
    else for (const line of linesOf(description, { isFirst, ...options })) output.line(line)
    isFirst = false
  }
}

async function describe(
  session: Session,
  admin: Admin,
  { groupId: group, state, protocolType, protocol, members }: GroupDescription,
): Promise<Description> {
  const committed = await admin.listGroupOffsets(group, { signal: session.signal })
  const assigned = members.flatMap((member) => member.assigned)
  const involved = union(committed, assigned)
  const names = [...new Set(involved.map(({ topic }) => topic))]
  const topics = await admin.describeTopics(names, oneByOne(session))
  const ends = await knownOffsets(session, admin, topics, involved, 'latest')
  const partitions = progressOf(members, committed, ends, involved)
  const lag = partitions.reduce((sum, each) => sum + (each.lag ?? 0), 0)
  return { group, state, protocolType, protocol, members, partitions, lag }
}

/** What is committed or consumed, held against the ends of the partitions. */
function progressOf(
  members: readonly GroupMember[],
  committed: readonly (TopicPartition & { readonly offset: number })[],
  ends: PartitionMap<number>,
  involved: readonly TopicPartition[],
): Progress[] {
  const offsets = new PartitionMap<number>()
  for (const each of committed) offsets.set(each, each.offset)
  const owners = new PartitionMap<string>()
  for (const { memberId, assigned } of members) for (const each of assigned) owners.set(each, memberId)
  return involved.map((partition) => {
    const committedOffset = offsets.get(partition) ?? null
    const endOffset = ends.get(partition) ?? null
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
