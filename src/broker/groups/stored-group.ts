import type { GroupMetadataValue } from '../../wire/records/group-metadata.ts'
import { GroupMember } from './group-member.ts'

/** What a record keeps of a group besides its members. */
export interface StoredTraits {
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly generation: number
  readonly leaderId: string | null
  readonly stateChangedMs: number
}

/** A generation as GroupMetadataValue has it, with the `assignments` that it is about to get. */
export function storedGroup(
  traits: StoredTraits,
  members: readonly GroupMember[],
  assignments: ReadonlyMap<string, Buffer>,
): GroupMetadataValue {
  return {
    protocolType: traits.protocolType ?? '',
    generation: traits.generation,
    protocol: traits.protocolName,
    leader: traits.leaderId,
    currentStateTimestamp: traits.stateChangedMs,
    members: members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.terms.rebalanceTimeoutMs,
      sessionTimeout: member.terms.sessionTimeoutMs,
      subscription: member.metadataFor(traits.protocolName),
      assignment: assignments.get(member.memberId) ?? member.assignment,
    })),
  }
}

/** The members of a stored generation. Of their protocols only the elected one was kept. */
export function restoredMembers(value: GroupMetadataValue): GroupMember[] {
  return value.members.map((stored) => {
    const member = new GroupMember(stored, {
      protocols: [{ name: value.protocol ?? '', metadata: stored.subscription }],
      // Version 0 of the record has no such field, and its members rejoin within their sessions.
      rebalanceTimeoutMs: stored.rebalanceTimeout === -1 ? stored.sessionTimeout : stored.rebalanceTimeout,
      sessionTimeoutMs: stored.sessionTimeout,
    })
    member.assignment = stored.assignment
    return member
  })
}
