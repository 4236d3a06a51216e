import { ClosedError } from '../../base/errors.ts'
import { WatchList } from '../../base/watch-list.ts'
import type { Timer } from '../../env/timers.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import { backoffMs, chanceFrom } from '../cluster/backoff.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { orAborted } from '../cluster/retry.ts'
import { CoordinatorCalls } from './coordinator-calls.ts'
import {
  type CommittedOffset,
  type CommitOptions,
  type FetchOffsetsOptions,
  GroupOffsets,
  type OffsetToCommit,
} from './group-offsets.ts'
import { HostTellings } from './host-tellings.ts'
import { JoinRound } from './join-round.ts'
import { MemberCycle } from './member-cycle.ts'
import type { MemberEffect, MemberTimer } from './member-effects.ts'
import type { MembershipHost } from './membership-host.ts'
import {
  type GroupMembershipOptions,
  type MembershipSettings,
  resolveMembership,
} from './membership-options.ts'
import { PollDeadline } from './poll-deadline.ts'
import { type RebalanceEvent, rebalanceChannel } from './rebalance-channel.ts'
import { without } from '../cluster/topic-partitions.ts'
import { TopicWatch } from './topic-watch.ts'

/** What a {@link GroupMembership} is made of. */
export interface GroupMembershipParts {
  readonly client: ClusterClient
  readonly host: MembershipHost
  readonly options: GroupMembershipOptions
}

/** Who a consumer is in its group. */
export interface GroupGeneration {
  readonly groupId: string
  /** Empty while the coordinator has given none. */
  readonly memberId: string
  /** -1 while it is in none. */
  readonly generationId: number
  readonly groupInstanceId: string | null
}

/**
 * Membership in a consumer group, by Kafka's classic protocol: joins, joins again whenever the group rebalances, says that it
 * is alive, and tells its host which partitions come and go. What to do when is decided by {@link MemberCycle}; here it is done.
 */
export class GroupMembership {
  readonly #client: ClusterClient
  readonly #host: MembershipHost
  readonly #settings: MembershipSettings
  readonly #cycle: MemberCycle
  readonly #offsets: GroupOffsets
  readonly #calls: CoordinatorCalls
  readonly #round: JoinRound
  readonly #tellings: HostTellings
  readonly #watch: TopicWatch
  readonly #poll: PollDeadline
  readonly #timers = new Map<MemberTimer, Timer>()
  /** Woken by each event. */
  readonly #changes = new WatchList()
  readonly #ending = new AbortController()
  #leaving: Promise<void> = Promise.resolve()

