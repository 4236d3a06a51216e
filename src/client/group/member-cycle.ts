import { TidemarkError } from '../../base/errors.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import type { JoinGroupResponse } from '../../wire/messages/11-join-group.ts'
import type { SyncGroupResponse } from '../../wire/messages/14-sync-group.ts'
import { responseError } from '../cluster/response-error.ts'
import { type EncodedAssignment, type MemberEffect, type Release, verdictOn } from './member-effects.ts'

/**
 * Where a member is on its way. `idle`: not started. `releasing`: it gives up what it must before it may join. `joining`: it waits
 * for the next generation. `assigning`: it leads, and works out who gets what. `syncing`: it waits for its assignment.
 * `adopting`: it takes the assignment up. `stable`: it works. `away`: it has left because the application does not come back.
 * `leaving`: it gives up everything for good. `failed`, `ended`: nothing more will happen.
 */
export type MemberState =
  | 'idle'
  | 'releasing'
  | 'joining'
  | 'assigning'
  | 'syncing'
  | 'adopting'
  | 'stable'
  | 'away'
  | 'leaving'
  | 'failed'
  | 'ended'

/** Who a member is to its coordinator. */
export interface MemberIdentity {
  /** Empty until the coordinator has given one. */
  readonly memberId: string
  /** -1 while it is in none. */
  readonly generationId: number
}

/** What a cycle has to know beforehand. */
export interface MemberTraits {
  /** Comes with an instance id (KIP-345): it need not be there all the time. */
  readonly isStatic: boolean
  readonly heartbeatIntervalMs: number
}

const noGeneration = -1
const nobody: MemberIdentity = { memberId: '', generationId: noGeneration }
const consumerProtocolType = 'consumer'

/**
 * A member's way from generation to generation, as a pure machine: each method is an event, runs to its end at once, and
 * returns what is to be done.
 */
export class MemberCycle {
  readonly #traits: MemberTraits
  #state: MemberState = 'idle'
  #identity = nobody
  #step = 0
  #failureCount = 0
  /** Why it joins. */
  #reason = ''
  /** Set when the member is to join once more as soon as it can. */
  #rejoinReason: string | undefined
  #lastRelease: Release = 'lost'
  /** Set from the leaving on: whether the coordinator is to be told. */
  #tellsLeaving = false
  #effects: MemberEffect[] = []

  constructor(traits: MemberTraits) {
    this.#traits = traits
  }

  get state(): MemberState {
    return this.#state
  }

  get identity(): MemberIdentity {
    return this.#identity
  }

  /** Whether a generation holds that may be committed in: it has been taken up, and the next has not begun. */
  get isInGeneration(): boolean {
    return this.#isIn('stable', 'adopting', 'releasing', 'leaving') && this.#hasGeneration
  }

  /** Whether a generation is on its way, for which it is worth waiting. */
  get isRebalancing(): boolean {
    return this.#isIn('joining', 'assigning', 'syncing')
  }

  /** Whether a report of this step still counts. */
  isCurrent(step: number): boolean {
    return this.#step === step
  }

  // What is wanted.

