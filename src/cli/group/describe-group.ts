import { UnsupportedVersionError, WireError } from '../../base/errors.ts'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import type { TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import { rpc } from '../../client/network/rpc.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import {
  type DescribeGroupsResponse,
  describeGroupsRequest,
  describeGroupsResponse,
} from '../../wire/messages/15-describe-groups.ts'
import {
  type ConsumerGroupDescribeResponse,
  consumerGroupDescribeRequest,
  consumerGroupDescribeResponse,
} from '../../wire/messages/69-consumer-group-describe.ts'
import { consumerProtocolAssignment } from '../../wire/records/consumer-protocol.ts'
import { decodeVersioned } from '../../wire/versioned.ts'

/** A group as its coordinator describes it. */
export interface GroupDescription {
  readonly group: string
  readonly state: string
  readonly protocolType: string
  /** What assigns partitions, such as `range`; empty while nobody is in. */
  readonly protocol: string
  readonly members: readonly GroupMember[]
}

/** A member of a group. */
export interface GroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly host: string
  /** Empty where the group is not of consumers, or the assignment cannot be read. */
  readonly assigned: readonly TopicPartition[]
}

type ClassicGroup = DescribeGroupsResponse['groups'][number]
type ConsumerGroup = ConsumerGroupDescribeResponse['groups'][number]

const describeGroupsApi = rpc(describeGroupsRequest, describeGroupsResponse)
const consumerGroupDescribeApi = rpc(consumerGroupDescribeRequest, consumerGroupDescribeResponse)

/** A group of the classic protocol or of the newer one (KIP-848); undefined when there is none of that name. */
export async function describeGroup(
  client: ClusterClient,
  group: string,
  signal: AbortSignal,
): Promise<GroupDescription | undefined> {
  const options = { signal, errorCodeOf: graveErrorCode }
  const { groups } = await client.call({ group }, describeGroupsApi, { groups: [group] }, options)
  const [classic] = groups
  // Before version 6 one that does not exist is `Dead`.
  if (classic?.errorCode === errorCodes.NONE && classic.groupState !== 'Dead') return fromClassic(classic)
  return await describeConsumerGroup(client, group, signal)
}

async function describeConsumerGroup(
  client: ClusterClient,
  group: string,
  signal: AbortSignal,
): Promise<GroupDescription | undefined> {
  const options = { signal, errorCodeOf: graveErrorCode }
  const request = { groupIds: [group], includeAuthorizedOperations: false }
  try {
    const { groups } = await client.call({ group }, consumerGroupDescribeApi, request, options)
    const [described] = groups
    return described?.errorCode === errorCodes.NONE ? fromConsumerGroup(described) : undefined
  } catch (error) {
    // A broker that does not know the protocol has no groups of it.
    if (error instanceof UnsupportedVersionError) return undefined
    throw error
  }
}

/** The error of the one group that was asked for, unless it is that it does not exist. */
function graveErrorCode({ groups }: { readonly groups: readonly { readonly errorCode: number }[] }): number {
  const errorCode = groups[0]?.errorCode ?? errorCodes.UNKNOWN_SERVER_ERROR
  return errorCode === errorCodes.GROUP_ID_NOT_FOUND ? errorCodes.NONE : errorCode
}

function fromClassic({
  groupId,
  groupState,
  protocolType,
  protocolData,
  members,
}: ClassicGroup): GroupDescription {
  return {
    ...{ group: groupId, state: groupState, protocolType, protocol: protocolData },
    members: members.map(({ memberId, groupInstanceId, clientId, clientHost, memberAssignment }) => ({
      ...{ memberId, groupInstanceId, clientId, host: plainHost(clientHost) },
      assigned: protocolType === 'consumer' ? assignedPartitions(memberAssignment) : [],
    })),
  }
}

function fromConsumerGroup({ groupId, groupState, assignorName, members }: ConsumerGroup): GroupDescription {
  return {
    ...{ group: groupId, state: groupState, protocolType: 'consumer', protocol: assignorName },
    members: members.map(({ memberId, instanceId, clientId, clientHost, assignment }) => ({
      ...{ memberId, groupInstanceId: instanceId, clientId, host: plainHost(clientHost) },
      assigned: assignment.topicPartitions.flatMap(({ topicName, partitions }) =>
        partitions.map((partition) => ({ topic: topicName, partition })),
      ),
    })),
  }
}

/** Java prints addresses behind a slash. */
function plainHost(host: string): string {
  return host.replace(/^\//, '')
}

/** The bytes are the members' own business, which a broker has not checked. */
function assignedPartitions(assignment: Buffer): TopicPartition[] {
  if (assignment.length === 0) return []
  try {
    const { value } = decodeVersioned([consumerProtocolAssignment], assignment)
    return value.assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    )
  } catch (error) {
    if (error instanceof WireError) return []
    throw error
  }
}
