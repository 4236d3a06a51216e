import { assert } from '../../base/assert.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import type { JoinGroupResponse } from '../../wire/messages/11-join-group.ts'
import type { GroupMetadataValue } from '../../wire/records/group-metadata.ts'
import { Effects } from './effects.ts'
import type { GroupConfig } from './group-config.ts'
import type { GroupMember } from './group-member.ts'
import { Membership } from './membership.ts'
import { restoredMembers, storedGroup } from './stored-group.ts'
import { consumerProtocolType, subscribedTopics } from './subscribed-topics.ts'

/**
 * Where a group is in its cycle, in Kafka's words. `Empty`: no members, perhaps offsets. `PreparingRebalance`: waiting
 * for the members to join again. `CompletingRebalance`: they have, and the leader is working out who gets what.
 * `Stable`: everyone has an assignment. `Dead`: deleted, or given up to another coordinator.
 */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

/** What is left of the time that an empty group gives to members to gather. */
interface Gathering {
  readonly delayMs: number
  readonly remainingMs: number
}

const int32Max = 2 ** 31 - 1
const noTopics: ReadonlySet<string> = new Set()

/**
 * A group's way from generation to generation: what happens by itself once somebody has joined, left, fallen silent or
 * handed in assignments. It runs to the end of each step at once and calls nobody; what is to be done outside is
 * collected in `effects`.
 */
export class GroupCycle {
  readonly members = new Membership()
  /** What is to be done outside. */
  readonly effects = new Effects()
  readonly #config: GroupConfig
  readonly #nowMs: () => number
  #state: GroupState = 'Empty'
  #stateChangedMs: number
  #generation = 0
  #protocolType: string | null = null
  #protocolName: string | null = null
  #topics: ReadonlySet<string> | undefined
  /** Set while the first rebalance of an empty group is put off. */
  #gathering: Gathering | undefined
  #hasGrown = false
  /** The generation whose assignments are on their way to the log. */
  #storingGeneration = -1
  #appendCount = 0
  readonly #afterAppend = new Map<number, (errorCode: number) => void>()

  constructor(config: GroupConfig, nowMs: () => number) {
    this.#config = config
    this.#nowMs = nowMs
    this.#stateChangedMs = nowMs()
  }

  get state(): GroupState {
    return this.#state
  }

  /** When it came into its state, in milliseconds since 1970; -1 when an old record did not say. */
  get stateChangedMs(): number {
    return this.#stateChangedMs
  }

  get generation(): number {
    return this.#generation
  }

  /** Null for a group that never had members but only keeps offsets. */
  get protocolType(): string | null {
    return this.#protocolType
  }

  get protocolName(): string | null {
    return this.#protocolName
  }

  /** The topics of this generation, if its members are consumers and name them in a way that can be read. */
  get topics(): ReadonlySet<string> | undefined {
    return this.#topics
  }

  // Members come, wait and go.

