import { TidemarkError } from '../../base/errors.ts'
import { backoffMs, chanceFrom } from '../cluster/backoff.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { BrokerLink } from '../network/transport.ts'
import { channels, type ProduceEvent } from './channels.ts'
import { type BatchAnswer, produce, type ProduceSettings } from './produce-call.ts'
import type { ProducerBatch } from './producer-batch.ts'

/** Who is told what becomes of requests. */
export interface NodeSenderHost {
  /** The broker has answered; nothing is said of batches that it says nothing of. */
  answered(batches: readonly ProducerBatch[], answers: ReadonlyMap<ProducerBatch, BatchAnswer>): void
  /** No answer will come. */
  unanswered(batches: readonly ProducerBatch[], error: unknown): void
  /** The broker cannot be reached at this moment. */
  unreachable(nodeId: number, error: TidemarkError): void
  /** The link is there: more can be sent. */
  connected(): void
}

/** What all senders of a producer share. */
export interface NodeSenderSettings extends ProduceSettings {
  readonly client: ClusterClient
  /** Names the producer, and its links: its requests queue behind nobody else's. */
  readonly clientName: string
  readonly maxInFlight: number
  /** Ends waiting for links. */
  readonly signal: AbortSignal
}

/** The producer's way to one broker: a link of its own, and so many requests under way at most. */
export class NodeSender {
  readonly nodeId: number
  readonly #settings: NodeSenderSettings
  readonly #host: NodeSenderHost
  #link: BrokerLink | undefined
  #isConnecting = false
  #failureCount = 0
  #retryAtMs = Number.NEGATIVE_INFINITY
  #inFlightCount = 0

  constructor(nodeId: number, settings: NodeSenderSettings, host: NodeSenderHost) {
    this.nodeId = nodeId
    this.#settings = settings
    this.#host = host
  }

  get inFlightCount(): number {
    return this.#inFlightCount
  }

  /** Until when it makes no sense to try to reach the broker, by the monotonic clock. */
  get retryAtMs(): number {
    return this.#retryAtMs
  }

  /** Whether a request can go out now. If there is no link, one is being made. */
  isReady(nowMs: number): boolean {
    if (this.#link?.isOpen === true) return this.#inFlightCount < this.#settings.maxInFlight
    if (!this.#isConnecting && nowMs >= this.#retryAtMs) void this.#connect()
    return false
  }

  /** Sends batches in one request, at most one for each partition. */
  async send(batches: readonly ProducerBatch[]): Promise<void> {
    const link = this.#link
    if (link === undefined) return
    const { clock } = this.#settings.client.env
    const startMs = channels.produce.hasSubscribers ? clock.monotonicMs() : 0
    this.#inFlightCount++
    let error: unknown
    try {
      const answers = await produce(link, batches, this.#settings)
      this.#inFlightCount--
      this.#host.answered(batches, answers)
    } catch (thrown) {
      if (!(thrown instanceof TidemarkError)) throw thrown
      error = thrown
      this.#inFlightCount--
      this.#host.unanswered(batches, thrown)
    }
    if (channels.produce.hasSubscribers) this.#publish(batches, clock.monotonicMs() - startMs, error)
  }

  async #connect(): Promise<void> {
    const { client, clientName: purpose, signal } = this.#settings
    this.#isConnecting = true
    try {
      this.#link = await client.link({ nodeId: this.nodeId }, { purpose, signal })
      this.#failureCount = 0
      this.#host.connected()
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      this.#backOff()
      this.#host.unreachable(this.nodeId, error)
    } finally {
      this.#isConnecting = false
    }
  }

  #backOff(): void {
    const { env, limits } = this.#settings.client
    const growth = { firstMs: limits.retryBackoffMs, maxMs: limits.retryBackoffMaxMs }
    this.#failureCount++
    this.#retryAtMs = env.clock.monotonicMs() + backoffMs(this.#failureCount, growth, chanceFrom(env.random))
  }

  #publish(batches: readonly ProducerBatch[], elapsedMs: number, error: unknown): void {
    channels.produce.publish({
      clientName: this.#settings.clientName,
      nodeId: this.nodeId,
      batchCount: batches.length,
      recordCount: batches.reduce((count, { recordsCount }) => count + recordsCount, 0),
      bytes: batches.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
      elapsedMs,
      error,
    } satisfies ProduceEvent)
  }
}
