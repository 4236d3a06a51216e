import { assert } from '../../base/assert.ts'
import type { GroupMember, MemberProtocol, MemberTerms } from './group-member.ts'
import { ProtocolVotes } from './protocol-votes.ts'

/** The members of a group: who they are, who leads, who waits, and what they agree on. Knows nothing of states. */
export class Membership {
  readonly #members = new Map<string, GroupMember>()
  /** Member ids of static members by their instance ids. */
  readonly #staticIds = new Map<string, string>()
  /** Ids that were given out and have not come back to join (KIP-394). */
  readonly #pendingJoins = new Set<string>()
  /** Members of this generation that have not asked for their assignments. */
  readonly #pendingSyncs = new Set<string>()
  readonly #votes = new ProtocolVotes()
  #awaitingJoinCount = 0
  #leaderId: string | null = null

  get count(): number {
    return this.#members.size
  }

  get awaitingJoinCount(): number {
    return this.#awaitingJoinCount
  }

  get leaderId(): string | null {
    return this.#leaderId
  }

  /** As long as the slowest member may take to rejoin. */
  get rebalanceTimeoutMs(): number {
    let maxMs = 0
    for (const { terms } of this.#members.values()) maxMs = Math.max(maxMs, terms.rebalanceTimeoutMs)
    return maxMs
  }

  get haveAllJoined(): boolean {
    return this.#awaitingJoinCount === this.#members.size && this.#pendingJoins.size === 0
  }

  get pendingJoins(): ReadonlySet<string> {
    return this.#pendingJoins
  }

  /** Members that have not asked for their assignments yet. */
  get pendingSyncs(): ReadonlySet<string> {
    return this.#pendingSyncs
  }

  /** A copy, which stays as it is when members go. */
  all(): GroupMember[] {
    return [...this.#members.values()]
  }

  get(memberId: string): GroupMember | undefined {
    return this.#members.get(memberId)
  }

  isLeader(memberId: string): boolean {
    return this.#leaderId === memberId
  }

  /** The member that has the instance id now. */
  staticMemberId(groupInstanceId: string): string | undefined {
    return this.#staticIds.get(groupInstanceId)
  }

  expectJoin(memberId: string): void {
    this.#pendingJoins.add(memberId)
  }

  /** The first member leads. */
  add(member: GroupMember): void {
    const { memberId, groupInstanceId } = member
    assert(!this.#members.has(memberId), 'a member joins once')
    if (groupInstanceId !== null) {
      assert(!this.#staticIds.has(groupInstanceId), 'an instance id belongs to one member')
      this.#staticIds.set(groupInstanceId, memberId)
    }
    this.#leaderId ??= memberId
    this.#members.set(memberId, member)
    this.#votes.add(member.terms.protocols)
    this.#pendingJoins.delete(memberId)
  }

  /** Also forgets an id that was only given out. The next member leads when the leader goes. */
  remove(memberId: string): void {
    this.#pendingJoins.delete(memberId)
    this.#pendingSyncs.delete(memberId)
    const member = this.#members.get(memberId)
    if (member === undefined) return
    assert(!member.isAwaitingJoin, 'a member is answered before it goes')
    this.#members.delete(memberId)
    this.#votes.remove(member.terms.protocols)
    if (member.groupInstanceId !== null) this.#staticIds.delete(member.groupInstanceId)
    if (this.#leaderId === memberId) this.#leaderId = this.#members.keys().next().value ?? null
  }

  /** `successor` takes the place of a static member, its assignment and its leadership. */
  replace(member: GroupMember, successor: GroupMember): void {
    const isLeader = this.isLeader(member.memberId)
    successor.assignment = member.assignment
    this.remove(member.memberId)
    this.add(successor)
    if (isLeader) this.#leaderId = successor.memberId
  }

  update(member: GroupMember, terms: MemberTerms): void {
    this.#votes.remove(member.terms.protocols)
    member.terms = terms
    this.#votes.add(terms.protocols)
  }

  /** Makes the member wait in this request. Returns the one in which it has waited so far, if any. */
  awaitJoin(member: GroupMember, requestId: number): number | undefined {
    const superseded = member.joinRequestId
    if (superseded === undefined) this.#awaitingJoinCount++
    member.joinRequestId = requestId
    return superseded
  }

  /** Ends the wait of the member. Returns the request to answer, if it was waiting. */
  takeJoinRequest(member: GroupMember): number | undefined {
    const requestId = member.joinRequestId
    if (requestId !== undefined) this.#awaitingJoinCount--
    member.joinRequestId = undefined
    return requestId
  }

  /** All members are to fetch their assignments. */
  expectSyncs(): void {
    this.#pendingSyncs.clear()
    for (const memberId of this.#members.keys()) this.#pendingSyncs.add(memberId)
  }

  markSynced(memberId: string): void {
    this.#pendingSyncs.delete(memberId)
  }

  /** Whether there is one of these protocols that every member has. */
  haveInCommon(protocols: readonly MemberProtocol[]): boolean {
    return protocols.some(({ name }) => this.#votes.isCommon(name))
  }

  selectProtocol(): string {
    return this.#votes.elect(this.#members.values())
  }

  /** The leader stays if it has joined; else the first that has joined leads. False when there is none. */
  electJoinedLeader(): boolean {
    const leader = this.#leaderId === null ? undefined : this.#members.get(this.#leaderId)
    if (leader === undefined) return false
    if (leader.isAwaitingJoin) return true
    for (const member of this.#members.values()) {
      if (!member.isAwaitingJoin) continue
      this.#leaderId = member.memberId
      return true
    }
    return false
  }

  /** Restores the leader that a stored group names. */
  restoreLeader(memberId: string | null): void {
    if (memberId !== null && this.#members.has(memberId)) this.#leaderId = memberId
  }
}
