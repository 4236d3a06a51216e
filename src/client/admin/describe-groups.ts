import { WireError } from '../../base/errors.ts'
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
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { inOrderOf } from '../cluster/item-calls.ts'
import type { Answered } from '../cluster/response-error.ts'
import { rpc } from '../network/rpc.ts'
import type { BrokerLink, CallOptions } from '../network/transport.ts'
import type { GroupType } from './groups.ts'
import { askForItems } from './item-calls.ts'
import type { ItemOptions, ItemResult } from './item-results.ts'

/** A group as its coordinator describes it. */
export interface GroupDescription extends ItemResult {
  readonly groupId: string
  /** Kafka's name of it, such as `Stable`; empty after an error. */
  readonly state: string
  readonly type: GroupType
  /** `consumer` for groups of consumers; empty for one that only keeps offsets. */
  readonly protocolType: string
  /** What assigns partitions, such as `range`; empty while nobody is in. */
  readonly protocol: string
  readonly members: readonly GroupMember[]
}

/** A member of a group. */
export interface GroupMember {
  readonly memberId: string
  /** Of a static member (KIP-345), else null. */
  readonly groupInstanceId: string | null
  readonly clientId: string
  /** The address that it comes from. */
  readonly host: string
  /** The partitions that are its own; empty where the group is not of consumers, or the assignment cannot be read. */
  readonly assigned: readonly TopicPartition[]
}

type ClassicGroup = DescribeGroupsResponse['groups'][number]
type ConsumerGroup = ConsumerGroupDescribeResponse['groups'][number]
type Description = Omit<GroupDescription, 'error'>

/** What a coordinator says of a group, in whichever protocol. */
interface Told extends Answered {
  readonly description: Description
}

const describeGroupsApi = rpc(describeGroupsRequest, describeGroupsResponse)
const consumerGroupDescribeApi = rpc(consumerGroupDescribeRequest, consumerGroupDescribeResponse)

/** See `Admin.describeGroups`. */
export async function describeGroups(
  client: ClusterClient,
  groupIds: readonly string[],
  options: ItemOptions = {},
): Promise<GroupDescription[]> {
  return await askForItems(
    client,
    {
      items: groupIds,
      targetOf: (group) => ({ group }),
      subjectOf: (group) => `group '${group}'`,
      ask: async (link, items, callOptions) => {
        const classic = await tellClassic(link, items, callOptions)
        const others = items.filter((id) => classic.get(id)?.errorCode === errorCodes.GROUP_ID_NOT_FOUND)
        const newer = await tellNewer(link, others, callOptions)
        return inOrderOf(items, String, [...classic, ...newer])
      },
      fieldsOf: (groupId, answer) =>
        answer?.errorCode === errorCodes.NONE ? answer.description : { groupId, ...nothing },
    },
    options,
  )
}

const nothing = { state: '', type: 'classic', protocolType: '', protocol: '', members: [] } as const

async function tellClassic(
  link: BrokerLink,
  groupIds: readonly string[],
  options: CallOptions,
): Promise<Map<string, Told>> {
  const { groups } = await link.call(describeGroupsApi, { groups: [...groupIds] }, options)
  return new Map(
    groups.map((group) => {
      // Before version 6 one that does not exist is dead, and no error (KIP-1043).
      const isAbsent = group.errorCode === errorCodes.NONE && group.groupState === 'Dead'
      const absent = { errorCode: errorCodes.GROUP_ID_NOT_FOUND, errorMessage: null }
      return [group.groupId, { ...group, ...(isAbsent ? absent : {}), description: fromClassic(group) }]
    }),
  )
}

/** Groups of the newer protocol (KIP-848); none where the broker does not know it. */
async function tellNewer(
  link: BrokerLink,
  groupIds: readonly string[],
  options: CallOptions,
): Promise<Map<string, Told>> {
  if (groupIds.length === 0 || !link.served.has(consumerGroupDescribeRequest.apiKey)) return new Map()
  const request = { groupIds: [...groupIds], includeAuthorizedOperations: false }
  const { groups } = await link.call(consumerGroupDescribeApi, request, options)
  return new Map(groups.map((group) => [group.groupId, { ...group, description: fromConsumerGroup(group) }]))
}

function fromClassic(group: ClassicGroup): Description {
  const { groupId, groupState: state, protocolType, protocolData: protocol, members } = group
  return {
    ...{ groupId, state, type: 'classic', protocolType, protocol },
    members: members.map(({ memberId, groupInstanceId, clientId, clientHost, memberAssignment }) => ({
      ...{ memberId, groupInstanceId, clientId, host: plainHost(clientHost) },
      assigned: protocolType === 'consumer' ? assignedPartitions(memberAssignment) : [],
    })),
  }
}

function fromConsumerGroup({ groupId, groupState, assignorName, members }: ConsumerGroup): Description {
  return {
    ...{ groupId, state: groupState, type: 'consumer', protocolType: 'consumer', protocol: assignorName },
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
