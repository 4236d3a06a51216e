import { errorCodes } from '../../wire/error-codes.ts'
import { offsetDeleteRequest, offsetDeleteResponse } from '../../wire/messages/47-offset-delete.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { inOrderOf } from '../cluster/item-calls.ts'
import { type CommittedOffset, GroupOffsets, type OffsetToCommit } from '../group/group-offsets.ts'
import { rpc } from '../network/rpc.ts'
import { asAdminError } from './admin-error.ts'
import { askForItems } from './item-calls.ts'
import { type AdminOptions, type ItemOptions, type ItemResult, orThrow, signalIn } from './item-results.ts'
import { byTopic, flatPartitions, partitionName } from './partition-map.ts'

/** Which offsets of a group are listed. */
export interface ListGroupOffsetsOptions extends AdminOptions {
  /** Default: all partitions that the group has committed offsets of. */
  readonly partitions?: readonly TopicPartition[]
  /** Whether to wait until no transaction is about to commit offsets of the group (KIP-447). Default false. */
  readonly requireStable?: boolean
}

/** A partition of which a group's offset was set or deleted. */
export interface ChangedGroupOffset extends TopicPartition, ItemResult {}

const offsetDeleteApi = rpc(offsetDeleteRequest, offsetDeleteResponse)

/** See `Admin.listGroupOffsets`. */
export async function listGroupOffsets(
  client: ClusterClient,
  groupId: string,
  { partitions, ...options }: ListGroupOffsetsOptions = {},
): Promise<CommittedOffset[]> {
  const offsets = new GroupOffsets(client, groupId)
  return partitions === undefined ? await offsets.all(options) : await offsets.fetch(partitions, options)
}

/** See `Admin.alterGroupOffsets`. */
export async function alterGroupOffsets(
  client: ClusterClient,
  groupId: string,
  offsets: readonly OffsetToCommit[],
  options: ItemOptions = {},
): Promise<ChangedGroupOffset[]> {
  const committed = await new GroupOffsets(client, groupId).commitEach(offsets, signalIn(options))
  const results = committed.map(({ topic, partition, error }): ChangedGroupOffset => {
    const of = { topic, partition }
    return error === undefined ? of : { ...of, error: asAdminError(error, partitionName(of)) }
  })
  return orThrow(results, options)
}

/** See `Admin.deleteGroupOffsets`. */
export async function deleteGroupOffsets(
  client: ClusterClient,
  groupId: string,
  partitions: readonly TopicPartition[],
  options: ItemOptions = {},
): Promise<ChangedGroupOffset[]> {
  return await askForItems(
    client,
    {
      items: partitions,
      targetOf: () => ({ group: groupId }),
      subjectOf: (partition) => `${subjectOf(groupId)}, ${partitionName(partition)}`,
      ask: async (link, items, callOptions) => {
        const topics = byTopic(items, ({ partition }) => ({ partitionIndex: partition }))
        const response = await link.call(offsetDeleteApi, { groupId, topics }, callOptions)
        // An error of the group is the error of each.
        if (response.errorCode !== errorCodes.NONE)
          return items.map(() => ({ errorCode: response.errorCode }))
        return inOrderOf(items, partitionName, flatPartitions(response.topics))
      },
      fieldsOf: ({ topic, partition }) => ({ topic, partition }),
    },
    options,
  )
}

function subjectOf(groupId: string): string {
  return `group '${groupId}'`
}
