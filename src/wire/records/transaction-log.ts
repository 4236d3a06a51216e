import { array, int16, int32, int64, int8, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the state of a transaction. */
export const transactionLogKey = data('TransactionLogKey', '0', {
  transactionalId: string(),
})

/** The state of a transaction. */
export const transactionLogValue = data('TransactionLogValue', '0-1, flexible 1+', {
  producerId: int64(),
  previousProducerId: int64().since(1).tagged(0).default(-1),
  nextProducerId: int64().since(1).tagged(1).default(-1),
  producerEpoch: int16(),
  nextProducerEpoch: int16().since(1).tagged(3).default(-1),
  transactionTimeoutMs: int32(),
  transactionStatus: int8(),
  transactionPartitions: array({
    topic: string(),
    partitionIds: array(int32()),
  }).nullable(),
  transactionLastUpdateTimestampMs: int64(),
  transactionStartTimestampMs: int64(),
  clientTransactionVersion: int16().since(1).tagged(2).default(0),
})

/** The key, decoded. */
export type TransactionLogKey = Decoded<typeof transactionLogKey>
/** The key, to be encoded. */
export type TransactionLogKeyInput = Encodable<typeof transactionLogKey>

/** The value, decoded. */
export type TransactionLogValue = Decoded<typeof transactionLogValue>
/** The value, to be encoded. */
export type TransactionLogValueInput = Encodable<typeof transactionLogValue>