  start(): MemberEffect[] {
    if (this.#state === 'idle') this.#begin('the consumer starts')
    return this.#take()
  }

  /** Joins again when it can, if it has joined: the subscription or the topics have changed. */
  requestRejoin(reason: string): MemberEffect[] {
    if (this.#state === 'stable') this.#begin(reason)
    else if (this.#isIn('joining', 'assigning', 'syncing', 'adopting')) this.#rejoinReason = reason
    return this.#take()
  }

  /** The application has not come back for too long: others are to have its partitions. */
  pollOverdue(): MemberEffect[] {
    if (this.#isIn('idle', 'away', 'leaving', 'failed', 'ended')) return []
    if (!this.#traits.isStatic) this.#leave('the application did not come back within max.poll.interval.ms')
    this.#state = 'away'
    this.#identity = nobody
    for (const timer of ['heartbeat', 'pause'] as const) this.#effects.push({ kind: 'cancel-timer', timer })
    this.#release('lost')
    return this.#take()
  }

  /** The application has come back. */
  pollTouched(): MemberEffect[] {
    if (this.#state === 'away') this.#begin('the application has come back')
    return this.#take()
  }

  /** Gives up everything, and leaves if `tells`; otherwise its place is kept for the session. */
  stop(tells: boolean): MemberEffect[] {
    if (this.#isIn('leaving', 'ended')) return []
    const isSilent = this.#isIn('idle', 'failed')
    this.#effects.push({ kind: 'cancel-timer', timer: 'pause' })
    this.#state = 'leaving'
    this.#tellsLeaving = tells && !isSilent
    this.#release(this.#hasGeneration && !isSilent ? 'leave' : 'lost')
    return this.#take()
  }

  // What has been done.

  released(step: number): MemberEffect[] {
    if (!this.isCurrent(step)) return []
    if (this.#state === 'leaving') this.#end()
    else if (this.#state === 'releasing' && this.#lastRelease === 'rejoin' && !this.#hasGeneration)
      this.#release('lost')
    else if (this.#state === 'releasing') this.#join()
    return this.#take()
  }

  joined(step: number, response: JoinGroupResponse): MemberEffect[] {
    const { errorCode, memberId } = response
    if (!this.isCurrent(step)) {
      // Whoever has gone meanwhile must not stay a member that nobody is.
      if (errorCode === errorCodes.NONE && this.#isIn('away', 'leaving', 'ended') && !this.#traits.isStatic)
        this.#effects.push({ kind: 'leave', memberId, reason: 'it has gone before it had joined' })
    } else if (errorCode === errorCodes.MEMBER_ID_REQUIRED) {
      this.#identity = { memberId, generationId: noGeneration }
      this.#join()
    } else if (errorCode !== errorCodes.NONE) this.#refused(responseError(errorCode, 'JoinGroup'))
    else this.#accepted(response)
    return this.#take()
  }

  /** The leader has worked out who gets what. */
  assigned(step: number, assignments: readonly EncodedAssignment[]): MemberEffect[] {
    if (this.isCurrent(step)) this.#sync(assignments)
    return this.#take()
  }

  synced(step: number, { errorCode, assignment }: SyncGroupResponse): MemberEffect[] {
    if (!this.isCurrent(step)) return []
    if (errorCode === errorCodes.NONE) {
      this.#failureCount = 0
      this.#state = 'adopting'
      this.#effects.push({ kind: 'adopt', step: this.#nextStep(), assignment })
    } else this.#refused(responseError(errorCode, 'SyncGroup'))
    return this.#take()
  }

  /** The assignment is taken up. `mustRejoin`: partitions were given up that others are waiting for (KIP-429). */
  adopted(step: number, mustRejoin: boolean): MemberEffect[] {
    if (!this.isCurrent(step)) return []
    this.#state = 'stable'
    if (mustRejoin) this.#rejoinReason ??= 'partitions that others are assigned have been given up'
    if (!this.#hasGeneration) this.#rejoinReason ??= 'the member was removed while it took up its assignment'
    if (this.#rejoinReason !== undefined) this.#begin(this.#rejoinReason)
    return this.#take()
  }

  /** Something of this step could not be done. After errors that may pass it is tried again. */
  failed(step: number, error: Error): MemberEffect[] {
    if (!this.isCurrent(step)) return []
    if (this.#state === 'leaving') this.#end()
    else if (error instanceof KafkaError) this.#refused(error)
    else if (error instanceof TidemarkError && error.retriable) {
      this.#effects.push({ kind: 'doubt-coordinator' })
      this.#pause()
    } else this.#fail(error)
    return this.#take()
  }

  /** The pause after a failure is over. */
  pauseOver(): MemberEffect[] {
    if (this.#isIn('releasing', 'joining', 'assigning', 'syncing', 'adopting'))
      this.#begin('an attempt to join has failed')
    return this.#take()
  }

  // Heartbeats.

  heartbeatDue(): MemberEffect[] {
    if (this.#hasGeneration && !this.#isIn('joining', 'away', 'failed', 'ended'))
      this.#effects.push({ kind: 'heartbeat' })
    return this.#take()
  }

  heartbeatAnswered(sent: MemberIdentity, errorCode: number): MemberEffect[] {
    if (sent !== this.#identity || this.#isIn('joining', 'failed', 'ended')) return []
    this.#setHeartbeat()
    if (errorCode !== errorCodes.NONE) this.#heartbeatRefused(responseError(errorCode, 'Heartbeat'))
    return this.#take()
  }

  /** No answer: perhaps there is another coordinator. */
  heartbeatLost(sent: MemberIdentity): MemberEffect[] {
    if (sent !== this.#identity || this.#isIn('joining', 'failed', 'ended')) return []
    this.#setHeartbeat()
    this.#effects.push({ kind: 'doubt-coordinator' })
    return this.#take()
  }

  /** A commit of this member was refused, which says as much as a heartbeat's answer. */
  commitRefused(sent: MemberIdentity, error: KafkaError): MemberEffect[] {
    if (sent === this.#identity && this.isInGeneration) this.#heartbeatRefused(error)
    return this.#take()
  }

  #heartbeatRefused(error: KafkaError): void {
    switch (verdictOn(error)) {
      case 'rejoin':
        if (this.#state === 'stable') this.#begin('the group rebalances')
        else if (this.#state === 'adopting') this.#rejoinReason = 'the group rebalances'
        return
      case 'forget-generation':
      case 'forget-member':
        return this.#removed(error)
      case 'find-coordinator':
        this.#effects.push({ kind: 'doubt-coordinator' })
        return
      case 'fail':
        if (isFinal(error)) this.#fail(error)
        return
      case 'retry':
    }
  }

  /** The group goes on without this member. What it is doing for the group may be finished, but counts for nothing. */
  #removed(error: KafkaError): void {
    this.#forget(error)
    if (this.#isIn('stable', 'assigning', 'syncing')) this.#begin(error.message)
    else if (this.#state === 'adopting') this.#rejoinReason = error.message
  }

  // The steps.

  #begin(reason: string): void {
    this.#reason = reason
    this.#rejoinReason = undefined
    this.#state = 'releasing'
    this.#release(this.#hasGeneration ? 'rejoin' : 'lost')
  }

  #release(release: Release): void {
    this.#lastRelease = release
    this.#effects.push({ kind: 'release', step: this.#nextStep(), release })
  }

  #join(): void {
    this.#state = 'joining'
    // From here on the subscription that is sent is the one that is wanted.
    this.#rejoinReason = undefined
    // The coordinator waits for the others, and keeps the session of whoever waits with it.
    this.#effects.push({ kind: 'cancel-timer', timer: 'heartbeat' })
    this.#effects.push({ kind: 'join', step: this.#nextStep(), reason: this.#reason })
  }

  #accepted(response: JoinGroupResponse): void {
    const { memberId, generationId, protocolType, leader } = response
    if (protocolType !== null && protocolType !== consumerProtocolType)
      return this.#fail(
        new KafkaError(
          'INCONSISTENT_GROUP_PROTOCOL',
          `the group is one of '${protocolType}', not of consumers`,
        ),
      )
    this.#identity = { memberId, generationId }
    this.#setHeartbeat()
    if (leader !== memberId) return this.#sync([])
    this.#state = 'assigning'
    this.#effects.push({ kind: 'assign', step: this.#nextStep(), response })
  }

  #sync(assignments: readonly EncodedAssignment[]): void {
    this.#state = 'syncing'
    this.#effects.push({ kind: 'sync', step: this.#nextStep(), assignments })
  }

  /** JoinGroup or SyncGroup, or what belongs to them, came to nothing. */
  #refused(error: KafkaError): void {
    const verdict = verdictOn(error)
    if (verdict === 'forget-generation' || verdict === 'forget-member') {
      this.#forget(error)
      return this.#begin(error.message)
    }
    if (verdict === 'rejoin' && this.#state === 'syncing') return this.#begin('the group rebalances')
    if (verdict === 'fail' && !error.retriable) return this.#fail(error)
    if (verdict !== 'rejoin') this.#effects.push({ kind: 'doubt-coordinator' })
    this.#pause()
  }

  #pause(): void {
    this.#nextStep()
    this.#failureCount++
    this.#effects.push({ kind: 'pause', failureCount: this.#failureCount })
  }

  /** The partitions of a member without a generation are lost: another may have them by now. */
  #forget(error: KafkaError): void {
    const isMemberKnown = verdictOn(error) === 'forget-generation'
    this.#identity = isMemberKnown ? { ...this.#identity, generationId: noGeneration } : nobody
  }

  #leave(reason: string): void {
    const { memberId } = this.#identity
    if (memberId !== '') this.#effects.push({ kind: 'leave', memberId, reason })
  }

  #end(): void {
    if (this.#tellsLeaving) this.#leave('the consumer is being closed')
    this.#state = 'ended'
    this.#nextStep()
    this.#effects.push({ kind: 'cancel-timer', timer: 'heartbeat' }, { kind: 'end' })
  }

  #fail(error: Error): void {
    this.#state = 'failed'
    this.#nextStep()
    for (const timer of ['heartbeat', 'pause'] as const) this.#effects.push({ kind: 'cancel-timer', timer })
    this.#effects.push({ kind: 'fail', error })
  }

  #setHeartbeat(): void {
    const delayMs = this.#traits.heartbeatIntervalMs
    this.#effects.push({ kind: 'set-timer', timer: 'heartbeat', delayMs })
  }

  #nextStep(): number {
    return ++this.#step
  }

  get #hasGeneration(): boolean {
    return this.#identity.generationId >= 0
  }

  #isIn(...states: readonly MemberState[]): boolean {
    return states.includes(this.#state)
  }

  #take(): MemberEffect[] {
    const effects = this.#effects
    this.#effects = []
    return effects
  }
}

/** Errors of a heartbeat that no other heartbeat will mend. All others are waited out, until the session is over. */
function isFinal({ kafkaName }: KafkaError): boolean {
  return kafkaName === 'FENCED_INSTANCE_ID' || kafkaName === 'GROUP_AUTHORIZATION_FAILED'
}
