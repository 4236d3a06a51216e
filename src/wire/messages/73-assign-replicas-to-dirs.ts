import { array, int16, int32, int64, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Tells the controller in which log directories replicas lie (KIP-858). */
export const assignReplicasToDirsRequest = request(73, 'AssignReplicasToDirsRequest', '0, flexible 0+', {
  brokerId: int32(),
  brokerEpoch: int64().default(-1),
  directories: array({
    id: uuid(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partitionIndex: int32(),
      }),
    }),
  }),
})

/** The answer to {@link assignReplicasToDirsRequest}. */
export const assignReplicasToDirsResponse = response(73, 'AssignReplicasToDirsResponse', '0, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  directories: array({
    id: uuid(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  }),
})

/** The request, decoded. */
export type AssignReplicasToDirsRequest = Decoded<typeof assignReplicasToDirsRequest>
/** The request, to be encoded. */
export type AssignReplicasToDirsRequestInput = Encodable<typeof assignReplicasToDirsRequest>

/** The response, decoded. */
export type AssignReplicasToDirsResponse = Decoded<typeof assignReplicasToDirsResponse>
/** The response, to be encoded. */
export type AssignReplicasToDirsResponseInput = Encodable<typeof assignReplicasToDirsResponse>
