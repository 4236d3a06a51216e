import { array, bool, int16, int32, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the partitions of topics, page by page (KIP-966). */
export const describeTopicPartitionsRequest = request(
  75,
  'DescribeTopicPartitionsRequest',
  '0, flexible 0+',
  {
    topics: array({
      name: string(),
    }),
    responsePartitionLimit: int32().default(2000),
    cursor: struct({
      topicName: string(),
      partitionIndex: int32(),
    })
      .nullable()
      .default(null),
  },
)

/** The answer to {@link describeTopicPartitionsRequest}. */
export const describeTopicPartitionsResponse = response(
  75,
  'DescribeTopicPartitionsResponse',
  '0, flexible 0+',
  {
    throttleTimeMs: int32().ignorable(),
    topics: array({
      errorCode: int16(),
      name: string().nullable(),
      topicId: uuid().ignorable(),
      isInternal: bool().ignorable().default(false),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32().ignorable().default(-1),
        replicaNodes: array(int32()),
        isrNodes: array(int32()),
        eligibleLeaderReplicas: array(int32()).nullable().default(null),
        lastKnownElr: array(int32()).nullable().default(null),
        offlineReplicas: array(int32()).ignorable(),
      }),
      topicAuthorizedOperations: int32().default(-2147483648),
    }),
    nextCursor: struct({
      topicName: string(),
      partitionIndex: int32(),
    })
      .nullable()
      .default(null),
  },
)

/** The request, decoded. */
export type DescribeTopicPartitionsRequest = Decoded<typeof describeTopicPartitionsRequest>
/** The request, to be encoded. */
export type DescribeTopicPartitionsRequestInput = Encodable<typeof describeTopicPartitionsRequest>

/** The response, decoded. */
export type DescribeTopicPartitionsResponse = Decoded<typeof describeTopicPartitionsResponse>
/** The response, to be encoded. */
export type DescribeTopicPartitionsResponseInput = Encodable<typeof describeTopicPartitionsResponse>
