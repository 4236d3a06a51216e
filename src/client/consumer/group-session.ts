import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { GroupMembership } from '../group/group-membership.ts'
import type { MembershipHost } from '../group/membership-host.ts'
import type { GroupMembershipOptions } from '../group/membership-options.ts'
import type { AssignedPartition } from './assigned-partition.ts'
import type { Assignment } from './assignment.ts'
import { atMost } from './at-most.ts'
import type { RebalanceListener } from './consumer-options.ts'
import type { Delivery } from './delivery.ts'
import type { OffsetCommitter } from './offset-committer.ts'

/** What the application wants to hear of. */
export interface RebalanceListeners {
  readonly onAssigned?: RebalanceListener | undefined
  readonly onRevoked?: RebalanceListener | undefined
  readonly onLost?: RebalanceListener | undefined
}

/** What a {@link GroupSession} works with. */
export interface GroupSessionOptions<K, V> {
  readonly client: ClusterClient
  readonly assignment: Assignment<K, V>
  readonly delivery: Delivery<K, V>
  readonly committer: OffsetCommitter<K, V>
  readonly listeners: RebalanceListeners
  /** How long a rebalance waits for the record in hand. */
  readonly maxPollIntervalMs: number
  /** Called when partitions have come or gone. */
  readonly onChange: () => void
}

/**
 * What a consumer does when its group moves partitions. Those that go are given up in order: nothing more is handed out, the record
 * in hand is waited for, what is done is committed, the application is told; only then others may have them.
 */
export class GroupSession<K, V> implements MembershipHost {
  readonly membership: GroupMembership
  readonly #options: GroupSessionOptions<K, V>
  #topics: readonly string[] | RegExp = []

  /** @throws TypeError, RangeError for options of the group that are none */
  constructor(options: GroupSessionOptions<K, V>, group: GroupMembershipOptions) {
    this.#options = options
    this.membership = new GroupMembership({ client: options.client, host: this, options: group })
  }

  /** Wants other topics from the next generation on. */
  subscribe(topics: readonly string[] | RegExp): void {
    this.#topics = topics
  }

  async subscription(): Promise<readonly string[]> {
    if (!(this.#topics instanceof RegExp)) return this.#topics
    const matching = await this.#options.client.topics.match(this.#topics)
    return matching.map(({ name }) => name)
  }

  owned(): readonly TopicPartition[] {
    return this.#options.assignment.toTopicPartitions()
  }

  async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    const { assignment, committer, delivery, listeners, client } = this.#options
    const going = this.#hold(assignment.among(partitions))
    await atMost(delivery.whenDone(going), this.#options.maxPollIntervalMs, client.timers)
    await committer.commitDone(going)
    await this.#tell(listeners.onRevoked, partitions)
    this.#remove(partitions)
  }

  async lost(partitions: readonly TopicPartition[]): Promise<void> {
    const { assignment, listeners } = this.#options
    this.#hold(assignment.among(partitions))
    await this.#tell(listeners.onLost ?? listeners.onRevoked, partitions)
    this.#remove(partitions)
  }

  async assigned(partitions: readonly TopicPartition[]): Promise<void> {
    const { assignment, listeners, onChange } = this.#options
    // The application may seek before anything is fetched.
    const coming = this.#hold(assignment.add(partitions))
    await this.#tell(listeners.onAssigned, partitions)
    for (const partition of coming) partition.isHeld = false
    onChange()
  }

  failed(error: Error): void {
    this.#options.delivery.fail(error)
  }

  #hold(partitions: AssignedPartition<K, V>[]): AssignedPartition<K, V>[] {
    for (const partition of partitions) partition.isHeld = true
    return partitions
  }

  #remove(partitions: readonly TopicPartition[]): void {
    this.#options.assignment.remove(partitions)
    this.#options.onChange()
  }

  /** What a listener throws is told where the application waits for records: the group goes on all the same. */
  async #tell(listener: RebalanceListener | undefined, partitions: readonly TopicPartition[]): Promise<void> {
    try {
      await listener?.(partitions)
    } catch (error) {
      this.#options.delivery.raise(error)
    }
  }
}
