import type { TopicPartition } from '../cluster/cluster-metadata.ts'

/** What an assignor is told of the cluster. */
export interface AssignorCluster {
  /** The partitions that each topic has. Topics that members want but that do not exist are missing. */
  readonly partitionCounts: ReadonlyMap<string, number>
}

/** A member of the group, as it introduced itself when it joined. */
export interface MemberSubscription {
  readonly memberId: string
  /** Null for a dynamic member. */
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  /** What the member's assignor of the same name has to say. */
  readonly userData: Buffer | null
  /** What it still has from earlier generations. Empty under the eager protocol, where members give up everything first. */
  readonly ownedPartitions: readonly TopicPartition[]
  /** The last generation that it was part of; -1 when there is none, or it does not say. */
  readonly generationId: number
  readonly rackId: string | null
}

/** What a member gets. */
export interface MemberAssignment {
  readonly partitions: readonly TopicPartition[]
  /** Handed to the member's assignor with it. Default null. */
  readonly userData?: Buffer | null
}

/**
 * How a group goes from one generation to the next (KIP-429). `eager`: members give up all they have, then join.
 * `cooperative`: they keep it, and give up only what they are no longer assigned.
 */
export type RebalanceProtocol = 'eager' | 'cooperative'

/**
 * Decides who gets which partitions. Each member brings its own; the coordinator picks a name that all members know, and
 * the leader's assignor of this name assigns for all of them, whichever client they run.
 */
export interface Assignor {
  /** What members agree on. */
  readonly name: string
  /**
   * `cooperative` promises that {@link assign} never gives a partition to a member while another still has it. A group is
   * cooperative when all assignors of its members are. Default `eager`.
   */
  readonly protocol?: RebalanceProtocol
  /**
   * Called by the leader only. Members that the result does not name get nothing.
   *
   * @param subscriptions all members, in no order
   * @returns assignments by member id
   */
  assign(
    cluster: AssignorCluster,
    subscriptions: readonly MemberSubscription[],
  ): ReadonlyMap<string, MemberAssignment>
  /** What to tell the leader when joining. Default: nothing. */
  userData?(topics: readonly string[]): Buffer | null
  /** Called on every member with what it was assigned, before it is told so. */
  onAssignment?(assignment: MemberAssignment, generationId: number): void
}

/**
 * The order of members in Kafka's range and round-robin assignors: static members first, by their instance ids, so that
 * they keep their places when they come back under new member ids.
 */
export function compareMembers(a: MemberSubscription, b: MemberSubscription): number {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null)
    return compareText(a.groupInstanceId, b.groupInstanceId)
  if (a.groupInstanceId !== null) return -1
  if (b.groupInstanceId !== null) return 1
  return compareText(a.memberId, b.memberId)
}

/** By UTF-16 units, as Java compares strings. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The topics that exist and that somebody wants, in order. */
export function wantedTopics(
  { partitionCounts }: AssignorCluster,
  subscriptions: readonly { readonly topics: readonly string[] }[],
): string[] {
  const wanted = new Set(subscriptions.flatMap(({ topics }) => topics))
  return [...wanted].filter((topic) => partitionCounts.has(topic)).toSorted(compareText)
}

/** The partitions `[0, count)` of a topic. */
export function partitionsOf(topic: string, { partitionCounts }: AssignorCluster): TopicPartition[] {
  return Array.from({ length: partitionCounts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition }))
}

/** Lists to be filled, one per member, and what they make in the end. */
export class AssignmentLists {
  readonly #lists: ReadonlyMap<string, TopicPartition[]>

  constructor(members: Iterable<{ readonly memberId: string }>) {
    this.#lists = new Map([...members].map(({ memberId }) => [memberId, []]))
  }

  give(memberId: string, ...partitions: readonly TopicPartition[]): void {
    this.#lists.get(memberId)?.push(...partitions)
  }

  toAssignments(): Map<string, MemberAssignment> {
    return new Map([...this.#lists].map(([memberId, partitions]) => [memberId, { partitions }]))
  }
}