  /** @throws TypeError, RangeError for options that are none */
  constructor({ client, host, options }: GroupMembershipParts) {
    const settings = resolveMembership(options)
    const { groupId, groupInstanceId, heartbeatIntervalMs, protocol } = settings
    const { signal } = this.#ending
    this.#client = client
    this.#host = host
    this.#settings = settings
    this.#cycle = new MemberCycle({ isStatic: groupInstanceId !== null, heartbeatIntervalMs })
    this.#offsets = new GroupOffsets(client, groupId)
    this.#calls = new CoordinatorCalls(client, settings, signal)
    this.#round = new JoinRound({ client, host, calls: this.#calls, settings, signal })
    this.#tellings = new HostTellings(host, protocol, (kind, partitions) => this.#report(kind, partitions))
    this.#watch = new TopicWatch({
      client,
      signal,
      subscription: () => host.subscription(),
      onChange: (reason) => this.requestRejoin(reason),
    })
    this.#poll = new PollDeadline({
      ...{ clock: client.env.clock, timers: client.timers, intervalMs: settings.maxPollIntervalMs },
      isWaiting: () => host.isWaiting?.() ?? false,
      onOverdue: () => this.#carryOut(this.#cycle.pollOverdue()),
    })
  }

  /** Who the consumer is at this moment. */
  get generation(): GroupGeneration {
    const { groupId, groupInstanceId } = this.#settings
    return { groupId, groupInstanceId, ...this.#cycle.identity }
  }

  /** Begins to join. From now on the application has `maxPollIntervalMs` to come back, again and again. */
  start(): void {
    this.#poll.start()
    this.#carryOut(this.#cycle.start())
  }

  /**
   * Gives up all partitions, which tells the host, and leaves the group, so that the others need not wait for the session to
   * end. Resolves when that is done, or could not be. Idempotent. Not to be awaited in a method of the host, for which it waits.
   *
   * @param leave default: a dynamic member leaves; a static one stays, and has its partitions back if it returns in time
   */
  async stop({ leave = this.#settings.groupInstanceId === null }: { leave?: boolean } = {}): Promise<void> {
    this.#carryOut(this.#cycle.stop(leave))
    await this.#until(() => this.#cycle.state === 'ended')
    await this.#leaving
  }

  /** The application has come back for more. Cheap: to be called as often as it does. */
  pollTouched(): void {
    this.#poll.touch()
    if (this.#cycle.state !== 'away') return
    this.#poll.start()
    this.#carryOut(this.#cycle.pollTouched())
  }

  /** Joins again, as when the subscription has changed. Does nothing before {@link start}. */
  requestRejoin(reason: string): void {
    this.#carryOut(this.#cycle.requestRejoin(reason))
  }

  /**
   * Commits as a member. While the next generation is on its way, this waits for it, and goes on if the partitions are still
   * here.
   *
   * @throws KafkaError REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION or UNKNOWN_MEMBER_ID when the partitions are, or may be, with
   *   others; FENCED_INSTANCE_ID when another has this member's instance id; and what {@link GroupOffsets.commit} throws
   */
  async commit(
    offsets: readonly OffsetToCommit[],
    { signal }: Pick<CommitOptions, 'signal'> = {},
  ): Promise<void> {
    if (offsets.length === 0) return
    if (this.#cycle.isRebalancing) await this.#awaitGeneration(offsets, signal)
    const { identity } = this.#cycle
    if (!this.#cycle.isInGeneration)
      throw new KafkaError(
        'UNKNOWN_MEMBER_ID',
        `this consumer is not in group '${this.#settings.groupId}' at this moment`,
      )
    try {
      await this.#offsets.commit(offsets, { as: this.generation, signal })
    } catch (error) {
      if (error instanceof KafkaError) this.#carryOut(this.#cycle.commitRefused(identity, error))
      throw error
    }
  }

  /** Where the group goes on in `partitions`, in their order. @throws what {@link GroupOffsets.fetch} throws */
  async fetchOffsets(
    partitions: readonly TopicPartition[],
    options: FetchOffsetsOptions = {},
  ): Promise<CommittedOffset[]> {
    return await this.#offsets.fetch(partitions, options)
  }

  /**
   * A generation is on its way: waits for it, for as long as an API may take. What is still here when it has come was here all the
   * time, unless something was lost.
   */
  async #awaitGeneration(
    partitions: readonly TopicPartition[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { lossCount } = this.#tellings
    const areHere = (): boolean => without(partitions, this.#host.owned()).length === 0
    if (areHere()) await orAborted(this.#untilRebalanced(), signal)
    const rebalanced = `group '${this.#settings.groupId}'`
    if (this.#cycle.isRebalancing && areHere())
      throw new KafkaError('REBALANCE_IN_PROGRESS', `${rebalanced} is rebalancing: commit again once it has`)
    if (!areHere() || this.#tellings.lossCount !== lossCount)
      throw new KafkaError(
        'ILLEGAL_GENERATION',
        `${rebalanced} rebalances, and the partitions of this commit are, or were, with others`,
      )
  }

  async #untilRebalanced(): Promise<void> {
    const { timers, limits } = this.#client
    let isOver = false
    const deadline = timers.after(limits.apiTimeoutMs, () => {
      isOver = true
      this.#changes.wake()
    })
    await this.#until(() => isOver || !this.#cycle.isRebalancing)
    deadline.cancel()
  }

  // What the cycle wants done.

  #carryOut(effects: readonly MemberEffect[]): void {
    for (const effect of effects) this.#do(effect)
    if (effects.length > 0) this.#changes.wake()
  }

  #do(effect: MemberEffect): void {
    switch (effect.kind) {
      case 'release':
        return this.#attempt(effect.step, async () => {
          this.#watch.stop()
          await this.#tellings.release(effect.release)
          return this.#cycle.released(effect.step)
        })
      case 'join':
        this.#report('join', [], effect.reason)
        return this.#attempt(effect.step, async () =>
          this.#cycle.joined(effect.step, await this.#round.join(this.#cycle.identity, effect.reason)),
        )
      case 'assign':
        return this.#attempt(effect.step, async () =>
          this.#cycle.assigned(effect.step, await this.#round.assign(effect.response)),
        )
      case 'sync':
        return this.#attempt(effect.step, async () =>
          this.#cycle.synced(effect.step, await this.#round.sync(this.#cycle.identity, effect.assignments)),
        )
      case 'adopt':
        return this.#attempt(effect.step, () => this.#adopt(effect))
      case 'heartbeat':
        return void this.#heartbeat()
      case 'leave':
        this.#leaving = this.#calls.leave(effect.memberId, effect.reason)
        return
      case 'doubt-coordinator':
        return this.#client.doubt({ group: this.#settings.groupId })
      case 'set-timer':
        return this.#setTimer(effect.timer, effect.delayMs)
      case 'pause':
        return this.#setTimer('pause', this.#pauseMs(effect.failureCount))
      case 'cancel-timer':
        return this.#timers.get(effect.timer)?.cancel()
      case 'fail':
        this.#report('failed', [], effect.error.message)
        return this.#host.failed(effect.error)
      case 'end':
        return void this.#leaving.then(() => this.#release())
    }
  }

  /** Does what a step takes. What cannot be done is for the cycle to judge. */
  #attempt(step: number, action: () => Promise<MemberEffect[]>): void {
    void action()
      .catch((error: unknown) =>
        this.#cycle.failed(step, error instanceof Error ? error : new Error(String(error))),
      )
      .then((effects) => this.#carryOut(effects))
  }

  async #adopt({ step, assignment }: { step: number; assignment: Buffer }): Promise<MemberEffect[]> {
    const isCurrent = (): boolean => this.#cycle.isCurrent(step)
    const partitions = this.#round.take(assignment, this.#cycle.identity.generationId)
    const taken = await this.#tellings.adopt(partitions, isCurrent)
    if (isCurrent()) this.#watch.watch(this.#round.watched)
    return this.#cycle.adopted(step, taken.length > 0)
  }

  async #heartbeat(): Promise<void> {
    const { identity } = this.#cycle
    const effects = await this.#calls.heartbeat(identity).then(
      (errorCode) => this.#cycle.heartbeatAnswered(identity, errorCode),
      () => this.#cycle.heartbeatLost(identity),
    )
    this.#carryOut(effects)
  }

  #setTimer(timer: MemberTimer, delayMs: number): void {
    this.#timers.get(timer)?.cancel()
    const fire = (): void =>
      this.#carryOut(timer === 'heartbeat' ? this.#cycle.heartbeatDue() : this.#cycle.pauseOver())
    this.#timers.set(timer, this.#client.timers.after(delayMs, fire))
  }

  #pauseMs(failureCount: number): number {
    const { limits, env } = this.#client
    const { retryBackoffMs: firstMs, retryBackoffMaxMs: maxMs } = limits
    return backoffMs(failureCount, { firstMs, maxMs }, chanceFrom(env.random))
  }

  /** Lets go of everything once the member has ended. */
  #release(): void {
    this.#poll.stop()
    this.#watch.stop()
    this.#ending.abort(new ClosedError('the consumer has left its group'))
    this.#calls.close()
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return
        forget()
        resolve()
      }
      const forget = this.#changes.add(look)
      look()
    })
  }

  #report(kind: RebalanceEvent['kind'], partitions: readonly TopicPartition[], reason?: string): void {
    if (!rebalanceChannel.hasSubscribers) return
    const { groupId, memberId, generationId } = this.generation
    const event = { groupId, memberId, generationId, kind, partitions }
    rebalanceChannel.publish(reason === undefined ? event : { ...event, reason })
  }
}
