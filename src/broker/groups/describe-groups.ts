import { errorCodes } from '../../wire/error-codes.ts'
import type { DescribeGroupsResponse } from '../../wire/messages/15-describe-groups.ts'
import type { ListGroupsRequest, ListGroupsResponse } from '../../wire/messages/16-list-groups.ts'
import type { ClassicGroup } from './classic-group.ts'

type DescribedGroup = DescribeGroupsResponse['groups'][number]
type ListedGroup = ListGroupsResponse['groups'][number]

/** From this version on, a group that does not exist is an error; before, it is one that is dead (KIP-1043). */
const groupNotFoundVersion = 6
/** Kafka's word for not having been asked. */
const noAuthorizedOperations = -(2 ** 31)
const nothing = Buffer.alloc(0)

/**
 * A group as an administrator sees it. What its members say of themselves is shown once they agree on a protocol; what they
 * were last assigned, always.
 */
export function describeGroup(group: ClassicGroup): DescribedGroup {
  const isStable = group.state === 'Stable'
  return {
    ...undescribed(group.groupId),
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? member.metadataFor(group.protocolName) : nothing,
      memberAssignment: member.assignment,
    })),
  }
}

/** The description of a group that does not exist. */
export function describeMissing(groupId: string, apiVersion: number): DescribedGroup {
  const missing = { ...undescribed(groupId), groupState: 'Dead' }
  if (apiVersion < groupNotFoundVersion) return missing
  return {
    ...missing,
    errorCode: errorCodes.GROUP_ID_NOT_FOUND,
    errorMessage: `There is no group ${groupId}.`,
  }
}

/** The description of a group that cannot be looked up here. */
export function describeRefusal(groupId: string, errorCode: number): DescribedGroup {
  return { ...undescribed(groupId), errorCode }
}

function undescribed(groupId: string): DescribedGroup {
  return {
    errorCode: errorCodes.NONE,
    errorMessage: null,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
    authorizedOperations: noAuthorizedOperations,
  }
}

/** The groups that are in one of the states and of one of the types asked for, in any case of letters; none asked for are all. */
export function listGroups(
  groups: readonly ClassicGroup[],
  { statesFilter, typesFilter }: Pick<ListGroupsRequest, 'statesFilter' | 'typesFilter'>,
): ListedGroup[] {
  const isWanted = (filter: readonly string[], value: string): boolean =>
    filter.length === 0 || filter.some((wanted) => wanted.toLowerCase() === value.toLowerCase())
  return groups
    .filter(({ state, type }) => isWanted(statesFilter, state) && isWanted(typesFilter, type))
    .map(({ groupId, protocolType, state, type }) => ({
      groupId,
      protocolType: protocolType ?? '',
      groupState: state,
      groupType: type,
    }))
}
