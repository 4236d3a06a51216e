import { errorCodes } from '../../wire/error-codes.ts'
import type { JoinGroupRequest } from '../../wire/messages/11-join-group.ts'
import type { HeartbeatRequest } from '../../wire/messages/12-heartbeat.ts'
import type { LeaveGroupResponse } from '../../wire/messages/13-leave-group.ts'
import type { SyncGroupRequest } from '../../wire/messages/14-sync-group.ts'
import type { GroupMetadataValue } from '../../wire/records/group-metadata.ts'
import type { Effect, GroupTimer } from './effects.ts'
import {
  checkCommit,
  checkGeneration,
  checkJoin,
  checkMember,
  checkSync,
  type ClaimedIdentity,
  type Committer,
} from './group-checks.ts'
import type { GroupConfig } from './group-config.ts'
import { GroupCycle, type GroupState } from './group-cycle.ts'
import { GroupMember, type MemberTerms } from './group-member.ts'
import { consumerProtocolType } from './subscribed-topics.ts'

/** What comes with a join besides the request. */
export interface JoinContext {
  /** By which the answer, which may be long in coming, finds its way back. */
  readonly requestId: number
  readonly apiVersion: number
  readonly clientId: string
  readonly clientHost: string
  /** The id that a member without one is to get. */
  readonly newMemberId: string
}

type LeftMember = LeaveGroupResponse['members'][number]

const { NONE } = errorCodes

/** A member that has just been taken in does not know its id yet; this is how long it may wait without any sign of life. */
const newMemberTimeoutMs = 5 * 60 * 1000
/** From this version of JoinGroup on, members come back with the id they are given before they count (KIP-394). */
const memberIdRequiredVersion = 4
/** From this version of JoinGroup on, a leader can be told that the assignments stand (KIP-814). */
const skipAssignmentVersion = 9

/**
 * A group under the classic protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup), decided on as Apache Kafka's coordinator does. Pure and synchronous:
 * each call is one transition, and returns what it asks of the world.
 */
export class ClassicGroup {
  readonly type = 'classic'
  readonly groupId: string
  readonly #config: GroupConfig
  readonly #cycle: GroupCycle

  /** `nowMs` tells the time in milliseconds since 1970. */
  constructor(groupId: string, config: GroupConfig, nowMs: () => number) {
    this.groupId = groupId
    this.#config = config
    this.#cycle = new GroupCycle(config, nowMs)
  }

  /** Where it is in its cycle. */
  get state(): GroupState {
    return this.#cycle.state
  }

  /** When it came into its state, in milliseconds since 1970; -1 when an old record did not say. */
  get stateChangedMs(): number {
    return this.#cycle.stateChangedMs
  }

  /** The number of the generation; 0 before the first. */
  get generation(): number {
    return this.#cycle.generation
  }

  /** Null for a group that never had members but only keeps offsets. */
  get protocolType(): string | null {
    return this.#cycle.protocolType
  }

  /** What the members have elected; null without members. */
  get protocolName(): string | null {
    return this.#cycle.protocolName
  }

  get members(): readonly GroupMember[] {
    return this.#cycle.members.all()
  }

  get leaderId(): string | null {
    return this.#cycle.members.leaderId
  }

  /** Whether its members are consumers, whose subscriptions can be read. */
  get isOfConsumers(): boolean {
    return this.protocolType === consumerProtocolType
  }

  /** Whether nothing would be lost if it were forgotten, but for its offsets. */
  get isBlank(): boolean {
    const { members } = this.#cycle
    return this.state === 'Empty' && this.protocolType === null && members.pendingJoins.size === 0
  }

  /** Ids that were given out, to come back and join. */
  get pendingJoins(): ReadonlySet<string> {
    return this.#cycle.members.pendingJoins
  }

  /** The topics that its members consume; undefined when that is not known. */
  get topics(): ReadonlySet<string> | undefined {
    return this.#cycle.topics
  }

  // Requests.

