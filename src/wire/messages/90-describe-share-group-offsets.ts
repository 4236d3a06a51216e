import { array, int16, int32, int64, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks where share groups begin in partitions (KIP-932). */
export const describeShareGroupOffsetsRequest = request(
  90,
  'DescribeShareGroupOffsetsRequest',
  '0-1, flexible 0+',
  {
    groups: array({
      groupId: string(),
      topics: array({
        topicName: string(),
        partitions: array(int32()),
      }).nullable(),
    }),
  },
)

/** The answer to {@link describeShareGroupOffsetsRequest}. */
export const describeShareGroupOffsetsResponse = response(
  90,
  'DescribeShareGroupOffsetsResponse',
  '0-1, flexible 0+',
  {
    throttleTimeMs: int32(),
    groups: array({
      groupId: string(),
      topics: array({
        topicName: string(),
        topicId: uuid(),
        partitions: array({
          partitionIndex: int32(),
          startOffset: int64(),
          leaderEpoch: int32(),
          lag: int64().since(1).ignorable().default(-1),
          errorCode: int16(),
          errorMessage: string().nullable().default(null),
        }),
      }),
      errorCode: int16(),
      errorMessage: string().nullable().default(null),
    }),
  },
)

/** The request, decoded. */
export type DescribeShareGroupOffsetsRequest = Decoded<typeof describeShareGroupOffsetsRequest>
/** The request, to be encoded. */
export type DescribeShareGroupOffsetsRequestInput = Encodable<typeof describeShareGroupOffsetsRequest>

/** The response, decoded. */
export type DescribeShareGroupOffsetsResponse = Decoded<typeof describeShareGroupOffsetsResponse>
/** The response, to be encoded. */
export type DescribeShareGroupOffsetsResponseInput = Encodable<typeof describeShareGroupOffsetsResponse>
