import type { HeadersInput } from '../../batch/record-input.ts'

/** A record to be sent. */
export interface ProducerRecord<K, V> {
  readonly topic: string
  /** Default: chosen by the key, or where there is least to do. */
  readonly partition?: number | undefined
  /** Records of one key go to one partition, in their order. Null, the default, means none. */
  readonly key?: K | null | undefined
  /** Null, the default, is a tombstone: in a compacted topic it deletes its key. */
  readonly value?: V | null | undefined
  readonly headers?: HeadersInput | undefined
  /** Milliseconds since 1970, an integer. Default: the time of the call. */
  readonly timestamp?: number | undefined
}

/** Where a record is. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** -1 when it is not known: with `acks` 0, or for a record that turned out to be there when it was sent again. */
  readonly offset: number
  /** The broker's, where the topic has `LogAppendTime`; otherwise the record's own. */
  readonly timestamp: number
}
