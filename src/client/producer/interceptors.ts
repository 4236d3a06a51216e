import { channels, type InterceptorErrorEvent } from './channels.ts'
import type { PendingRecord } from './pending-record.ts'
import type { ProducerRecord, RecordMetadata } from './producer-record.ts'

/** Looks at every record on its way out, and at what became of it. */
export interface ProducerInterceptor<K, V> {
  /** Called before anything else is done to the record. What it returns is sent instead. */
  onSend?(record: ProducerRecord<K, V>): ProducerRecord<K, V>
  /** Called when the record is acknowledged, or has failed: then there is an `error`, and the offset is -1. */
  onAcknowledgement?(metadata: RecordMetadata, error: unknown): void
}

/**
 * Interceptors one behind the other. One that throws is passed over, and a channel hears of it: what is added to watch records must
 * not stop them.
 */
export class InterceptorChain<K, V> {
  readonly #clientName: string
  readonly #interceptors: readonly ProducerInterceptor<K, V>[]

  constructor(clientName: string, interceptors: readonly ProducerInterceptor<K, V>[]) {
    this.#clientName = clientName
    this.#interceptors = interceptors
  }

  get isEmpty(): boolean {
    return this.#interceptors.length === 0
  }

  /** The record that is to be sent instead of `record`. */
  onSend(record: ProducerRecord<K, V>): ProducerRecord<K, V> {
    let current = record
    for (const interceptor of this.#interceptors)
      try {
        current = interceptor.onSend?.(current) ?? current
      } catch (error) {
        this.#report('onSend', error)
      }
    return current
  }

  /** `sent`, which the interceptors hear of before whoever else waits for it. */
  async follow(sent: Promise<RecordMetadata>, record: PendingRecord): Promise<RecordMetadata> {
    try {
      const metadata = await sent
      this.#onAcknowledgement(metadata, undefined)
      return metadata
    } catch (error) {
      const { topic, partition, timestamp } = record
      this.#onAcknowledgement({ topic, partition, offset: -1, timestamp }, error)
      throw error
    }
  }

  #onAcknowledgement(metadata: RecordMetadata, error: unknown): void {
    for (const interceptor of this.#interceptors)
      try {
        interceptor.onAcknowledgement?.(metadata, error)
      } catch (thrown) {
        this.#report('onAcknowledgement', thrown)
      }
  }

  #report(method: InterceptorErrorEvent['method'], error: unknown): void {
    if (!channels.interceptorError.hasSubscribers) return
    channels.interceptorError.publish({
      clientName: this.#clientName,
      method,
      error,
    } satisfies InterceptorErrorEvent)
  }
}
