import { setMaxListeners } from 'node:events'
import { ClosedError } from '../../base/errors.ts'
import { WatchList } from '../../base/watch-list.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { OffsetLookup } from '../cluster/offset-lookup.ts'
import { type CommittedOffset, GroupOffsets, type OffsetToCommit } from '../group/group-offsets.ts'
import { resolveDeserializer } from '../serialization/serializer.ts'
import { Assignment } from './assignment.ts'
import { atMost } from './at-most.ts'
import { ConsumerInterceptorChain } from './consumer-interceptors.ts'
import type { ResolvedConsumerOptions } from './consumer-options.ts'
import { Delivery } from './delivery.ts'
import { Fetcher } from './fetcher.ts'
import { GroupSession } from './group-session.ts'
import { OffsetCommitter } from './offset-committer.ts'
import { PositionKeeper } from './position-keeper.ts'
import { type ReadPartition, readingWith } from './reading.ts'

/**
 * The parts of a consumer, and what drives them: whenever anything has changed, {@link drive} lets each do what it can do now.
 * Positions are found, then partitions are fetched, then what was fetched is offered to whoever takes it.
 */
export class ConsumerEngine<K, V> {
  readonly assignment = new Assignment<K, V>()
  readonly delivery: Delivery<K, V>
  readonly lookup: OffsetLookup
  readonly fetcher: Fetcher<K, V>
  readonly committer: OffsetCommitter<K, V>
  readonly #client: ClusterClient
  readonly #options: ResolvedConsumerOptions<K, V>
  readonly #keeper: PositionKeeper<K, V>
  readonly #offsets: GroupOffsets | undefined
  readonly #changes = new WatchList()
  readonly #ending = new AbortController()
  /** Names connections of this consumer's own: a Fetch that waits must make nothing else wait. */
  readonly #purposes: { readonly fetch: string; readonly ask: string }
  #session: GroupSession<K, V> | undefined
  #isStarted = false

