import { ClosedError } from '../../base/errors.ts'
import { compress } from '../../batch/compression.ts'
import type { Bytes } from '../../batch/record-input.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import { orAborted } from '../cluster/retry.ts'
import type { KnownPartition } from '../cluster/known-topic.ts'
import { resolveSerializer, type SerializationContext, type Serializer } from '../serialization/serializer.ts'
import { RecordAccumulator } from './accumulator.ts'
import { FlushRounds } from './flush-rounds.ts'
import { InterceptorChain } from './interceptors.ts'
import { noPartition, PendingRecord } from './pending-record.ts'
import {
  type KafkaProducerOptions,
  type ProducerOptions,
  resolveProducerOptions,
} from './producer-options.ts'
import type { ProducerRecord, RecordMetadata } from './producer-record.ts'
import { RecordIntake } from './record-intake.ts'
import { sendFrom, type SendFromOptions } from './send-from.ts'
import { Sender } from './sender.ts'
import type { SettledCounts } from './settlement.ts'

export type { KafkaProducerOptions, ProducerOptions } from './producer-options.ts'
export type { ProducerRecord, RecordMetadata } from './producer-record.ts'

/** Gives up waiting. What is waited for goes on. */
interface Abortable {
  readonly signal?: AbortSignal | undefined
}

/** How a producer is doing. */
export interface ProducerMetrics extends Readonly<SettledCounts> {
  /** Of `bufferMemory`: what batches take that are not settled. */
  readonly bufferedBytes: number
  readonly bufferAvailableBytes: number
  /** Records that wait for metadata or memory. */
  readonly waitingCount: number
  /** Requests that are not answered. */
  readonly inFlightCount: number
}

/** Numbers producers, so that each has links of its own. */
let producerCount = 0

/**
 * Sends records to topics, as Kafka's producer does: interceptors, serializer, partitioner, then batches for each partition in bounded
 * memory, sent in the background and acknowledged by promise. Idempotent by default: a record that is sent again is written once,
 * and records of a partition stay in the order in which they were sent.
 *
 * ```ts
 * await using producer = new Producer<string, object>(client, { key: 'string', value: 'json' })
 * const { partition, offset } = await producer.send({ topic: 'orders', key: 'k', value: { total: 3 } })
 * ```
 */
