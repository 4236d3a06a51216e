import { errorCodes } from '../../wire/error-codes.ts'
import type { JoinGroupRequest } from '../../wire/messages/11-join-group.ts'
import type { SyncGroupRequest } from '../../wire/messages/14-sync-group.ts'
import type { GroupCycle } from './group-cycle.ts'
import type { Membership } from './membership.ts'

/**
 * What a group's state allows, as Kafka's error codes: 0 for yes. Nothing here changes anything. The order of the
 * checks within each is Kafka's, for clients act upon the first error that applies.
 */

/** Who somebody says to be. */
export interface ClaimedIdentity {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** By whom, and in which generation, offsets are committed. */
export interface Committer extends ClaimedIdentity {
  /** Below 0 for somebody outside of any generation: an administrator, or a consumer that assigns partitions itself. */
  readonly generationId: number
  readonly isTransactional: boolean
}

const { NONE } = errorCodes

/** Whether a request to join is let in, with the group limited to `maxSize` members. */
export function checkJoin(
  cycle: GroupCycle,
  { memberId, protocolType, protocols }: JoinGroupRequest,
  maxSize: number,
): number {
  if (cycle.state === 'Dead') return errorCodes.COORDINATOR_NOT_AVAILABLE
  if (!hasRoomFor(cycle, memberId, maxSize)) return errorCodes.GROUP_MAX_SIZE_REACHED
  const isSupported =
    cycle.state === 'Empty'
      ? protocolType !== '' && protocols.length > 0
      : protocolType === cycle.protocolType && cycle.members.haveInCommon(protocols)
  return isSupported ? NONE : errorCodes.INCONSISTENT_GROUP_PROTOCOL
}

/**
 * While members rejoin, those that have done so are counted and not those that may: the last to come are the ones for
 * whom there is no room, should the limit have been lowered.
 */
function hasRoomFor({ state, members }: GroupCycle, memberId: string, maxSize: number): boolean {
  const member = members.get(memberId)
  if (state === 'Empty') return true
  if (state === 'PreparingRebalance')
    return member?.isAwaitingJoin === true || members.awaitingJoinCount < maxSize
  return member !== undefined || members.count < maxSize
}

/** Whether somebody is the member that it says to be; FENCED_INSTANCE_ID if another has taken its place since. */
export function checkMember(members: Membership, { memberId, groupInstanceId }: ClaimedIdentity): number {
  if (groupInstanceId !== null) {
    const currentId = members.staticMemberId(groupInstanceId)
    if (currentId === undefined) return errorCodes.UNKNOWN_MEMBER_ID
    if (currentId !== memberId) return errorCodes.FENCED_INSTANCE_ID
  }
  return members.get(memberId) === undefined ? errorCodes.UNKNOWN_MEMBER_ID : NONE
}

/** The same, and whether it is of the current generation. */
export function checkGeneration(cycle: GroupCycle, identity: ClaimedIdentity, generationId: number): number {
  if (cycle.state === 'Dead') return errorCodes.COORDINATOR_NOT_AVAILABLE
  const errorCode = checkMember(cycle.members, identity)
  if (errorCode !== NONE) return errorCode
  return generationId === cycle.generation ? NONE : errorCodes.ILLEGAL_GENERATION
}

/** Whether a member may wait for, or fetch, its assignment. */
export function checkSync(cycle: GroupCycle, request: SyncGroupRequest): number {
  const errorCode = checkGeneration(cycle, request, request.generationId)
  if (errorCode !== NONE) return errorCode
  const { protocolType, protocolName } = request
  if (isOther(protocolType, cycle.protocolType) || isOther(protocolName, cycle.protocolName))
    return errorCodes.INCONSISTENT_GROUP_PROTOCOL
  return cycle.state === 'PreparingRebalance' ? errorCodes.REBALANCE_IN_PROGRESS : NONE
}

/** Versions that do not say what they suppose are taken to be right. */
function isOther(supposed: string | null, actual: string | null): boolean {
  return supposed !== null && actual !== null && supposed !== actual
}

/** Whether offsets may be committed. */
export function checkCommit(cycle: GroupCycle, committer: Committer): number {
  const { memberId, groupInstanceId, generationId, isTransactional } = committer
  if (cycle.state === 'Dead') return errorCodes.COORDINATOR_NOT_AVAILABLE
  if (generationId < 0 && cycle.state === 'Empty') return NONE
  if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
    const errorCode = checkGeneration(cycle, committer, generationId)
    if (errorCode !== NONE) return errorCode
  } else if (!isTransactional) {
    // Where there are members, only they commit. Transactions of older clients do not say who they are.
    return errorCodes.UNKNOWN_MEMBER_ID
  }
  // The member has joined the generation but owns nothing in it yet: it is to commit once it does.
  const isTooEarly = !isTransactional && cycle.state === 'CompletingRebalance'
  return isTooEarly ? errorCodes.REBALANCE_IN_PROGRESS : NONE
}
