import { iterateBatches } from '../../src/batch/iterate-batches.ts'
import type { LogRecord } from '../../src/batch/log-record.ts'
import { errorCodes, errorName } from '../../src/wire/error-codes.ts'
import { fetchRequest, fetchResponse } from '../../src/wire/messages/01-fetch.ts'
import type { WireClient } from './wire-client.ts'

/** Reads a partition from its first offset to its high watermark. */
export async function* readPartition(
  client: WireClient,
  topic: string,
  partition: number,
): AsyncIterable<LogRecord> {
  for (let offset = 0, end = 1; offset < end; ) {
    const declared = { request: fetchRequest, response: fetchResponse }
    const partitions = [{ partition, fetchOffset: offset, partitionMaxBytes: 1 << 20 }]
    const body = { maxWaitMs: 0, minBytes: 0, topics: [{ topic, partitions }], forgottenTopicsData: [] }
    const { responses } = await client.call(declared, 12, body)
    const found = responses[0]?.partitions[0]
    if (found?.errorCode !== errorCodes.NONE)
      throw new Error(`${topic}-${partition} cannot be read: ${errorName(found?.errorCode ?? -1)}`)
    end = found.highWatermark
    const from = offset
    for (const batch of iterateBatches(found.records ?? Buffer.alloc(0)))
      for (const record of batch.records()) {
        if (record.offset < offset) continue
        offset = record.offset + 1
        yield record
      }
    if (offset === from && offset < end)
      throw new Error(`reading of ${topic}-${partition} stands still at ${offset}`)
  }
}