export class Producer<K = Bytes, V = Bytes> implements AsyncDisposable {
  readonly #client: ClusterClient
  readonly #chain: InterceptorChain<K, V>
  readonly #keySerializer: Serializer<K>
  readonly #valueSerializer: Serializer<V>
  readonly #accumulator: RecordAccumulator
  readonly #intake: RecordIntake
  readonly #sender: Sender
  readonly #rounds = new FlushRounds()
  readonly #allowAutoTopicCreation: boolean
  #contexts: Readonly<Record<'key' | 'value', SerializationContext>> = {
    key: { topic: '', part: 'key' },
    value: { topic: '', part: 'value' },
  }
  #closing: Promise<void> | undefined

  /**
   * @throws TypeError for unknown options or ones that do not go together, RangeError for values out of range
   * @throws CodecUnavailableError when this runtime cannot write the compression
   */
  constructor(client: ClusterClient, options: ProducerOptions<K, V> & KafkaProducerOptions = {}) {
    const resolved = resolveProducerOptions(options, client.limits)
    const { compression, compressionLevel, enableIdempotence: isIdempotent } = resolved
    if (compression !== 'none') compress(compression, new Uint8Array(0), compressionLevel)
    const clientName = `producer-${++producerCount}`
    this.#client = client
    this.#allowAutoTopicCreation = resolved.allowAutoTopicCreation
    this.#chain = new InterceptorChain(clientName, options.interceptors ?? [])
    this.#keySerializer = resolveSerializer(options.key, 'key')
    this.#valueSerializer = resolveSerializer(options.value, 'value')
    this.#accumulator = new RecordAccumulator({
      ...resolved,
      ...client.env,
      isAdaptive: resolved.adaptivePartitioning,
      windowRules: { isIdempotent, maxInFlight: resolved.maxInFlightRequests },
      rounds: this.#rounds,
      onBatch: () => this.#sender.schedule(),
    })
    this.#sender = new Sender({
      ...resolved,
      ...{ client, clientName, accumulator: this.#accumulator },
      hasTime: () => this.#hasTime(),
      onMemory: () => this.#intake.onMemory(),
    })
    this.#intake = new RecordIntake({
      ...resolved,
      ...{ client, accumulator: this.#accumulator, rounds: this.#rounds, partitioner: options.partitioner },
      onShortage: () => this.#sender.schedule(),
    })
  }

  /**
   * Sends a record. Resolves when it is acknowledged as `acks` wants it. Nothing has to be awaited between sends: those of one turn of the
   * event loop share batches, and records of a partition are written in the order of the calls. The record must not
   * be changed before that.
   *
   * @throws TypeError, RangeError for a record that is none; what a serializer or partitioner throws
   * @throws RecordTooLargeError beyond `maxRequestSize`, or KafkaError MESSAGE_TOO_LARGE beyond what the topic allows
   * @throws BufferFullError when `bufferMemory` stayed full for `maxBlockMs`
   * @throws TimeoutError when nothing is heard of the topic, or the record is not acknowledged within `deliveryTimeoutMs`
   * @throws KafkaError for what else brokers refuse it for; ClosedError when the producer is closed
   */
  send(record: ProducerRecord<K, V>, { signal }: Abortable = {}): Promise<RecordMetadata> {
    const sent = this.#send(record, signal)
    return signal === undefined ? sent : orAborted(sent, signal)
  }

  /** Sends several records, and resolves when all are acknowledged, to what became of each; rejects when one has failed. */
  async sendAll(records: Iterable<ProducerRecord<K, V>>, options: Abortable = {}): Promise<RecordMetadata[]> {
    // All of them are there before the first is sent: a source that throws has sent nothing.
    return await Promise.all([...records].map((record) => this.send(record, options)))
  }

  /**
   * Sends records as they come, and hands out what became of each, in their order. It takes no more records than `maxPending` (default 10,000)
   * ahead of what is handed out, and none while others wait for memory: a source that is too fast is slowed down. A record that fails
   * ends it.
   */
  sendFrom(
    records: AsyncIterable<ProducerRecord<K, V>> | Iterable<ProducerRecord<K, V>>,
    options: SendFromOptions = {},
  ): AsyncIterableIterator<RecordMetadata> {
    const outlet = {
      send: (record: ProducerRecord<K, V>) => this.send(record),
      isFull: () => this.#intake.isShortOfMemory,
    }
    return sendFrom(outlet, records, options)
  }

  /** Sends what waits for company now, and resolves when all records are settled that were sent before the call. */
  async flush({ signal }: Abortable = {}): Promise<void> {
    const flushed = this.#rounds.flush()
    this.#sender.schedule()
    await orAborted(flushed, signal)
  }

  /** The partitions of a topic, and who leads them. */
  async partitionsFor(topic: string, { signal }: Abortable = {}): Promise<readonly KnownPartition[]> {
    this.#refuseClosed()
    const autoCreate = this.#allowAutoTopicCreation
    return (await this.#client.topics.need(topic, { autoCreate, signal })).partitions
  }

  /** How it is doing at this moment. */
  metrics(): ProducerMetrics {
    const { usedBytes, availableBytes } = this.#accumulator.memory
    return {
      bufferedBytes: usedBytes,
      bufferAvailableBytes: availableBytes,
      waitingCount: this.#intake.waitingCount,
      inFlightCount: this.#sender.inFlightCount,
      ...this.#sender.settlement.counts,
    }
  }

  /**
   * Takes no more records, and resolves when all are settled. Those that are not after `timeoutMs` fail with a ClosedError; default: no limit, but
   * `deliveryTimeoutMs` is one. Idempotent.
   */
  close({ timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(timeoutMs: number | undefined): Promise<void> {
    const timeout = new AbortController()
    const { timers } = this.#client
    const deadline = timeoutMs === undefined ? undefined : timers.after(timeoutMs, () => timeout.abort())
    try {
      await this.flush({ signal: timeout.signal })
    } catch (error) {
      if (!timeout.signal.aborted) throw error
    } finally {
      deadline?.cancel()
      const reason = new ClosedError('the producer is closed')
      this.#intake.close(reason)
      this.#sender.close(reason)
    }
  }

  #send(given: ProducerRecord<K, V>, signal: AbortSignal | undefined): Promise<RecordMetadata> {
    try {
      this.#refuseClosed()
      signal?.throwIfAborted()
      const chain = this.#chain
      if (chain.isEmpty) return this.#take(given, pendingOf(given, this.#client.env.clock.nowMs()), signal)
      const record = chain.onSend(given)
      const pending = pendingOf(record, this.#client.env.clock.nowMs())
      return chain.follow(this.#tryTake(record, pending, signal), pending)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #take(
    { topic, key, value }: ProducerRecord<K, V>,
    pending: PendingRecord,
    signal: AbortSignal | undefined,
  ): Promise<RecordMetadata> {
    if (key !== undefined && key !== null) pending.key = this.#keySerializer(key, this.#context(topic, 'key'))
    if (value !== undefined && value !== null)
      pending.value = this.#valueSerializer(value, this.#context(topic, 'value'))
    return this.#intake.take(pending, signal)
  }

  /** What {@link #take} throws is a rejection here, so that interceptors hear of it. */
  async #tryTake(
    record: ProducerRecord<K, V>,
    pending: PendingRecord,
    signal: AbortSignal | undefined,
  ): Promise<RecordMetadata> {
    return await this.#take(record, pending, signal)
  }

  /** One is used again and again for as long as the topic stays the same. */
  #context(topic: string, part: 'key' | 'value'): SerializationContext {
    const { topic: lastTopic } = this.#contexts[part]
    if (lastTopic !== topic) this.#contexts = { key: { topic, part: 'key' }, value: { topic, part: 'value' } }
    return this.#contexts[part]
  }

  #hasTime(): boolean {
    return !this.#rounds.isFlushing && !this.#intake.isShortOfMemory && this.#closing === undefined
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new ClosedError('the producer is closed')
  }
}

/** What can be told of a record without knowing the topic. */
function checkTarget(topic: unknown, partition: number | undefined): void {
  if (typeof topic !== 'string' || topic === '')
    throw new TypeError(`a record needs a topic, a string that is not empty; got ${JSON.stringify(topic)}`)
  if (partition === undefined || (Number.isInteger(partition) && partition >= 0)) return
  throw new RangeError(`partition must be an integer of at least 0, got ${String(partition)}`)
}

/** @throws TypeError, RangeError for what can be told without knowing the topic */
function pendingOf<K, V>(record: ProducerRecord<K, V>, nowMs: number): PendingRecord {
  const { topic, partition, timestamp = nowMs, headers } = record
  checkTarget(topic, partition)
  return new PendingRecord(topic, partition ?? noPartition, timestamp, headers)
}
