import { DeserializationError } from '../../base/errors.ts'
import type { CompressionName } from '../../batch/compression.ts'
import type { TimestampType } from '../../batch/format.ts'
import type { Header, LogRecord, LogRecordJson } from '../../batch/log-record.ts'

/** Makes a value of the bytes of a key or a value. */
export type Deserialize<T> = (bytes: Buffer) => T

/** What the records of one batch have in common, and how they are read. */
export interface RecordContext<K, V> {
  readonly topic: string
  readonly partition: number
  readonly leaderEpoch: number
  readonly compression: CompressionName
  readonly key: Deserialize<K>
  readonly value: Deserialize<V>
  /** Told when a record cannot be deserialized. */
  readonly onUnreadable: () => void
}

/** A record for people and logs to read. */
export interface ConsumedRecordJson extends LogRecordJson {
  readonly topic: string
  readonly partition: number
}

/**
 * A record that a consumer hands out. Key and value are deserialized when they are first looked at.
 *
 * Its bytes are a slice of what was fetched, which stays in memory as long as one record of it is kept: {@link detach} what is
 * to be kept for long.
 */
export class ConsumedRecord<K = Buffer, V = Buffer> {
  readonly #record: LogRecord
  readonly #context: RecordContext<K, V>
  // Undefined until asked for.
  #key: K | null | undefined
  #value: V | null | undefined

  constructor(record: LogRecord, context: RecordContext<K, V>) {
    this.#record = record
    this.#context = context
    this.#key = undefined
    this.#value = undefined
  }

  get topic(): string {
    return this.#context.topic
  }

  get partition(): number {
    return this.#context.partition
  }

  get offset(): number {
    return this.#record.offset
  }

  /** Milliseconds since 1970; -1 when the record has none. */
  get timestamp(): number {
    return this.#record.timestamp
  }

  /** Whether the producer set the timestamp, or the broker when it appended. */
  get timestampType(): TimestampType {
    return this.#record.timestampType
  }

  /** Epoch of the leader that appended the record; -1 when it is not known. */
  get leaderEpoch(): number {
    return this.#context.leaderEpoch
  }

  /** How the batch that the record came in is compressed. */
  get compression(): CompressionName {
    return this.#context.compression
  }

  /** @throws DeserializationError, each time, when the deserializer refuses it */
  get key(): K | null {
    if (this.#key === undefined) this.#key = this.#read('key', this.#record.key, this.#context.key)
    return this.#key
  }

  /**
   * Null is a tombstone: in a compacted topic it deletes its key.
   *
   * @throws DeserializationError, each time, when the deserializer refuses it
   */
  get value(): V | null {
    if (this.#value === undefined) this.#value = this.#read('value', this.#record.value, this.#context.value)
    return this.#value
  }

  /** The key as it was written. */
  get keyBytes(): Buffer | null {
    return this.#record.key
  }

  /** The value as it was written: what to keep of a record that cannot be deserialized. */
  get valueBytes(): Buffer | null {
    return this.#record.value
  }

  /** The headers by name, of equal names the last. */
  get headers(): Readonly<Record<string, Buffer | null>> {
    return this.#record.headers
  }

  /** The headers in the order they were written, equal names included. */
  get headerList(): readonly Header[] {
    return this.#record.headerList
  }

  /** The same record on a copy of its own bytes: for one that is kept for long. */
  detach(): ConsumedRecord<K, V> {
    return new ConsumedRecord(this.#record.detach(), this.#context)
  }

  toJSON(): ConsumedRecordJson {
    return { topic: this.topic, partition: this.partition, ...this.#record.toJSON() }
  }

  /** What `console.log` shows: the fields behind the getters. */
  [Symbol.for('nodejs.util.inspect.custom')](): ConsumedRecordJson {
    return this.toJSON()
  }

  #read<T>(part: 'key' | 'value', bytes: Buffer | null, deserialize: Deserialize<T>): T | null {
    if (bytes === null) return null
    try {
      return deserialize(bytes)
    } catch (cause) {
      this.#context.onUnreadable()
      throw new DeserializationError(this, part, { cause })
    }
  }
}

/** Records of one partition that were handed out together, in the order of their offsets. */
export interface ConsumedBatch<K = Buffer, V = Buffer> {
  readonly topic: string
  readonly partition: number
  /** At least one. */
  readonly records: readonly ConsumedRecord<K, V>[]
  /** Up to where the records of the partition were safe with all its replicas, as of the last fetch. */
  readonly highWatermark: number
  /** Offset of the last record. */
  readonly lastOffset: number
}
