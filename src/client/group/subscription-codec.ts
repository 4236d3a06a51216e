import {
  consumerProtocolAssignment,
  consumerProtocolSubscription,
} from '../../wire/records/consumer-protocol.ts'
import type { JoinGroupResponse } from '../../wire/messages/11-join-group.ts'
import { encodeVersioned, versionOf } from '../../wire/versioned.ts'
import type { MemberAssignment, MemberSubscription } from './assignor.ts'
import { byTopic, flattened } from '../cluster/topic-partitions.ts'

const latestVersion = 3
const versionBytes = 2

/** What a member says of itself when it joins, as the latest version of Kafka's consumer protocol. */
export function encodeSubscription(
  subscription: Omit<MemberSubscription, 'memberId' | 'groupInstanceId'>,
): Buffer {
  const { ownedPartitions, ...rest } = subscription
  return encodeVersioned(consumerProtocolSubscription, latestVersion, {
    ...rest,
    ownedPartitions: byTopic(ownedPartitions),
  })
}

/**
 * What a member that joined says of itself. Versions that are not known yet are read as the latest that is: each begins as
 * those before it.
 *
 * @throws WireError for bytes that are no subscription
 */
export function decodeSubscription({
  memberId,
  groupInstanceId,
  metadata,
}: JoinGroupResponse['members'][number]): MemberSubscription {
  const version = Math.min(versionOf(metadata), latestVersion)
  const { ownedPartitions, ...rest } = consumerProtocolSubscription.at(version).decode(metadata, versionBytes)
  return { ...rest, memberId, groupInstanceId, ownedPartitions: flattened(ownedPartitions) }
}

export function encodeAssignment({ partitions, userData = null }: MemberAssignment): Buffer {
  const assignedPartitions = byTopic(partitions)
  return encodeVersioned(consumerProtocolAssignment, latestVersion, { assignedPartitions, userData })
}

/** Nothing at all, which is what a member gets that the leader did not name, is an assignment of nothing. */
export function decodeAssignment(assignment: Buffer): MemberAssignment {
  if (assignment.length === 0) return { partitions: [] }
  const version = Math.min(versionOf(assignment), latestVersion)
  const { assignedPartitions, userData } = consumerProtocolAssignment
    .at(version)
    .decode(assignment, versionBytes)
  return { partitions: flattened(assignedPartitions), userData }
}
