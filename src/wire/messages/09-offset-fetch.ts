import { array, bool, int16, int32, int64, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the committed offsets of groups; of several at once since version 8 (KIP-709). */
export const offsetFetchRequest = request(9, 'OffsetFetchRequest', '1-10, flexible 6+', {
  groupId: string().until(7),
  topics: array({
    name: string(),
    partitionIndexes: array(int32()),
  })
    .nullable(2)
    .until(7),
  groups: array({
    groupId: string(),
    memberId: string().nullable().since(9).ignorable().default(null),
    memberEpoch: int32().since(9).ignorable().default(-1),
    topics: array({
      name: string().until(9).ignorable(),
      topicId: uuid().since(10).ignorable(),
      partitionIndexes: array(int32()),
    }).nullable(),
  }).since(8),
  requireStable: bool().since(7).default(false),
})

/** The answer to {@link offsetFetchRequest}. */
export const offsetFetchResponse = response(9, 'OffsetFetchResponse', '1-10, flexible 6+', {
  throttleTimeMs: int32().since(3).ignorable(),
  topics: array({
    name: string(),
    partitions: array({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32().since(5).ignorable().default(-1),
      metadata: string().nullable(),
      errorCode: int16(),
    }),
  }).until(7),
  errorCode: int16().since(2).until(7).ignorable().default(0),
  groups: array({
    groupId: string(),
    topics: array({
      name: string().until(9).ignorable(),
      topicId: uuid().since(10).ignorable(),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32().ignorable().default(-1),
        metadata: string().nullable(),
        errorCode: int16(),
      }),
    }),
    errorCode: int16().default(0),
  }).since(8),
})

/** The request, decoded. */
export type OffsetFetchRequest = Decoded<typeof offsetFetchRequest>
/** The request, to be encoded. */
export type OffsetFetchRequestInput = Encodable<typeof offsetFetchRequest>

/** The response, decoded. */
export type OffsetFetchResponse = Decoded<typeof offsetFetchResponse>
/** The response, to be encoded. */
export type OffsetFetchResponseInput = Encodable<typeof offsetFetchResponse>
