import { array, int16, int32, int64, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Commits offsets of a consumer group. */
export const offsetCommitRequest = request(8, 'OffsetCommitRequest', '2-10, flexible 8+', {
  groupId: string(),
  generationIdOrMemberEpoch: int32().ignorable().default(-1),
  memberId: string().ignorable(),
  groupInstanceId: string().nullable().since(7).default(null),
  retentionTimeMs: int64().until(4).ignorable().default(-1),
  topics: array({
    name: string().until(9).ignorable(),
    topicId: uuid().since(10).ignorable(),
    partitions: array({
      partitionIndex: int32(),
      committedOffset: int64(),
      committedLeaderEpoch: int32().since(6).ignorable().default(-1),
      committedMetadata: string().nullable(),
    }),
  }),
})

/** The answer to {@link offsetCommitRequest}. */
export const offsetCommitResponse = response(8, 'OffsetCommitResponse', '2-10, flexible 8+', {
  throttleTimeMs: int32().since(3).ignorable(),
  topics: array({
    name: string().until(9).ignorable(),
    topicId: uuid().since(10).ignorable(),
    partitions: array({
      partitionIndex: int32(),
      errorCode: int16(),
    }),
  }),
})

/** The request, decoded. */
export type OffsetCommitRequest = Decoded<typeof offsetCommitRequest>
/** The request, to be encoded. */
export type OffsetCommitRequestInput = Encodable<typeof offsetCommitRequest>

/** The response, decoded. */
export type OffsetCommitResponse = Decoded<typeof offsetCommitResponse>
/** The response, to be encoded. */
export type OffsetCommitResponseInput = Encodable<typeof offsetCommitResponse>
