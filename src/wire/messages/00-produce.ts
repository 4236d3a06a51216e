import { array, int16, int32, int64, records, string, struct, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Appends record batches to partitions. Topic ids stand for names since version 13 (KIP-516). */
export const produceRequest = request(0, 'ProduceRequest', '3-13, flexible 9+', {
  transactionalId: string().nullable().default(null),
  acks: int16(),
  timeoutMs: int32(),
  topicData: array({
    name: string().until(12).ignorable(),
    topicId: uuid().since(13).ignorable(),
    partitionData: array({
      index: int32(),
      records: records().nullable(),
    }),
  }),
})

/** The answer to {@link produceRequest}. */
export const produceResponse = response(0, 'ProduceResponse', '3-13, flexible 9+', {
  responses: array({
    name: string().until(12).ignorable(),
    topicId: uuid().since(13).ignorable(),
    partitionResponses: array({
      index: int32(),
      errorCode: int16(),
      baseOffset: int64(),
      logAppendTimeMs: int64().ignorable().default(-1),
      logStartOffset: int64().since(5).ignorable().default(-1),
      recordErrors: array({
        batchIndex: int32(),
        batchIndexErrorMessage: string().nullable().default(null),
      })
        .since(8)
        .ignorable(),
      errorMessage: string().nullable().since(8).ignorable().default(null),
      currentLeader: struct({
        leaderId: int32().default(-1),
        leaderEpoch: int32().default(-1),
      })
        .since(10)
        .tagged(0),
    }),
  }),
  throttleTimeMs: int32().ignorable().default(0),
  nodeEndpoints: array({
    nodeId: int32(),
    host: string(),
    port: int32(),
    rack: string().nullable().default(null),
  })
    .since(10)
    .tagged(0),
})

/** The request, decoded. */
export type ProduceRequest = Decoded<typeof produceRequest>
/** The request, to be encoded. */
export type ProduceRequestInput = Encodable<typeof produceRequest>

/** The response, decoded. */
export type ProduceResponse = Decoded<typeof produceResponse>
/** The response, to be encoded. */
export type ProduceResponseInput = Encodable<typeof produceResponse>
