import type { TopicPartition } from '../../../../src/client/cluster/cluster-metadata.ts'
import type { AssignorCluster, MemberSubscription } from '../../../../src/client/group/assignor.ts'
import { partitionKey } from '../../../../src/client/cluster/topic-partitions.ts'

type Lists = ReadonlyMap<string, readonly TopicPartition[]>

/** How uneven an assignment is: the sum of the squares of what each member has. */
export function unevenness(assigned: Lists): number {
  return [...assigned.values()].reduce((sum, { length }) => sum + length ** 2, 0)
}

/** How many partitions are where they were. */
export function keptCount(assigned: Lists, owned: Lists): number {
  return [...assigned].reduce((count, [memberId, partitions]) => {
    const keys = new Set((owned.get(memberId) ?? []).map(partitionKey))
    return count + partitions.filter((each) => keys.has(partitionKey(each))).length
  }, 0)
}

/** What is wrong with an assignment: partitions given twice, or to who does not want them, or, unless some may be held back, to nobody. */
export function flaws(
  assigned: Lists,
  subscriptions: readonly MemberSubscription[],
  { partitionCounts }: AssignorCluster,
  mayHoldBack = false,
): string[] {
  const found: string[] = []
  const given = new Map<string, string>()
  const wants = new Map(subscriptions.map(({ memberId, topics }) => [memberId, new Set(topics)]))
  for (const [memberId, partitions] of assigned)
    for (const each of partitions) {
      const key = partitionKey(each)
      if (given.has(key)) found.push(`${key} goes to ${given.get(key)} and ${memberId}`)
      given.set(key, memberId)
      if (wants.get(memberId)?.has(each.topic) !== true) found.push(`${memberId} does not want ${key}`)
      if (each.partition >= (partitionCounts.get(each.topic) ?? 0)) found.push(`there is no ${key}`)
    }
  const wanted = new Set(subscriptions.flatMap(({ topics }) => topics))
  for (const [topic, count] of partitionCounts)
    for (let partition = 0; partition < count && wanted.has(topic) && !mayHoldBack; partition++)
      if (!given.has(partitionKey({ topic, partition }))) found.push(`nobody gets ${topic} ${partition}`)
  return found
}
