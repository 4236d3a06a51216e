import { array, int16, int32, int64, records, string, struct, uint16, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Reads part of a snapshot of the metadata log (KIP-630). */
export const fetchSnapshotRequest = request(59, 'FetchSnapshotRequest', '0-1, flexible 0+', {
  clusterId: string().nullable().tagged(0).default(null),
  replicaId: int32().default(-1),
  maxBytes: int32().default(0x7fffffff),
  topics: array({
    name: string(),
    partitions: array({
      partition: int32(),
      currentLeaderEpoch: int32(),
      snapshotId: struct({
        endOffset: int64(),
        epoch: int32(),
      }),
      position: int64(),
      replicaDirectoryId: uuid().since(1).tagged(0).ignorable(),
    }),
  }),
})

/** The answer to {@link fetchSnapshotRequest}. */
export const fetchSnapshotResponse = response(59, 'FetchSnapshotResponse', '0-1, flexible 0+', {
  throttleTimeMs: int32().ignorable(),
  errorCode: int16(),
  topics: array({
    name: string(),
    partitions: array({
      index: int32(),
      errorCode: int16(),
      snapshotId: struct({
        endOffset: int64(),
        epoch: int32(),
      }),
      currentLeader: struct({
        leaderId: int32(),
        leaderEpoch: int32(),
      }).tagged(0),
      size: int64(),
      position: int64(),
      unalignedRecords: records(),
    }),
  }),
  nodeEndpoints: array({
    nodeId: int32(),
    host: string(),
    port: uint16(),
  })
    .since(1)
    .tagged(0),
})

/** The request, decoded. */
export type FetchSnapshotRequest = Decoded<typeof fetchSnapshotRequest>
/** The request, to be encoded. */
export type FetchSnapshotRequestInput = Encodable<typeof fetchSnapshotRequest>

/** The response, decoded. */
export type FetchSnapshotResponse = Decoded<typeof fetchSnapshotResponse>
/** The response, to be encoded. */
export type FetchSnapshotResponseInput = Encodable<typeof fetchSnapshotResponse>
