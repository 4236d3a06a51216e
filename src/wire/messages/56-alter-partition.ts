import { array, int16, int32, int64, int8, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Changes the in-sync replicas of partitions, by their leader (KIP-497). */
export const alterPartitionRequest = request(56, 'AlterPartitionRequest', '2-3, flexible 2+', {
  brokerId: int32(),
  brokerEpoch: int64().default(-1),
  topics: array({
    topicId: uuid().ignorable(),
    partitions: array({
      partitionIndex: int32(),
      leaderEpoch: int32(),
      newIsr: array(int32()).until(2),
      newIsrWithEpochs: array({
        brokerId: int32(),
        brokerEpoch: int64().default(-1),
      }).since(3),
      leaderRecoveryState: int8().default(0),
      partitionEpoch: int32(),
    }),
  }),
})

/** The answer to {@link alterPartitionRequest}. */
export const alterPartitionResponse = response(56, 'AlterPartitionResponse', '2-3, flexible 2+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  topics: array({
    topicId: uuid().ignorable(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
      leaderId: int32(),
      leaderEpoch: int32(),
      isr: array(int32()),
      leaderRecoveryState: int8().ignorable().default(0),
      partitionEpoch: int32(),
    }),
  }),
})

/** The request, decoded. */
export type AlterPartitionRequest = Decoded<typeof alterPartitionRequest>
/** The request, to be encoded. */
export type AlterPartitionRequestInput = Encodable<typeof alterPartitionRequest>

/** The response, decoded. */
export type AlterPartitionResponse = Decoded<typeof alterPartitionResponse>
/** The response, to be encoded. */
export type AlterPartitionResponseInput = Encodable<typeof alterPartitionResponse>