  /** Takes in a member of a protocol type that the group has, or is to have when it is its first. */
  admit(member: GroupMember, protocolType: string): void {
    if (this.#gathering !== undefined) this.#hasGrown = true
    if (this.members.count === 0) this.#protocolType = protocolType
    this.members.add(member)
  }

  /** Lets a member wait for the next generation. An earlier request of it, whose sender is gone, is let go. */
  awaitJoin(member: GroupMember, requestId: number): void {
    const superseded = this.members.awaitJoin(member, requestId)
    if (superseded !== undefined) this.effects.refuseJoin(superseded, errorCodes.REBALANCE_IN_PROGRESS, '')
  }

  /** Lets a member wait for its assignment. */
  awaitSync(member: GroupMember, requestId: number): void {
    this.#refuseSync(member, errorCodes.REBALANCE_IN_PROGRESS)
    member.syncRequestId = requestId
  }

  /** The member has fetched its assignment, or waits for it. */
  markSynced(member: GroupMember): void {
    this.members.markSynced(member.memberId)
    if (this.members.pendingSyncs.size === 0) this.effects.cancelTimer('sync')
  }

  /** Sends a member away, telling it why if it waits. */
  dismiss(member: GroupMember, errorCode: number, memberId = ''): void {
    const requestId = this.members.takeJoinRequest(member)
    if (requestId !== undefined) this.effects.refuseJoin(requestId, errorCode, memberId)
    this.#refuseSync(member, errorCode)
    this.forget(member.memberId)
  }

  /** Ends the membership, or the expectation, of somebody who waits for no answer. */
  forget(memberId: string): void {
    this.effects.cancelTimer(`session:${memberId}`)
    this.members.remove(memberId)
  }

  resetSession(member: GroupMember): void {
    this.effects.setTimer(`session:${member.memberId}`, member.terms.sessionTimeoutMs)
  }

  // The cycle itself.

  /** Begins a rebalance; or, when one has begun, ends its wait if all have joined. */
  rebalance(): void {
    if (this.#state !== 'PreparingRebalance') this.prepare()
    else if (this.#gathering === undefined && this.members.haveAllJoined) this.#completeJoin()
  }

  /** Calls on all members to join again. */
  prepare(): void {
    assert(this.#state !== 'PreparingRebalance' && this.#state !== 'Dead', 'a rebalance begins once')
    if (this.#state === 'CompletingRebalance') this.#refuseSyncs(errorCodes.REBALANCE_IN_PROGRESS)
    this.effects.cancelTimer('sync')
    const wasEmpty = this.#state === 'Empty'
    this.#enter('PreparingRebalance')
    if (wasEmpty) this.#gather()
    else if (this.members.haveAllJoined) this.#completeJoin()
    else this.effects.setTimer('join', this.members.rebalanceTimeoutMs)
  }

  /** The time to join is over. */
  joinTimerFired(): void {
    if (this.#state !== 'PreparingRebalance') return
    const gathering = this.#gathering
    if (gathering !== undefined && this.#hasGrown && gathering.remainingMs > 0) this.#gatherOn(gathering)
    else this.#completeJoin()
  }

  /** The time to fetch assignments is over: who has not done so holds up nobody any longer. */
  syncTimerFired(): void {
    const { pendingSyncs } = this.members
    const isCurrent = this.#state === 'CompletingRebalance' || this.#state === 'Stable'
    if (!isCurrent || pendingSyncs.size === 0) return
    for (const memberId of [...pendingSyncs]) {
      const member = this.members.get(memberId)
      if (member !== undefined) this.dismiss(member, errorCodes.UNKNOWN_MEMBER_ID)
    }
    this.prepare()
  }

  /** The leader's assignments, by member; they hold once they are stored. Whoever is not named gets nothing. */
  assign(given: ReadonlyMap<string, Buffer>): void {
    const generation = this.#generation
    // A leader that asks again, because the answer was late, changes nothing.
    if (this.#storingGeneration === generation) return
    this.#storingGeneration = generation
    const nothing = Buffer.alloc(0)
    const assignments = new Map(
      this.members.all().map(({ memberId }) => [memberId, given.get(memberId) ?? nothing]),
    )
    this.store(assignments, (errorCode) => {
      this.#storingGeneration = -1
      // Another rebalance may have begun meanwhile, which makes the record one that the next replaces.
      if (this.#state !== 'CompletingRebalance' || this.#generation !== generation) return
      if (errorCode === errorCodes.NONE) this.#stabilize(assignments)
      else this.#startOver(errorCode)
    })
  }

  /** Stores the group as it is, and calls `then` when that is done, or has failed. */
  store(assignments: ReadonlyMap<string, Buffer>, then: (errorCode: number) => void): void {
    const appendId = ++this.#appendCount
    this.#afterAppend.set(appendId, then)
    const { generation, protocolType, protocolName, stateChangedMs } = this
    const traits = { generation, protocolType, protocolName, stateChangedMs, leaderId: this.members.leaderId }
    const value = storedGroup(traits, this.members.all(), assignments)
    this.effects.append(appendId, value)
  }

  /** How an append ended; see `Effect`. */
  appended(appendId: number, errorCode: number): void {
    const then = this.#afterAppend.get(appendId)
    this.#afterAppend.delete(appendId)
    then?.(errorCode)
  }

  // Beginning and end.

  /** Becomes the group that a record tells of. Its timers stand still until {@link resume}. */
  restore(value: GroupMetadataValue): void {
    for (const member of restoredMembers(value)) this.members.add(member)
    this.members.restoreLeader(value.leader)
    this.#generation = value.generation
    this.#protocolType = value.protocolType === '' ? null : value.protocolType
    this.#protocolName = value.protocol
    this.#topics = this.#computeTopics()
    this.#state = this.members.count === 0 ? 'Empty' : 'Stable'
    this.#stateChangedMs = value.currentStateTimestamp
  }

  /** Gives restored members a whole session to show up, and thins out a group that has become too large. */
  resume(): void {
    for (const member of this.members.all()) this.resetSession(member)
    if (this.members.count > this.#config.maxSize) this.prepare()
  }

  /** Ends the group: whoever waits is told `errorCode`, and no timer stays. */
  die(errorCode: number): void {
    for (const memberId of [...this.members.pendingJoins]) this.forget(memberId)
    for (const member of this.members.all()) this.dismiss(member, errorCode, member.memberId)
    this.effects.cancelTimer('join')
    this.effects.cancelTimer('sync')
    this.#gathering = undefined
    this.#enter('Dead')
  }

  /** Takes back the death of an empty group, whose deletion could not be stored. */
  revive(stateChangedMs: number): void {
    assert(this.#state === 'Dead' && this.members.count === 0, 'only an empty group comes back')
    this.#state = 'Empty'
    this.#stateChangedMs = stateChangedMs
  }

  // Answers.

  /** Tells a waiting member, if it is waiting, what the current generation is; the leader also who is in it. */
  answerJoin(member: GroupMember, exceptions: Partial<JoinGroupResponse> = {}): void {
    const requestId = this.members.takeJoinRequest(member)
    if (requestId !== undefined) this.tellGeneration(member, requestId, exceptions)
  }

  tellGeneration(
    { memberId }: GroupMember,
    requestId: number,
    exceptions: Partial<JoinGroupResponse> = {},
  ): void {
    const response: JoinGroupResponse = {
      throttleTimeMs: 0,
      errorCode: errorCodes.NONE,
      generationId: this.#generation,
      protocolType: this.#protocolType,
      protocolName: this.#protocolName,
      leader: this.members.leaderId ?? '',
      skipAssignment: false,
      memberId,
      members: this.members.isLeader(memberId) ? this.#roll() : [],
      ...exceptions,
    }
    this.effects.answerJoin(requestId, response)
  }

  tellAssignment(member: GroupMember, requestId: number): void {
    const response = {
      throttleTimeMs: 0,
      errorCode: errorCodes.NONE,
      protocolType: this.#protocolType,
      protocolName: this.#protocolName,
      assignment: member.assignment,
    }
    this.effects.answerSync(requestId, response)
  }

  #enter(state: GroupState): void {
    this.#state = state
    this.#stateChangedMs = this.#nowMs()
  }

  #gather(): void {
    const delayMs = this.#config.initialRebalanceDelayMs
    this.#gathering = { delayMs, remainingMs: Math.max(0, this.members.rebalanceTimeoutMs - delayMs) }
    this.#hasGrown = false
    this.effects.setTimer('join', delayMs)
  }

  #gatherOn({ delayMs, remainingMs }: Gathering): void {
    const nextMs = Math.min(this.#config.initialRebalanceDelayMs, remainingMs)
    this.#gathering = { delayMs: nextMs, remainingMs: Math.max(0, remainingMs - delayMs) }
    this.#hasGrown = false
    this.effects.setTimer('join', nextMs)
  }

  #completeJoin(): void {
    this.#gathering = undefined
    this.effects.cancelTimer('join')
    // Static members are given the rest of their sessions to come back: that is what they are for (KIP-345).
    for (const member of this.members.all())
      if (!member.isAwaitingJoin && !member.isStatic) this.dismiss(member, errorCodes.UNKNOWN_MEMBER_ID)
    if (this.members.count > 0 && !this.members.electJoinedLeader()) {
      // Only static members are left, and nobody to lead: their sessions decide.
      this.effects.setTimer('join', this.members.rebalanceTimeoutMs)
      return
    }
    this.#generation = this.#generation === int32Max ? 1 : this.#generation + 1
    if (this.members.count === 0) this.#becomeEmpty()
    else this.#beginGeneration()
  }

  #becomeEmpty(): void {
    this.#protocolName = null
    this.#topics = this.#computeTopics()
    this.#enter('Empty')
    // If this fails, the members before are found again after a restart, and time out.
    this.store(new Map(), () => {})
  }

  #beginGeneration(): void {
    this.#protocolName = this.members.selectProtocol()
    this.#topics = this.#computeTopics()
    this.#enter('CompletingRebalance')
    this.members.expectSyncs()
    for (const member of this.members.all()) {
      this.answerJoin(member)
      this.resetSession(member)
      member.isNew = false
    }
    this.effects.setTimer('sync', this.members.rebalanceTimeoutMs)
  }

  #stabilize(assignments: ReadonlyMap<string, Buffer>): void {
    this.#enter('Stable')
    for (const member of this.members.all()) {
      member.assignment = assignments.get(member.memberId) ?? member.assignment
      const requestId = member.syncRequestId
      member.syncRequestId = undefined
      if (requestId === undefined) continue
      this.tellAssignment(member, requestId)
      // Sessions that ended while the assignments were awaited were let pass.
      this.resetSession(member)
    }
  }

  #startOver(errorCode: number): void {
    this.#refuseSyncs(errorCode)
    this.prepare()
  }

  #refuseSyncs(errorCode: number): void {
    for (const member of this.members.all()) {
      member.forgetAssignment()
      if (this.#refuseSync(member, errorCode)) this.resetSession(member)
    }
  }

  #refuseSync(member: GroupMember, errorCode: number): boolean {
    const requestId = member.syncRequestId
    member.syncRequestId = undefined
    if (requestId !== undefined) this.effects.refuseSync(requestId, errorCode)
    return requestId !== undefined
  }

  /** The members as the leader is told of them. */
  #roll(): JoinGroupResponse['members'] {
    return this.members.all().map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      metadata: member.metadataFor(this.#protocolName),
    }))
  }

  #computeTopics(): ReadonlySet<string> | undefined {
    if (this.#protocolType !== consumerProtocolType) return undefined
    if (this.members.count === 0) return noTopics
    return subscribedTopics(this.members.all().map((member) => member.metadataFor(this.#protocolName)))
  }
}
