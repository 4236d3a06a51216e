import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { Assignor, AssignorCluster, MemberAssignment, MemberSubscription } from './assignor.ts'
import type { EncodedAssignment } from './member-effects.ts'
import { encodeAssignment } from './subscription-codec.ts'
import { partitionKey, without } from '../cluster/topic-partitions.ts'

/**
 * What a leader hands in: the decision of `assignor`, encoded for each member.
 *
 * @param subscriptions all members of the generation
 * @throws TypeError when a cooperative assignor gives a member what another still has
 */
export function assignAsLeader(
  assignor: Assignor,
  cluster: AssignorCluster,
  subscriptions: readonly MemberSubscription[],
): EncodedAssignment[] {
  const assignments = assignor.assign(cluster, subscriptions)
  if (assignor.protocol === 'cooperative') checkTransfers(assignor.name, assignments, subscriptions)
  return subscriptions.map(({ memberId }) => ({
    memberId,
    assignment: encodeAssignment(assignments.get(memberId) ?? { partitions: [] }),
  }))
}

function checkTransfers(
  name: string,
  assignments: ReadonlyMap<string, MemberAssignment>,
  subscriptions: readonly MemberSubscription[],
): void {
  for (const { memberId, ownedPartitions } of subscriptions)
    for (const [otherId, { partitions }] of assignments) {
      if (otherId === memberId) continue
      const others = subscriptions.find((each) => each.memberId === otherId)?.ownedPartitions ?? []
      const taken = firstShared(ownedPartitions, without(partitions, others))
      if (taken !== undefined)
        throw new TypeError(
          `assignor '${name}' gives ${taken.topic}-${taken.partition} to ${otherId} while ${memberId} still has it: ` +
            'a cooperative assignor leaves it out until its owner has joined again without it',
        )
    }
}

function firstShared(
  these: readonly TopicPartition[],
  others: readonly TopicPartition[],
): TopicPartition | undefined {
  const keys = new Set(others.map(partitionKey))
  return these.find((each) => keys.has(partitionKey(each)))
}
