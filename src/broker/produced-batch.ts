import { InvalidRecordError } from '../base/errors.ts'
import { Batch } from '../batch/batch.ts'
import { compressionId } from '../batch/compression.ts'
import {
  batchLengthPosition,
  compressionMask,
  currentMagic,
  logOverhead,
  magicPosition,
  recordBatchOverhead,
} from '../batch/format.ts'
import { KafkaError } from '../wire/kafka-error.ts'

/** From this version on batches may be compressed with zstd (KIP-110): older consumers could not read them. */
const zstdSince = 7

/**
 * The one batch of a produce request's `records`, unless what it states about itself is not for here. What is damaged
 * is let through: the log refuses it in better words, and by an error on which clients send it again.
 *
 * @throws KafkaError INVALID_RECORD, UNSUPPORTED_COMPRESSION_TYPE, INVALID_TXN_STATE
 * @throws InvalidRecordError for a batch that names its own offset
 */
export function producedBatch(records: Buffer | null, apiVersion: number): Buffer {
  const one = oneBatch(records)
  if (one.length < recordBatchOverhead || one[magicPosition] !== currentMagic) return one
  const batch = new Batch(one)
  if (apiVersion < zstdSince && (batch.attributes & compressionMask) === compressionId('zstd'))
    throw new KafkaError(
      'UNSUPPORTED_COMPRESSION_TYPE',
      `zstd is for clients that produce with version ${zstdSince} or later, and this is version ${apiVersion}`,
    )
  if (batch.isTransactional)
    throw new KafkaError(
      'INVALID_TXN_STATE',
      'transactions are not served here yet: nothing could end the one that the batch belongs to',
    )
  if (batch.baseOffset !== 0)
    throw new InvalidRecordError(`a batch to be appended has the base offset 0, and not ${batch.baseOffset}`)
  return one
}

function oneBatch(records: Buffer | null): Buffer {
  const sizeBytes = records === null ? undefined : statedBytes(records)
  if (records === null || sizeBytes === undefined || sizeBytes > records.length)
    throw new KafkaError(
      'INVALID_RECORD',
      'a produce request carries one whole batch per partition, and this one carries none',
    )
  const magic = records[magicPosition]
  if (magic === 0 || magic === 1)
    throw new KafkaError('INVALID_RECORD', `batches of magic ${magic} are no longer taken: encode magic 2`)
  if (sizeBytes > recordBatchOverhead && sizeBytes < records.length)
    throw new KafkaError(
      'INVALID_RECORD',
      'a produce request carries one batch per partition, and there is something behind this one',
    )
  return records
}

/** How large the first batch says it is. */
function statedBytes(records: Buffer): number | undefined {
  return records.length < logOverhead ? undefined : logOverhead + records.readInt32BE(batchLengthPosition)
}
