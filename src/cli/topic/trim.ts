import type { Command } from 'commander'
import type { Admin } from '../../client/admin/admin.ts'
import { AdminError } from '../../client/admin/admin-error.ts'
import { findTargets, type FoundTarget } from '../../client/admin/offset-targets.ts'
import { partitionName, PartitionMap } from '../../client/admin/partition-map.ts'
import type { DeletedRecords } from '../../client/admin/records.ts'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import {
  addTargetOptions,
  offsetTarget,
  requireOneTarget,
  type TargetOptions,
} from '../cluster/offset-target.ts'
import { Results } from '../cluster/results.ts'
import { parseTopicSelection, selectedPartitions } from '../cluster/topic-selection.ts'
import { addClusterOptions, type ClusterOptions, oneByOne, withAdmin } from '../cluster/with-cluster.ts'
import { countOf } from '../output/units.ts'
import type { Session } from '../session.ts'

interface TrimOptions extends ClusterOptions, TargetOptions {
  readonly dryRun?: boolean
}

/** `tidemark topic trim NAME[:PARTITION]...` */
export function define(command: Command, session: Session): void {
  command.argument('<name...>', 'topics, or single partitions of them: orders:0,2')
  addTargetOptions(command).option('--dry-run', 'only say what would be deleted')
  addClusterOptions(command)
    .addHelpText('after', help)
    .action((names: string[], options: TrimOptions) => {
      requireOneTarget(options)
      return withAdmin(session, options, (...cluster) => trim(session, cluster, names, options))
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
  [admin, client]: readonly [Admin, ClusterClient],
  names: readonly string[],
  options: TrimOptions,
): Promise<void> {
  const { signal, env } = session
  const results = new Results(session, options)
  const topics = await admin.listTopics({ internal: true, signal })
  const partitions = selectedPartitions(results, topics, names.map(parseTopicSelection))
  const to = offsetTarget(options, env.clock.nowMs())
  const found = await findTargets(
    client,
    partitions.map((each) => ({ ...each, to })),
    { signal },
  )
  const targets = found.map(withinEnd)
  const asked = targets
    .filter(({ error }) => error === undefined)
    .map(({ topic, partition, offset }) => ({ topic, partition, beforeOffset: offset }))
  const trimmed = new PartitionMap<DeletedRecords>()
  if (options.dryRun !== true)
    for (const each of await admin.deleteRecords(asked, oneByOne(session))) trimmed.set(each, each)
  for (const target of targets) tell(results, target, trimmed.get(target))
}

/** Going on from an offset that is not there yet is one thing; deleting all that is there because of a typo another. */
function withinEnd(target: FoundTarget): FoundTarget {
  const { wantedOffset, endOffset } = target
  if (target.error !== undefined || wantedOffset <= endOffset) return target
  const reason = `it has no offset ${wantedOffset}: it ends at ${endOffset}`
  return { ...target, error: new AdminError('OFFSET_OUT_OF_RANGE', partitionName(target), reason) }
}

function tell(results: Results, target: FoundTarget, trimmed: DeletedRecords | undefined): void {
  const { topic, partition, startOffset: oldStartOffset, endOffset } = target
  const isDryRun = trimmed === undefined
  const startOffset = trimmed?.lowWatermark ?? target.offset
  const gone = `${countOf(startOffset - oldStartOffset, 'offset')} deleted`
  const [starts, ends] = isDryRun ? ['would start', 'end'] : ['starts', 'ends']
  results.tell({ topic, partition }, partitionName(target), target.error ?? trimmed?.error, {
    json: { isDryRun, oldStartOffset, startOffset, endOffset },
    text: `${starts} at ${startOffset} (${gone}) and ${ends} at ${endOffset}`,
  })
}
