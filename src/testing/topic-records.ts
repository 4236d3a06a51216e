import type { Partition } from '../broker/partition.ts'
import { BatchStream } from '../log/batch-stream.ts'
import { RecordStream } from '../log/record-stream.ts'

/** A record as a test looks at it. */
export interface TestRecord {
  readonly partition: number
  readonly offset: number
  /** Milliseconds since 1970; -1 for none. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** By name, of equal names the last. */
  readonly headers: Readonly<Record<string, Buffer | null>>
}

const readBytes = 1024 * 1024

/** All records of a partition up to its high watermark, in the order of their offsets. */
export async function topicRecords({ index, log, highWatermark }: Partition): Promise<TestRecord[]> {
  const range = { from: log.startOffset, to: highWatermark, signal: undefined }
  const isOpen = (): boolean => log.isOpen
  const batches = new BatchStream(log.reader, log.state, {
    ...range,
    follow: false,
    maxBytes: readBytes,
    isOpen,
  })
  const records: TestRecord[] = []
  for await (const record of new RecordStream(batches, { ...range, maxDecompressedBytes: undefined })) {
    const { offset, timestamp, key, value, headers } = record
    records.push({ partition: index, offset, timestamp, key, value, headers })
  }
  return records
}