  /** @throws TypeError for a deserializer that is none */
  constructor(client: ClusterClient, options: ResolvedConsumerOptions<K, V>) {
    this.#client = client
    this.#options = options
    const { groupId, autoOffsetReset, allowAutoCreateTopics, autoCommit, autoCommitIntervalMs } = options
    const ask = `consumer-${client.env.random.bytes(4).toString('hex')}`
    this.#purposes = { ask, fetch: `${ask}-fetch` }
    const interceptors = new ConsumerInterceptorChain(options.interceptors ?? [])
    const { assignment } = this
    // Every request under way listens: their number is no sign of a leak.
    setMaxListeners(0, this.#ending.signal)
    const onChange = (): void => this.drive()
    const shared = { client, assignment, signal: this.#ending.signal, onChange }
    const isolationLevel = options.isolationLevel === 'read_committed' ? 1 : 0
    this.#offsets = groupId === undefined ? undefined : new GroupOffsets(client, groupId)
    this.delivery = new Delivery<K, V>({
      ...{ assignment, maxPollRecords: options.maxPollRecords },
      intercept: (records) => interceptors.onConsume(records),
      onDrained: () => this.resupply(),
    })
    this.lookup = new OffsetLookup(client, { isolationLevel, purpose: ask })
    this.#keeper = new PositionKeeper<K, V>({
      ...{ ...shared, lookup: this.lookup, purpose: ask, autoOffsetReset, allowAutoCreateTopics },
      fetchCommitted: this.#offsets && ((partitions) => this.committed(partitions, this.#ending.signal)),
    })
    this.fetcher = new Fetcher<K, V>({
      ...{ ...shared, keeper: this.#keeper, purpose: this.#purposes.fetch },
      settings: { ...options, isolationLevel },
      readingOf: this.#reading(),
      onFatal: (error) => this.delivery.fail(error),
    })
    this.committer = new OffsetCommitter<K, V>({
      ...{ assignment, delivery: this.delivery, timers: client.timers },
      commit: (offsets) => this.#commit(offsets),
      onCommit: (offsets) => interceptors.onCommit(offsets),
      autoCommitIntervalMs: autoCommit && groupId !== undefined ? autoCommitIntervalMs : undefined,
    })
  }

  /** The group's part, while topics are subscribed to. */
  get session(): GroupSession<K, V> | undefined {
    return this.#session
  }

  /** What the group has committed. @throws TypeError without a group, and as {@link GroupOffsets.fetch} does */
  async committed(
    partitions: readonly TopicPartition[],
    signal: AbortSignal | undefined,
  ): Promise<CommittedOffset[]> {
    return await this.groupOffsets().fetch(partitions, { requireStable: true, signal })
  }

  /** @throws TypeError without a group */
  groupOffsets(): GroupOffsets {
    if (this.#offsets === undefined) throw noGroup()
    return this.#offsets
  }

  /** Wants these topics, and joins the group once somebody takes records. @throws TypeError without a group */
  subscribe(topics: readonly string[] | RegExp): void {
    const known = this.#session
    const session = known ?? this.#makeSession()
    this.#session = session
    session.subscribe(topics)
    if (!this.#isStarted) return
    if (known === undefined) session.membership.start()
    else session.membership.requestRejoin('the subscription has changed')
  }

  /** Leaves the group, if it was joined, and drops all partitions. */
  async unsubscribe(): Promise<void> {
    const session = this.#session
    if (this.#isStarted) await session?.membership.stop()
    this.#session = undefined
    this.assignment.remove(this.assignment.toTopicPartitions())
    this.drive()
  }

  /** Somebody takes records. */
  start(): void {
    if (!this.#isStarted) {
      this.#isStarted = true
      this.#session?.membership.start()
      this.committer.start()
      this.#touchWhileWaiting()
    }
    this.drive()
  }

  /** Partitions have changed: does what can be done now. */
  drive(): void {
    if (this.#ending.signal.aborted) return
    this.#keeper.advance()
    if (this.delivery.isIterating) this.fetcher.advance()
    this.delivery.offer()
    this.#changes.wake()
  }

  /** Partitions can be fetched that could not before. */
  resupply(): void {
    this.fetcher.wake()
    this.drive()
  }

  /** Resolves when anything about the partitions has changed. */
  async change(): Promise<void> {
    await new Promise<void>((resolve) => {
      const forget = this.#changes.add(() => {
        forget()
        resolve()
      })
    })
  }

  /** Ends the loop, commits, leaves the group, and lets go of connections. What takes longer than `timeoutMs` is cut short. */
  async close(timeoutMs: number): Promise<void> {
    this.delivery.close()
    this.committer.stop()
    const isMember = this.#isStarted && this.#session !== undefined
    const leaving = isMember ? this.#leaveGroup(timeoutMs / 2) : this.committer.commitDone()
    try {
      await atMost(leaving, timeoutMs, this.#client.timers)
    } finally {
      this.#ending.abort(new ClosedError('the consumer is closed'))
      for (const purpose of Object.values(this.#purposes)) this.#client.release(purpose)
      this.#changes.wake()
    }
  }

  /**
   * While the group rebalances, nothing can be committed: what is done waits for the next generation, for that long at most, since
   * whoever has left cannot commit it any more.
   */
  async #leaveGroup(commitMs: number): Promise<void> {
    await atMost(this.committer.commitDone(), commitMs, this.#client.timers)
    await this.#session?.membership.stop()
  }

  /** As a member of the group, or from outside of it for partitions that were assigned by hand. */
  async #commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    const { signal } = this.#ending
    if (this.#session === undefined) await this.groupOffsets().commit(offsets, { signal })
    else await this.#session.membership.commit(offsets, { signal })
  }

  /** An application that waits for records is alive, however long there are none. */
  #touchWhileWaiting(): void {
    this.#client.timers.after(this.#options.maxPollIntervalMs / 2, () => {
      if (this.#ending.signal.aborted) return
      if (this.delivery.isWaiting) this.#session?.membership.pollTouched()
      this.#touchWhileWaiting()
    })
  }

  #makeSession(): GroupSession<K, V> {
    const { groupId, groupInstanceId, assignors, rackId, ...rest } = this.#options
    if (groupId === undefined) throw noGroup()
    const { onAssigned, onRevoked, onLost, sessionTimeoutMs, heartbeatIntervalMs, maxPollIntervalMs } = rest
    return new GroupSession<K, V>(
      {
        ...{ client: this.#client, assignment: this.assignment, delivery: this.delivery },
        ...{ committer: this.committer, listeners: { onAssigned, onRevoked, onLost }, maxPollIntervalMs },
        onChange: () => this.resupply(),
      },
      {
        ...{ groupId, sessionTimeoutMs, heartbeatIntervalMs, maxPollIntervalMs },
        ...(groupInstanceId === undefined ? {} : { groupInstanceId }),
        ...(assignors === undefined ? {} : { assignors }),
        ...(rackId === undefined ? {} : { rackId }),
      },
    )
  }

  #reading(): ReadPartition<K, V> {
    const { checkCrcs, maxDecompressedBytes } = this.#options
    return readingWith<K, V>({
      key: resolveDeserializer<K>(this.#options.key, 'key'),
      value: resolveDeserializer<V>(this.#options.value, 'value'),
      ...{ checkCrcs, maxDecompressedBytes },
      onUnreadable: (partition) => this.delivery.markUnreadable(partition),
    })
  }
}

function noGroup(): TypeError {
  return new TypeError('this consumer has no group: give it a groupId to share topics or to commit offsets')
}
