import { assert } from '../../base/assert.ts'
import type { JoinGroupResponse } from '../../wire/messages/11-join-group.ts'
import type { SyncGroupResponse } from '../../wire/messages/14-sync-group.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { assignAsLeader } from './assign-as-leader.ts'
import type { CoordinatorCalls } from './coordinator-calls.ts'
import type { MemberIdentity } from './member-cycle.ts'
import type { EncodedAssignment } from './member-effects.ts'
import type { MembershipHost } from './membership-host.ts'
import type { MembershipSettings } from './membership-options.ts'
import { decodeAssignment, decodeSubscription, encodeSubscription } from './subscription-codec.ts'
import { type PartitionCounts, partitionCounts, type WatchedTopics } from './topic-watch.ts'

/** What a round needs. */
export interface JoinRoundParts {
  readonly client: ClusterClient
  readonly host: Pick<MembershipHost, 'subscription' | 'owned'>
  readonly calls: CoordinatorCalls
  readonly settings: MembershipSettings
  readonly signal: AbortSignal
}

/** From joining to being assigned: what is said and heard in each round, one after the other. */
export class JoinRound {
  readonly #parts: JoinRoundParts
  #watched: WatchedTopics = { subscription: [] }
  #protocolName: string | null = null

  constructor(parts: JoinRoundParts) {
    this.#parts = parts
  }

  /** What the last round was made from. */
  get watched(): WatchedTopics {
    return this.#watched
  }

  /** Introduces the member. Resolves when all others have joined too. */
  async join({ memberId, generationId }: MemberIdentity, reason: string): Promise<JoinGroupResponse> {
    const { host, calls, settings } = this.#parts
    const topics = [...(await host.subscription())].toSorted()
    this.#watched = { subscription: topics }
    const said = { topics, generationId, rackId: settings.rackId, ownedPartitions: host.owned() }
    const protocols = settings.assignors.map((assignor) => ({
      name: assignor.name,
      metadata: encodeSubscription({ ...said, userData: assignor.userData?.(topics) ?? null }),
    }))
    const response = await calls.join({ memberId, protocols, reason })
    this.#protocolName = response.protocolName
    return response
  }

  /** As the leader: who gets what. */
  async assign({ members, protocolName, skipAssignment }: JoinGroupResponse): Promise<EncodedAssignment[]> {
    const { client, settings, signal } = this.#parts
    const subscriptions = members.map(decodeSubscription)
    const topics = [...new Set(subscriptions.flatMap((each) => each.topics))]
    const counts = skipAssignment
      ? await this.#assignedCounts()
      : await partitionCounts(client, topics, signal)
    this.#watched = { ...this.#watched, group: { topics, counts } }
    if (skipAssignment) return []
    const assignor = settings.assignors.find(({ name }) => name === protocolName)
    assert(assignor !== undefined, 'a group agrees on a protocol that all of its members have')
    return assignAsLeader(assignor, { partitionCounts: counts }, subscriptions)
  }

  /**
   * A static leader that has come back finds the group as it was (KIP-814), and does not know what that was made from: topics may
   * have grown while it was away. What its members have tells.
   */
  async #assignedCounts(): Promise<PartitionCounts> {
    const counts = new Map<string, number>()
    for (const assignment of await this.#parts.calls.currentAssignments())
      for (const { topic } of decodeAssignment(assignment).partitions)
        counts.set(topic, (counts.get(topic) ?? 0) + 1)
    return counts
  }

  /** Fetches the member's assignment; the leader brings those of all. */
  async sync(
    identity: MemberIdentity,
    assignments: readonly EncodedAssignment[],
  ): Promise<SyncGroupResponse> {
    return await this.#parts.calls.sync(identity, this.#protocolName, assignments)
  }

  /** The partitions of an assignment, which the assignor is told of. */
  take(assignment: Buffer, generationId: number): readonly TopicPartition[] {
    const taken = decodeAssignment(assignment)
    const assignor = this.#parts.settings.assignors.find(({ name }) => name === this.#protocolName)
    assignor?.onAssignment?.(taken, generationId)
    return taken.partitions
  }
}
