import type { Bytes, HeadersInput, RecordInput } from '../../batch/record-input.ts'

/** No partition chosen yet. */
export const noPartition = -1

/** A record on its way into a batch, serialized. Once it is there nobody needs it any more. */
export class PendingRecord implements RecordInput {
  readonly topic: string
  /** {@link noPartition} until it is chosen. */
  partition: number
  readonly timestamp: number
  key: Bytes | null = null
  value: Bytes | null = null
  readonly headers: HeadersInput | undefined

  constructor(topic: string, partition: number, timestamp: number, headers: HeadersInput | undefined) {
    this.topic = topic
    this.partition = partition
    this.timestamp = timestamp
    this.headers = headers
  }
}
