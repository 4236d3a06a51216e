import { array, bool, int16, int32, int64, string, struct } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

const addPartitionsToTxnTopic = struct({
  name: string(),
  partitions: array(int32()),
})

/** Adds partitions to a transaction; verifies only, for brokers, since version 4 (KIP-890). */
export const addPartitionsToTxnRequest = request(24, 'AddPartitionsToTxnRequest', '0-5, flexible 3+', {
  transactions: array({
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    verifyOnly: bool().default(false),
    topics: array(addPartitionsToTxnTopic),
  }).since(4),
  v3AndBelowTransactionalId: string().until(3),
  v3AndBelowProducerId: int64().until(3),
  v3AndBelowProducerEpoch: int16().until(3),
  v3AndBelowTopics: array(addPartitionsToTxnTopic).until(3),
})

const addPartitionsToTxnTopicResult = struct({
  name: string(),
  resultsByPartition: array({
    partitionIndex: int32(),
    partitionErrorCode: int16(),
  }),
})

/** The answer to {@link addPartitionsToTxnRequest}. */
export const addPartitionsToTxnResponse = response(24, 'AddPartitionsToTxnResponse', '0-5, flexible 3+', {
  throttleTimeMs: int32(),
  errorCode: int16().since(4).ignorable(),
  resultsByTransaction: array({
    transactionalId: string(),
    topicResults: array(addPartitionsToTxnTopicResult),
  }).since(4),
  resultsByTopicV3AndBelow: array(addPartitionsToTxnTopicResult).until(3),
})

/** The request, decoded. */
export type AddPartitionsToTxnRequest = Decoded<typeof addPartitionsToTxnRequest>
/** The request, to be encoded. */
export type AddPartitionsToTxnRequestInput = Encodable<typeof addPartitionsToTxnRequest>

/** The response, decoded. */
export type AddPartitionsToTxnResponse = Decoded<typeof addPartitionsToTxnResponse>
/** The response, to be encoded. */
export type AddPartitionsToTxnResponseInput = Encodable<typeof addPartitionsToTxnResponse>
