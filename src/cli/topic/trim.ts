import type { Command } from 'commander'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import { rpc } from '../../client/network/rpc.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { deleteRecordsRequest, deleteRecordsResponse } from '../../wire/messages/21-delete-records.ts'
import {
  addTargetOptions,
  findTargets,
  type PartitionTarget,
  requireOneTarget,
  type TargetOptions,
} from '../cluster/offset-target.ts'
import { byTopic, partitionName, PartitionMap } from '../cluster/partition-offsets.ts'
import { type Refusal, Results } from '../cluster/results.ts'
import { parseTopicSelection, selectedPartitions } from '../cluster/topic-selection.ts'
import { addClusterOptions, type ClusterOptions, withCluster } from '../cluster/with-cluster.ts'
import { countOf } from '../output/units.ts'
import type { Session } from '../session.ts'

interface TrimOptions extends ClusterOptions, TargetOptions {
  readonly dryRun?: boolean
}

interface Trimmed extends Refusal {
  readonly lowWatermark: number
}

const deleteRecordsApi = rpc(deleteRecordsRequest, deleteRecordsResponse)

/** `tidemark topic trim NAME[:PARTITION]...` */
export function define(command: Command, session: Session): void {
  command.argument('<name...>', 'topics, or single partitions of them: orders:0,2')
  addTargetOptions(command).option('--dry-run', 'only say what would be deleted')
  addClusterOptions(command)
    .addHelpText('after', help)
    .action((names: string[], options: TrimOptions) => {
      requireOneTarget(options)
      return withCluster(session, options, (client) => trim(session, client, names, options))
    })
}

const help = `
Deletes the records before an offset, for good: each partition then starts there.

Examples:
  tidemark topic trim orders:0 --to-offset 1000 --dry-run
  tidemark topic trim orders --by-duration 7d
  tidemark topic trim orders payments --to-latest
`

async function trim(
  session: Session,
  client: ClusterClient,
  names: readonly string[],
  options: TrimOptions,
): Promise<void> {
  const { signal, env } = session
  const results = new Results(session, options)
  const metadata = await client.metadata(null, { signal })
  const partitions = selectedPartitions(results, metadata, names.map(parseTopicSelection))
  const search = { client, metadata, partitions, signal, nowMs: env.clock.nowMs() }
  const targets = (await findTargets(search, options)).map(withinEnd)
  const asked = targets.filter(({ errorCode }) => errorCode === 0)
  const trimmed = new PartitionMap<Trimmed>()
  if (options.dryRun !== true)
    for (const [nodeId, group] of metadata.byLeader(asked))
      await deleteRecords(client, nodeId, { group, timeoutMs: options.timeout, signal }, trimmed)
  for (const target of targets) tell(results, target, trimmed.get(target))
}

async function deleteRecords(
  client: ClusterClient,
  nodeId: number,
  asked: { group: readonly PartitionTarget[]; timeoutMs: number; signal: AbortSignal },
  trimmed: PartitionMap<Trimmed>,
): Promise<void> {
  const { group, timeoutMs, signal } = asked
  const topics = byTopic(group, ({ partition, target }) => ({ partitionIndex: partition, offset: target }))
  const response = await client.call({ nodeId }, deleteRecordsApi, { topics, timeoutMs }, { signal })
  for (const { name, partitions } of response.topics)
    for (const { partitionIndex, ...outcome } of partitions)
      trimmed.set({ topic: name, partition: partitionIndex }, outcome)
}

/** Going on from an offset that is not there yet is one thing; deleting all that is there because of a typo another. */
function withinEnd(target: PartitionTarget): PartitionTarget {
  const isBeyond = target.errorCode === 0 && target.wanted > target.endOffset
  return isBeyond ? { ...target, errorCode: errorCodes.OFFSET_OUT_OF_RANGE } : target
}

function tell(results: Results, target: PartitionTarget, trimmed: Trimmed | undefined): void {
  const { topic, partition, startOffset: oldStartOffset, endOffset } = target
  const what = partitionName(target)
  const errorCode = target.errorCode === 0 ? (trimmed?.errorCode ?? 0) : target.errorCode
  if (errorCode === errorCodes.OFFSET_OUT_OF_RANGE) {
    const errorMessage = `it has no offset ${target.wanted}: it ends at ${endOffset}`
    results.refused({ topic, partition }, what, { errorCode, errorMessage })
    return
  }
  const isDryRun = trimmed === undefined
  const startOffset = trimmed?.lowWatermark ?? target.target
  const gone = `${countOf(startOffset - oldStartOffset, 'offset')} deleted`
  results.tell(
    { topic, partition },
    what,
    { errorCode },
    {
      json: { isDryRun, oldStartOffset, startOffset, endOffset },
      text: `${isDryRun ? 'would start' : 'starts'} at ${startOffset} (${gone}) and ${isDryRun ? 'end' : 'ends'} at ${endOffset}`,
    },
  )
}
