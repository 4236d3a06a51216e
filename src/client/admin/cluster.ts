import {
  type DescribeLogDirsResponse,
  describeLogDirsRequest,
  describeLogDirsResponse,
} from '../../wire/messages/35-describe-log-dirs.ts'
import { describeClusterRequest, describeClusterResponse } from '../../wire/messages/60-describe-cluster.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { rpc } from '../network/rpc.ts'
import { errorIn } from './admin-error.ts'
import { askForItems } from './item-calls.ts'
import { type AdminOptions, type ItemOptions, type ItemResult, signalIn } from './item-results.ts'

/** A cluster and its brokers. */
export interface ClusterDescription {
  readonly clusterId: string
  /** Whom to ask for what the controller decides; with KRaft any broker, which passes it on. -1 when there is nobody. */
  readonly controllerId: number
  readonly brokers: readonly BrokerDescription[]
}

/** A broker, and where its clients reach it. */
export interface BrokerDescription {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  /** Its `broker.rack`; null when it has none. */
  readonly rack: string | null
}

/** What the directories of a broker hold. */
export interface BrokerLogDirs extends ItemResult {
  readonly nodeId: number
  readonly logDirs: readonly LogDir[]
}

/** A directory of a broker (KIP-113). */
export interface LogDir extends ItemResult {
  readonly path: string
  /** Bytes of the volume; -1 when the broker does not say (KIP-827). */
  readonly totalBytes: number
  /** Bytes that are free for use on the volume; -1 when the broker does not say (KIP-827). */
  readonly usableBytes: number
  readonly replicas: readonly ReplicaInfo[]
}

/** A replica of a partition in a directory. */
export interface ReplicaInfo extends TopicPartition {
  readonly sizeBytes: number
  /** How many offsets it is behind: the high watermark, or for one that is on its way to another directory the other replica. */
  readonly offsetLag: number
  /** Whether it will take the place of the replica in another directory. */
  readonly isFuture: boolean
}

const describeClusterApi = rpc(describeClusterRequest, describeClusterResponse)
const describeLogDirsApi = rpc(describeLogDirsRequest, describeLogDirsResponse)

/** See `Admin.describeCluster`. */
export async function describeCluster(
  client: ClusterClient,
  options: AdminOptions = {},
): Promise<ClusterDescription> {
  const { clusterId, controllerId, brokers } = await client.call(
    'any',
    describeClusterApi,
    { includeClusterAuthorizedOperations: false, includeFencedBrokers: false },
    { ...options, errorCodeOf: ({ errorCode }) => errorCode },
  )
  return {
    ...{ clusterId, controllerId },
    brokers: brokers.map(({ brokerId, host, port, rack }) => ({ nodeId: brokerId, host, port, rack })),
  }
}

/** See `Admin.describeLogDirs`. */
export async function describeLogDirs(
  client: ClusterClient,
  nodeIds: readonly number[] | null,
  options: ItemOptions = {},
): Promise<BrokerLogDirs[]> {
  return await askForItems(
    client,
    {
      items: nodeIds ?? [...(await client.metadata([], signalIn(options))).brokers.keys()],
      targetOf: (nodeId) => ({ nodeId }),
      subjectOf: (nodeId) => `broker ${nodeId}`,
      ask: async (link, _, callOptions) => [
        await link.call(describeLogDirsApi, { topics: null }, callOptions),
      ],
      fieldsOf: (nodeId, answer) => ({ nodeId, logDirs: (answer?.results ?? []).map(logDirOf) }),
    },
    options,
  )
}

function logDirOf(told: DescribeLogDirsResponse['results'][number]): LogDir {
  const { logDir: path, totalBytes, usableBytes, topics } = told
  const replicas = topics.flatMap(({ name: topic, partitions }) =>
    partitions.map(({ partitionIndex, partitionSize, offsetLag, isFutureKey }) => ({
      ...{ topic, partition: partitionIndex },
      ...{ sizeBytes: partitionSize, offsetLag, isFuture: isFutureKey },
    })),
  )
  const error = errorIn(told, path)
  return { ...{ path, totalBytes, usableBytes, replicas }, ...(error === undefined ? {} : { error }) }
}
