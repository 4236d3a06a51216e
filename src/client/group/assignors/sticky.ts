import type { TopicPartition } from '../../cluster/cluster-metadata.ts'
import {
  type Assignor,
  type AssignorCluster,
  compareText,
  type MemberAssignment,
  type MemberSubscription,
  partitionsOf,
  wantedTopics,
} from '../assignor.ts'
import { byTopic, flattened, partitionKey } from '../../cluster/topic-partitions.ts'
import { assignByTopics } from './assign-by-topics.ts'
import { assignEvenly } from './assign-evenly.ts'
import { type Claimant, previousOwners } from './previous-owners.ts'
import {
  decodeCooperativeUserData,
  decodeStickyUserData,
  encodeCooperativeUserData,
  encodeStickyUserData,
} from './sticky-user-data.ts'

/**
 * Kafka's `sticky` (KIP-54): as even as can be, and then as few partitions as possible change hands. Under the eager
 * protocol, members give up everything before they join, so each says in its user data what it had.
 */
export function stickyAssignor(): Assignor {
  let had: { readonly partitions: readonly TopicPartition[]; readonly generation: number } | undefined
  return {
    name: 'sticky',
    assign(cluster, subscriptions) {
      const claimants = subscriptions.map((subscription) => {
        const told = decodeStickyUserData(subscription.userData)
        const claims = flattened(told?.previousAssignment ?? [])
        return claimant(subscription, claims, told?.generation ?? -1)
      })
      return asAssignments(assignStickily(cluster, claimants))
    },
    userData() {
      if (had === undefined) return null
      return encodeStickyUserData({ previousAssignment: byTopic(had.partitions), generation: had.generation })
    },
    onAssignment({ partitions }, generation) {
      had = { partitions, generation }
    },
  }
}

/**
 * Kafka's `cooperative-sticky` (KIP-429): assigns as `sticky` does, but what changes hands is given to nobody until its
 * owner has let go of it and joined again.
 */
export function cooperativeStickyAssignor(): Assignor {
  let generation = -1
  return {
    name: 'cooperative-sticky',
    protocol: 'cooperative',
    assign(cluster, subscriptions) {
      const claimants = subscriptions.map((subscription) => {
        const { generationId, userData, ownedPartitions } = subscription
        // Before version 2 of the subscription, only the user data had the generation.
        const told = generationId >= 0 ? generationId : decodeCooperativeUserData(userData)
        return claimant(subscription, ownedPartitions, told)
      })
      return asAssignments(withoutTransfers(assignStickily(cluster, claimants), claimants))
    },
    userData: () => encodeCooperativeUserData(generation),
    onAssignment(_assignment, generationId) {
      generation = generationId
    },
  }
}

function claimant(
  { memberId, topics }: MemberSubscription,
  claims: readonly TopicPartition[],
  generationId: number,
): Claimant {
  return { memberId, topics: new Set(topics), claims, generationId }
}

function assignStickily(
  cluster: AssignorCluster,
  claimants: readonly Claimant[],
): Map<string, TopicPartition[]> {
  if (claimants.length === 0) return new Map()
  const owned = previousOwners(cluster, claimants)
  const topics = wantedTopics(
    cluster,
    claimants.map((each) => ({ topics: [...each.topics] })),
  )
  const takers = new Map(
    topics.map((topic) => [
      topic,
      claimants
        .filter((each) => each.topics.has(topic))
        .map(({ memberId }) => memberId)
        .toSorted(compareText),
    ]),
  )
  const takersOf = (topic: string): readonly string[] => takers.get(topic) ?? []
  if (topics.every((topic) => takersOf(topic).length === claimants.length))
    return assignEvenly(
      owned,
      topics.flatMap((topic) => partitionsOf(topic, cluster)),
    )
  return assignByTopics({ topics, takersOf, owned, partitionsOf: (topic) => partitionsOf(topic, cluster) })
}

/** Leaves out what another member still has, and what two claim with equal right. */
function withoutTransfers(
  lists: ReadonlyMap<string, readonly TopicPartition[]>,
  claimants: readonly Claimant[],
): Map<string, TopicPartition[]> {
  const claims = new Map<string, Claimant[]>()
  for (const each of claimants)
    for (const partition of each.claims) {
      const key = partitionKey(partition)
      claims.set(key, [...(claims.get(key) ?? []), each])
    }
  const isFree = (memberId: string, partition: TopicPartition): boolean => {
    const rivals = claims.get(partitionKey(partition)) ?? []
    const own = rivals.find((each) => each.memberId === memberId)?.generationId ?? Number.NEGATIVE_INFINITY
    return rivals.every((each) => each.memberId === memberId || each.generationId < own)
  }
  return new Map(
    [...lists].map(([memberId, partitions]) => [
      memberId,
      partitions.filter((each) => isFree(memberId, each)),
    ]),
  )
}

function asAssignments(lists: ReadonlyMap<string, readonly TopicPartition[]>): Map<string, MemberAssignment> {
  return new Map([...lists].map(([memberId, partitions]) => [memberId, { partitions }]))
}
