import { errorCodes } from '../../wire/error-codes.ts'
import { electLeadersRequest, electLeadersResponse } from '../../wire/messages/43-elect-leaders.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { groupByTopic } from '../cluster/topic-partitions.ts'
import { rpc } from '../network/rpc.ts'
import { errorIn } from './admin-error.ts'
import { type ItemOptions, type ItemResult, orThrow } from './item-results.ts'
import { partitionName } from './partition-map.ts'

/**
 * Who may be elected: `preferred` the first of a partition's replicas, if it is in sync; `unclean`, where nobody is, any replica
 * that is alive, which loses what it lacks (KIP-460).
 */
export type ElectionType = keyof typeof electionTypes

/** A partition whose leader was to be elected. */
export interface ElectedLeader extends TopicPartition, ItemResult {
  /** False when there was no need to. */
  readonly isElected: boolean
}

const electionTypes = { preferred: 0, unclean: 1 } as const
// Version 0 knows preferred leaders only.
const preferredApi = rpc(electLeadersRequest, electLeadersResponse)
const anyElectionApi = rpc(electLeadersRequest, electLeadersResponse, { minVersion: 1 })

/** See `Admin.electLeaders`. */
export async function electLeaders(
  client: ClusterClient,
  type: ElectionType,
  partitions: readonly TopicPartition[] | null,
  options: ItemOptions = {},
): Promise<ElectedLeader[]> {
  const { throwOnError: _, ...callOptions } = options
  const asked = partitions && groupByTopic(partitions, ({ partition }) => partition)
  const request = {
    electionType: electionTypes[type],
    topicPartitions: asked && asked.map(({ topic, items }) => ({ topic, partitions: items })),
    timeoutMs: client.limits.requestTimeoutMs,
  }
  const { replicaElectionResults } = await client.call(
    'controller',
    type === 'preferred' ? preferredApi : anyElectionApi,
    request,
    { ...callOptions, errorCodeOf: ({ errorCode }) => errorCode },
  )
  const results = replicaElectionResults.flatMap(({ topic, partitionResult }) =>
    partitionResult.map((told): ElectedLeader => {
      const of = { topic, partition: told.partitionId }
      const isNeedless = told.errorCode === errorCodes.ELECTION_NOT_NEEDED
      const error = isNeedless ? undefined : errorIn(told, partitionName(of))
      return {
        ...of,
        isElected: told.errorCode === errorCodes.NONE,
        ...(error === undefined ? {} : { error }),
      }
    }),
  )
  return orThrow(results, options)
}