  /** Answered at once with an error or an id, or else by a later effect, when the next generation begins. */
  join(context: JoinContext, request: JoinGroupRequest): Effect[] {
    const errorCode = checkJoin(this.#cycle, request, this.#config.maxSize)
    if (errorCode === errorCodes.GROUP_MAX_SIZE_REACHED) this.#turnAway(context, request)
    else if (errorCode !== NONE) this.#refuseJoin(context, errorCode, request.memberId)
    else if (request.memberId === '') this.#joinNew(context, request)
    else if (this.pendingJoins.has(request.memberId)) this.#admit(context, request, request.memberId)
    else this.#rejoin(context, request)
    return this.#effects()
  }

  /** Answered by an effect when the leader's assignments are stored. Those that the leader brings are in its request. */
  sync(requestId: number, request: SyncGroupRequest): Effect[] {
    const errorCode = checkSync(this.#cycle, request)
    const member = this.#cycle.members.get(request.memberId)
    if (errorCode !== NONE || member === undefined) this.#cycle.effects.refuseSync(requestId, errorCode)
    else if (this.state === 'Stable') this.#syncStable(requestId, member)
    else this.#syncCompleting(requestId, request, member)
    return this.#effects()
  }

  /** Prolongs the member's session; REBALANCE_IN_PROGRESS calls it to join again. */
  heartbeat(request: HeartbeatRequest): { readonly errorCode: number; readonly effects: Effect[] } {
    const errorCode = checkGeneration(this.#cycle, request, request.generationId)
    const member = this.#cycle.members.get(request.memberId)
    if (errorCode !== NONE || member === undefined) return { errorCode, effects: [] }
    this.#cycle.resetSession(member)
    const isRebalancing = this.state === 'PreparingRebalance'
    return { errorCode: isRebalancing ? errorCodes.REBALANCE_IN_PROGRESS : NONE, effects: this.#effects() }
  }

  /** The members that leave may be named by their instance ids alone, as administrators do (KIP-345). */
  leave(leaving: readonly ClaimedIdentity[]): {
    readonly members: readonly LeftMember[]
    readonly effects: Effect[]
  } {
    const members = leaving.map(({ memberId, groupInstanceId }) => {
      const errorCode = this.#removeLeaving(memberId, groupInstanceId)
      return { memberId, groupInstanceId, errorCode }
    })
    const hasShrunk = members.some(({ errorCode }) => errorCode === NONE)
    if (hasShrunk && this.state !== 'Empty' && this.state !== 'Dead') this.#cycle.rebalance()
    return { members, effects: this.#effects() }
  }

  /** Whether offsets may be committed by this committer now. A member shows by it that it is alive. */
  commit(committer: Committer): { readonly errorCode: number; readonly effects: Effect[] } {
    const errorCode = checkCommit(this.#cycle, committer)
    const member = this.#cycle.members.get(committer.memberId)
    const isSignOfLife = !committer.isTransactional && member !== undefined
    if (errorCode === NONE && isSignOfLife) this.#cycle.resetSession(member)
    return { errorCode, effects: this.#effects() }
  }

  // What comes back from the world.

  /** A timer that was set has run out, and has not been set again or cancelled since. */
  timerFired(timer: GroupTimer): Effect[] {
    if (timer === 'join') this.#cycle.joinTimerFired()
    else if (timer === 'sync') this.#cycle.syncTimerFired()
    else this.#endSession(timer.slice('session:'.length))
    return this.#effects()
  }

  /** How an append ended: `errorCode` is Kafka's, 0 when it is in the log. */
  appended(appendId: number, errorCode: number): Effect[] {
    this.#cycle.appended(appendId, errorCode)
    return this.#effects()
  }

  /** Becomes the group that a record tells of. Its timers stand still until {@link resume}. */
  restore(value: GroupMetadataValue): void {
    this.#cycle.restore(value)
  }

  /** Takes up the work after {@link restore}: every member is given a whole session to show up. */
  resume(): Effect[] {
    this.#cycle.resume()
    return this.#effects()
  }

  /** Ends the group. Whoever waits for it is told `errorCode`, and no timer stays. */
  die(errorCode: number): Effect[] {
    this.#cycle.die(errorCode)
    return this.#effects()
  }

  /** Takes back the death of an empty group, which came into that state at `stateChangedMs`. */
  revive(stateChangedMs: number): void {
    this.#cycle.revive(stateChangedMs)
  }

  // Joining.

  #turnAway({ requestId }: JoinContext, { memberId }: JoinGroupRequest): void {
    this.#cycle.forget(memberId)
    this.#cycle.effects.refuseJoin(requestId, errorCodes.GROUP_MAX_SIZE_REACHED, '')
    // The others may have been waiting for it alone.
    if (this.state === 'PreparingRebalance') this.#cycle.rebalance()
  }

  #refuseJoin({ requestId }: JoinContext, errorCode: number, memberId: string): void {
    this.#cycle.effects.refuseJoin(requestId, errorCode, memberId)
  }

  #joinNew(context: JoinContext, request: JoinGroupRequest): void {
    const { groupInstanceId } = request
    const { members } = this.#cycle
    const precursorId = groupInstanceId === null ? undefined : members.staticMemberId(groupInstanceId)
    const precursor = precursorId === undefined ? undefined : members.get(precursorId)
    if (precursor !== undefined) this.#replace(context, request, precursor)
    else if (groupInstanceId !== null || context.apiVersion < memberIdRequiredVersion)
      this.#admit(context, request, context.newMemberId)
    else this.#giveId(context, request)
  }

  /** Whoever never gets this answer leaves no member behind, only an id that expires. */
  #giveId(context: JoinContext, request: JoinGroupRequest): void {
    const { newMemberId } = context
    this.#cycle.members.expectJoin(newMemberId)
    this.#cycle.effects.setTimer(`session:${newMemberId}`, request.sessionTimeoutMs)
    this.#refuseJoin(context, errorCodes.MEMBER_ID_REQUIRED, newMemberId)
  }

  #admit(context: JoinContext, request: JoinGroupRequest, memberId: string): void {
    const member = newMember(context, request, memberId)
    member.isNew = true
    this.#cycle.admit(member, request.protocolType)
    this.#cycle.awaitJoin(member, context.requestId)
    this.#cycle.effects.setTimer(`session:${memberId}`, newMemberTimeoutMs)
    this.#cycle.rebalance()
  }

  #rejoin(context: JoinContext, request: JoinGroupRequest): void {
    const errorCode = checkMember(this.#cycle.members, request)
    const member = this.#cycle.members.get(request.memberId)
    if (errorCode !== NONE || member === undefined)
      return this.#refuseJoin(context, errorCode, request.memberId)
    // A leader that rejoins a stable group wants a rebalance for a reason of its own, such as new partitions.
    const isCallForRebalance =
      this.state === 'PreparingRebalance' ||
      !member.hasSameProtocols(request.protocols) ||
      (this.state === 'Stable' && this.#cycle.members.isLeader(member.memberId))
    if (!isCallForRebalance) return this.#cycle.tellGeneration(member, context.requestId)
    this.#cycle.members.update(member, termsOf(request))
    this.#cycle.awaitJoin(member, context.requestId)
    this.#cycle.rebalance()
  }

  // Static members (KIP-345).

  /** The process behind a static member has started anew: it gets a new id, by which the old process is fenced. */
  #replace(context: JoinContext, request: JoinGroupRequest, precursor: GroupMember): void {
    const { members } = this.#cycle
    const formerLeaderId = members.leaderId
    const successor = newMember(context, request, context.newMemberId)
    this.#fence(precursor)
    members.replace(precursor, successor)
    this.#cycle.awaitJoin(successor, context.requestId)
    this.#cycle.resetSession(successor)
    if (this.state === 'Stable' && this.protocolName === members.selectProtocol())
      this.#keepGeneration(context, precursor, successor, formerLeaderId)
    else this.#cycle.rebalance()
  }

  #fence(member: GroupMember): void {
    const requestId = this.#cycle.members.takeJoinRequest(member)
    if (requestId !== undefined)
      this.#cycle.effects.refuseJoin(requestId, errorCodes.FENCED_INSTANCE_ID, member.memberId)
    if (member.syncRequestId !== undefined)
      this.#cycle.effects.refuseSync(member.syncRequestId, errorCodes.FENCED_INSTANCE_ID)
    member.syncRequestId = undefined
    this.#cycle.effects.cancelTimer(`session:${member.memberId}`)
  }

  /** Nothing changes for the others, so there is no rebalance: only the new id is stored, and then told. */
  #keepGeneration(
    { apiVersion }: JoinContext,
    precursor: GroupMember,
    successor: GroupMember,
    formerLeaderId: string | null,
  ): void {
    const { generation } = this
    this.#cycle.store(new Map(), (errorCode) => {
      const isCurrent = this.state === 'Stable' && this.generation === generation
      // If a rebalance has begun, the member waits for its end like all others; or it has gone again.
      if (!isCurrent || this.#cycle.members.get(successor.memberId) !== successor) return
      if (errorCode !== NONE) return this.#takeBack(precursor, successor, errorCode)
      const isLeader = this.#cycle.members.isLeader(successor.memberId)
      this.#cycle.answerJoin(
        successor,
        // Before there was `skipAssignment`, a leader was kept from assigning anew by not being told that it leads.
        apiVersion >= skipAssignmentVersion
          ? { skipAssignment: isLeader }
          : { leader: formerLeaderId ?? '', members: [] },
      )
      this.#cycle.resetSession(successor)
    })
  }

  #takeBack(precursor: GroupMember, successor: GroupMember, errorCode: number): void {
    const requestId = this.#cycle.members.takeJoinRequest(successor)
    if (requestId !== undefined) this.#cycle.effects.refuseJoin(requestId, errorCode, '')
    this.#cycle.effects.cancelTimer(`session:${successor.memberId}`)
    this.#cycle.members.replace(successor, precursor)
    this.#cycle.resetSession(precursor)
  }

  // Syncing, leaving, falling silent.

  #syncCompleting(requestId: number, request: SyncGroupRequest, member: GroupMember): void {
    this.#cycle.awaitSync(member, requestId)
    this.#cycle.markSynced(member)
    if (!this.#cycle.members.isLeader(member.memberId)) return
    // The bytes are kept long after the request, of which they are slices, is gone.
    this.#cycle.assign(
      new Map(request.assignments.map(({ memberId, assignment }) => [memberId, Buffer.from(assignment)])),
    )
  }

  #syncStable(requestId: number, member: GroupMember): void {
    this.#cycle.markSynced(member)
    this.#cycle.tellAssignment(member, requestId)
    this.#cycle.resetSession(member)
  }

  #removeLeaving(memberId: string, groupInstanceId: string | null): number {
    if (this.state === 'Dead') return errorCodes.COORDINATOR_NOT_AVAILABLE
    const { members } = this.#cycle
    if (members.pendingJoins.has(memberId)) {
      this.#cycle.forget(memberId)
      return NONE
    }
    const namedId =
      memberId === '' && groupInstanceId !== null ? members.staticMemberId(groupInstanceId) : memberId
    const errorCode = checkMember(members, { memberId: namedId ?? '', groupInstanceId })
    const member = members.get(namedId ?? '')
    if (errorCode === NONE && member !== undefined) this.#cycle.dismiss(member, errorCodes.UNKNOWN_MEMBER_ID)
    return errorCode
  }

  #endSession(memberId: string): void {
    if (this.pendingJoins.has(memberId)) {
      this.#cycle.forget(memberId)
      if (this.state === 'PreparingRebalance') this.#cycle.rebalance()
      return
    }
    const member = this.#cycle.members.get(memberId)
    if (member === undefined || member.isExcusedFromHeartbeats) return
    this.#cycle.dismiss(member, errorCodes.UNKNOWN_MEMBER_ID)
    this.#cycle.rebalance()
  }

  #effects(): Effect[] {
    return this.#cycle.effects.take()
  }
}

function newMember(context: JoinContext, request: JoinGroupRequest, memberId: string): GroupMember {
  const { clientId, clientHost } = context
  const { groupInstanceId } = request
  return new GroupMember({ memberId, groupInstanceId, clientId, clientHost }, termsOf(request))
}

function termsOf({ protocols, rebalanceTimeoutMs, sessionTimeoutMs }: JoinGroupRequest): MemberTerms {
  return {
    // The bytes are kept long after the request, of which they are slices, is gone.
    protocols: protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
    // Version 0 has one timeout for both.
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? sessionTimeoutMs : rebalanceTimeoutMs,
    sessionTimeoutMs,
  }
}
