import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import type { TopicPartition } from '../../client/cluster/cluster-metadata.ts'
import { rpc } from '../../client/network/rpc.ts'
import { offsetFetchRequest, offsetFetchResponse } from '../../wire/messages/09-offset-fetch.ts'
import { listGroupsRequest, listGroupsResponse } from '../../wire/messages/16-list-groups.ts'

/** A group as its coordinator lists it. */
export interface ListedGroup {
  readonly group: string
  readonly state: string
  readonly type: string
  readonly protocolType: string
  readonly coordinator: number
}

/** How far a group has got in a partition. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: number
  readonly metadata: string | null
}

const listGroupsApi = rpc(listGroupsRequest, listGroupsResponse)
/** From version 10 on topics have ids in place of names. */
const offsetFetchApi = rpc(offsetFetchRequest, offsetFetchResponse, { maxVersion: 9 })
/** From this version on several groups are asked for at once (KIP-709). */
const severalSince = 8

/** All groups, in the order of their names: each broker lists those that it coordinates. */
export async function listGroups(client: ClusterClient, signal: AbortSignal): Promise<ListedGroup[]> {
  const { brokers } = await client.metadata([], { signal })
  const lists = await Promise.all(
    [...brokers.keys()].map(async (nodeId): Promise<ListedGroup[]> => {
      const errorCodeOf = (response: { readonly errorCode: number }) => response.errorCode
      const { groups } = await client.call({ nodeId }, listGroupsApi, {}, { signal, errorCodeOf })
      return groups.map(({ groupId, protocolType, groupState, groupType }) => ({
        group: groupId,
        state: groupState,
        type: groupType === '' ? 'classic' : groupType,
        protocolType,
        coordinator: nodeId,
      }))
    }),
  )
  return lists.flat().toSorted((a, b) => (a.group < b.group ? -1 : 1))
}

/** All offsets that a group has committed, in order. */
export async function committedOffsets(
  client: ClusterClient,
  group: string,
  signal: AbortSignal,
): Promise<CommittedOffset[]> {
  const response = await client.call(
    { group },
    offsetFetchApi,
    (version) =>
      version >= severalSince
        ? { groups: [{ groupId: group, topics: null }] }
        : { groupId: group, topics: null },
    { signal, errorCodeOf: ({ errorCode, groups }) => groups[0]?.errorCode ?? errorCode },
  )
  return (response.groups[0]?.topics ?? response.topics)
    .flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, committedOffset, metadata }) => ({
        ...{ topic: name, partition: partitionIndex },
        ...{ offset: committedOffset, metadata },
      })),
    )
    .filter(({ offset }) => offset >= 0)
    .toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}
