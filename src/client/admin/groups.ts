import { listGroupsRequest, listGroupsResponse } from '../../wire/messages/16-list-groups.ts'
import { deleteGroupsRequest, deleteGroupsResponse } from '../../wire/messages/42-delete-groups.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import { inOrderOf } from '../cluster/item-calls.ts'
import { rpc } from '../network/rpc.ts'
import { askForItems } from './item-calls.ts'
import type { AdminOptions, ItemOptions, ItemResult } from './item-results.ts'

/** The states of groups, by Kafka's names: of the classic protocol and of the newer one (KIP-848). */
export type GroupState =
  | 'PreparingRebalance'
  | 'CompletingRebalance'
  | 'Stable'
  | 'Dead'
  | 'Empty'
  | 'Assigning'
  | 'Reconciling'

/** The protocols that groups go by, by Kafka's names (KIP-848, KIP-932, KIP-1071). */
export type GroupType = 'classic' | 'consumer' | 'share' | 'streams'

/** Which groups are listed; all where nothing is said. */
export interface ListGroupsOptions extends AdminOptions {
  /** Only groups in these states (KIP-518). */
  readonly states?: readonly GroupState[]
  /** Only groups of these protocols (KIP-848). */
  readonly types?: readonly GroupType[]
}

/** A group as its coordinator lists it. */
export interface GroupListing {
  readonly groupId: string
  /** One of {@link GroupState}, or one that is not known here; empty when the broker does not say, as Kafka before 2.6. */
  readonly state: string
  /** One of {@link GroupType}, or one that is not known here. */
  readonly type: string
  /** `consumer` for groups of consumers; empty for one that only keeps offsets. */
  readonly protocolType: string
  /** Id of the broker that is its coordinator. */
  readonly coordinatorId: number
}

/** A group that was deleted. */
export interface DeletedGroup extends ItemResult {
  readonly groupId: string
}

const listGroupsApi = rpc(listGroupsRequest, listGroupsResponse)
const deleteGroupsApi = rpc(deleteGroupsRequest, deleteGroupsResponse)
/** From these versions on the broker leaves out what is not wanted. */
const statesSince = 4
const typesSince = 5

/** See `Admin.listGroups`. */
export async function listGroups(
  client: ClusterClient,
  { states = [], types = [], ...options }: ListGroupsOptions = {},
): Promise<GroupListing[]> {
  const { brokers } = await client.metadata([], options)
  const isWanted = ({ state, type }: GroupListing): boolean => isAmong(states, state) && isAmong(types, type)
  const input = (version: number) => ({
    statesFilter: version >= statesSince ? [...states] : [],
    typesFilter: version >= typesSince ? [...types] : [],
  })
  const lists = await askForItems(
    client,
    {
      items: [...brokers.keys()],
      targetOf: (nodeId) => ({ nodeId }),
      subjectOf: (nodeId) => `groups of broker ${nodeId}`,
      ask: async (link, _, callOptions) => [await link.call(listGroupsApi, input, callOptions)],
      fieldsOf: (coordinatorId, answer) => ({
        groups: (answer?.groups ?? []).map(({ groupId, groupState, groupType, protocolType }) => ({
          ...{ groupId, state: groupState, protocolType, coordinatorId },
          // Before version 5 nobody says, for there are no others.
          type: groupType === '' ? 'classic' : groupType,
        })),
      }),
    },
    options,
  )
  return lists
    .flatMap(({ groups }) => groups)
    .filter(isWanted)
    .toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1))
}

function isAmong(wanted: readonly string[], value: string): boolean {
  return wanted.length === 0 || wanted.includes(value)
}

/** See `Admin.deleteGroups`. */
export async function deleteGroups(
  client: ClusterClient,
  groupIds: readonly string[],
  options: ItemOptions = {},
): Promise<DeletedGroup[]> {
  return await askForItems(
    client,
    {
      items: groupIds,
      targetOf: (group) => ({ group }),
      subjectOf: (group) => `group '${group}'`,
      ask: async (link, items, callOptions) => {
        const { results } = await link.call(deleteGroupsApi, { groupsNames: [...items] }, callOptions)
        return inOrderOf(
          items,
          String,
          results.map((each) => [each.groupId, each] as const),
        )
      },
      fieldsOf: (groupId) => ({ groupId }),
    },
    options,
  )
}
