import { array, int16, int32, int64, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Reads where share partitions begin, at the share coordinator (KIP-932). */
export const readShareGroupStateSummaryRequest = request(
  87,
  'ReadShareGroupStateSummaryRequest',
  '0-1, flexible 0+',
  {
    groupId: string(),
    topics: array({
      topicId: uuid(),
      partitions: array({
        partition: int32(),
        leaderEpoch: int32(),
      }),
    }),
  },
)

/** The answer to {@link readShareGroupStateSummaryRequest}. */
export const readShareGroupStateSummaryResponse = response(
  87,
  'ReadShareGroupStateSummaryResponse',
  '0-1, flexible 0+',
  {
    results: array({
      topicId: uuid(),
      partitions: array({
        partition: int32(),
        errorCode: int16(),
        errorMessage: string().nullable().default(null),
        stateEpoch: int32(),
        leaderEpoch: int32(),
        startOffset: int64(),
        deliveryCompleteCount: int32().since(1).ignorable().default(-1),
      }),
    }),
  },
)

/** The request, decoded. */
export type ReadShareGroupStateSummaryRequest = Decoded<typeof readShareGroupStateSummaryRequest>
/** The request, to be encoded. */
export type ReadShareGroupStateSummaryRequestInput = Encodable<typeof readShareGroupStateSummaryRequest>

/** The response, decoded. */
export type ReadShareGroupStateSummaryResponse = Decoded<typeof readShareGroupStateSummaryResponse>
/** The response, to be encoded. */
export type ReadShareGroupStateSummaryResponseInput = Encodable<typeof readShareGroupStateSummaryResponse>
