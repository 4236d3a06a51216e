import type { TopicPartition } from '../../cluster/cluster-metadata.ts'
import type { AssignorCluster } from '../assignor.ts'
import { partitionKey } from '../../cluster/topic-partitions.ts'

/** A member of which a sticky assignor knows what it had. */
export interface Claimant {
  readonly memberId: string
  readonly topics: ReadonlySet<string>
  /** What it says to have had, in the generation that it says. */
  readonly claims: readonly TopicPartition[]
  /** -1 when it does not say. */
  readonly generationId: number
}

interface Claim {
  readonly claimant: Claimant
  readonly partition: TopicPartition
  readonly isContested: boolean
}

/**
 * Who had what, as far as it may be kept: partitions that exist, of topics that the member still wants. Of two that claim
 * the same partition, the one of the later generation had it last; when they are of the same, neither is believed.
 *
 * @returns for every member its partitions, by partition number and then topic
 */
export function previousOwners(
  cluster: AssignorCluster,
  claimants: readonly Claimant[],
): Map<string, TopicPartition[]> {
  const latest = new Map<string, Claim>()
  for (const claimant of claimants)
    for (const partition of claimant.claims) {
      const key = partitionKey(partition)
      const rival = latest.get(key)
      const lead = claimant.generationId - (rival?.claimant.generationId ?? Number.NEGATIVE_INFINITY)
      if (rival === undefined || lead > 0) latest.set(key, { claimant, partition, isContested: false })
      else if (lead === 0 && rival.claimant !== claimant) latest.set(key, { ...rival, isContested: true })
    }
  const owned = new Map<string, TopicPartition[]>(claimants.map(({ memberId }) => [memberId, []]))
  for (const { claimant, partition, isContested } of latest.values()) {
    const count = cluster.partitionCounts.get(partition.topic) ?? 0
    const isKept = !isContested && partition.partition < count && claimant.topics.has(partition.topic)
    if (isKept) owned.get(claimant.memberId)?.push(partition)
  }
  for (const partitions of owned.values())
    partitions.sort((a, b) => a.partition - b.partition || (a.topic < b.topic ? -1 : 1))
  return owned
}
