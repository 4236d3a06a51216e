import type { OffsetToCommit } from '../group/group-offsets.ts'
import { reportTrouble } from './channels.ts'
import type { ConsumedRecord } from './consumed-record.ts'

/** Looks at records before the application gets them, and at what is committed. */
export interface ConsumerInterceptor<K = Buffer, V = Buffer> {
  /**
   * Called with records of one partition, in the order of their offsets, before they are handed out. What it returns is handed out
   * instead; those that it leaves out count as consumed. Returning nothing changes nothing.
   */
  onConsume?(records: readonly ConsumedRecord<K, V>[]): readonly ConsumedRecord<K, V>[] | void
  /** Called when offsets have been committed. */
  onCommit?(offsets: readonly OffsetToCommit[]): void
}

/**
 * Interceptors one behind the other. One that throws is passed over, and a channel hears of it: what is added to watch records must
 * not stop them.
 */
export class ConsumerInterceptorChain<K, V> {
  readonly #interceptors: readonly ConsumerInterceptor<K, V>[]

  constructor(interceptors: readonly ConsumerInterceptor<K, V>[]) {
    this.#interceptors = interceptors
  }

  /** What is to be handed out instead of `records`. */
  onConsume(records: readonly ConsumedRecord<K, V>[]): readonly ConsumedRecord<K, V>[] {
    let current = records
    for (const interceptor of this.#interceptors)
      try {
        current = interceptor.onConsume?.(current) ?? current
      } catch (error) {
        reportTrouble('onConsume of an interceptor', error)
      }
    return current
  }

  onCommit(offsets: readonly OffsetToCommit[]): void {
    for (const interceptor of this.#interceptors)
      try {
        interceptor.onCommit?.(offsets)
      } catch (error) {
        reportTrouble('onCommit of an interceptor', error)
      }
  }
}
