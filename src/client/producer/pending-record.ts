import type { Bytes, HeadersInput, RecordInput } from '../../batch/record-input.ts'
import type { Round } from './flush-rounds.ts'
import type { InterceptorChain } from './interceptors.ts'
import type { RecordMetadata } from './producer-record.ts'

/** No partition chosen yet. */
export const noPartition = -1

/** Who else looks at a record, which is hardly ever anybody. */
export interface RecordWatchers {
  readonly chain: Pick<InterceptorChain<unknown, unknown>, 'onAcknowledgement'> | undefined
  /** Aborted when nobody waits for the record any more. */
  readonly signal: AbortSignal | undefined
}

/**
 * A record on its way, serialized, and the promise that its sender holds. There may be hundreds of thousands at once, and
 * their making and clearing away is most of what sending costs: one object each, and not a field too many.
 */
export class PendingRecord implements RecordInput {
  readonly topic: string
  /** {@link noPartition} until it is chosen. */
  partition: number
  readonly timestamp: number
  key: Bytes | null = null
  value: Bytes | null = null
  headers: HeadersInput | undefined = undefined
  /** Until when it may wait for metadata and memory, by the monotonic clock. Infinity before it waits. */
  waitUntilMs = Number.POSITIVE_INFINITY
  readonly #round: Round
  readonly #resolve: (metadata: RecordMetadata) => void
  readonly #reject: (error: unknown) => void
  readonly #watchers: RecordWatchers | undefined

  constructor(
    topic: string,
    partition: number,
    timestamp: number,
    round: Round,
    resolve: (metadata: RecordMetadata) => void,
    reject: (error: unknown) => void,
    watchers: RecordWatchers | undefined,
  ) {
    this.topic = topic
    this.partition = partition
    this.timestamp = timestamp
    this.#round = round
    this.#resolve = resolve
    this.#reject = reject
    this.#watchers = watchers
    round.unsettledCount++
  }

  /** Why nobody waits for it any more, if that is so. */
  get abortReason(): unknown {
    const signal = this.#watchers?.signal
    return signal?.aborted === true ? signal.reason : undefined
  }

  /** It is in a batch now: what it was made from may go. */
  dropContent(): void {
    this.key = null
    this.value = null
    this.headers = undefined
  }

  resolve(partition: number, offset: number, timestamp: number): void {
    const metadata = { topic: this.topic, partition, offset, timestamp }
    this.#round.settleOne()
    this.#watchers?.chain?.onAcknowledgement(metadata, undefined)
    this.#resolve(metadata)
  }

  reject(error: unknown): void {
    const { topic, partition, timestamp } = this
    this.#round.settleOne()
    this.#watchers?.chain?.onAcknowledgement({ topic, partition, offset: -1, timestamp }, error)
    this.#reject(error)
  }
}
