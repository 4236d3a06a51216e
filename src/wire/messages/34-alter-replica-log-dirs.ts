import { array, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Moves replicas between log directories of a broker (KIP-113). */
export const alterReplicaLogDirsRequest = request(34, 'AlterReplicaLogDirsRequest', '1-2, flexible 2+', {
  dirs: array({
    path: string(),
    topics: array({
      name: string(),
      partitions: array(int32()),
    }),
  }),
})

/** The answer to {@link alterReplicaLogDirsRequest}. */
export const alterReplicaLogDirsResponse = response(34, 'AlterReplicaLogDirsResponse', '1-2, flexible 2+', {
  throttleTimeMs: int32(),
  results: array({
    topicName: string(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
    }),
  }),
})

/** The request, decoded. */
export type AlterReplicaLogDirsRequest = Decoded<typeof alterReplicaLogDirsRequest>
/** The request, to be encoded. */
export type AlterReplicaLogDirsRequestInput = Encodable<typeof alterReplicaLogDirsRequest>

/** The response, decoded. */
export type AlterReplicaLogDirsResponse = Decoded<typeof alterReplicaLogDirsResponse>
/** The response, to be encoded. */
export type AlterReplicaLogDirsResponseInput = Encodable<typeof alterReplicaLogDirsResponse>
