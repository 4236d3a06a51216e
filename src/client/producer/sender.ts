import { ClosedError, type TidemarkError, TimeoutError } from '../../base/errors.ts'
import { type Timer, Timers } from '../../env/timers.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { BrokerNode } from '../cluster/cluster-metadata.ts'
import type { RecordAccumulator } from './accumulator.ts'
import { NodeSender, type NodeSenderHost } from './node-sender.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { Acks, BatchAnswer } from './produce-call.ts'
import type { ProducerBatch } from './producer-batch.ts'
import { ProducerSession } from './producer-session.ts'
import { Settlement } from './settlement.ts'

/** What sending depends on. */
export interface SenderOptions {
  readonly client: ClusterClient
  readonly clientName: string
  readonly accumulator: RecordAccumulator
  readonly acks: Acks
  readonly enableIdempotence: boolean
  readonly maxInFlightRequests: number
  readonly maxRequestSize: number
  readonly lingerMs: number
  readonly requestTimeoutMs: number
  readonly deliveryTimeoutMs: number
  readonly retries: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly allowAutoTopicCreation: boolean
  /** Whether batches may wait for more records. */
  readonly hasTime: () => boolean
  /** Batches were settled: there is memory again. */
  readonly onMemory: () => void
}

/**
 * Takes batches out of the accumulator and to their leaders. It looks at all queues that have something at the end of a turn of the event
 * loop in which anything has happened, and when a time has come that a batch waits for; nothing else runs.
 */
export class Sender implements NodeSenderHost {
  readonly #options: SenderOptions
  readonly #settlement: Settlement
  readonly #session: ProducerSession
  readonly #nodes = new Map<number, NodeSender>()
  readonly #queueOf = new Map<ProducerBatch, PartitionQueue>()
  readonly #refreshing = new Set<string>()
  readonly #closing = new AbortController()
  /** Its own: those of the client end with the client, and what lingers then must hear of that. */
  readonly #timers: Timers
  #isScheduled = false
  #wake: { readonly atMs: number; readonly timer: Timer } | undefined

  constructor(options: SenderOptions) {
    const { client, accumulator } = options
    this.#options = options
    this.#timers = new Timers(client.env.clock)
    this.#settlement = new Settlement({ ...options, env: client.env, topics: client.topics, accumulator })
    this.#session = new ProducerSession(client, {
      ready: () => this.schedule(),
      failed: (error) => this.#sessionFailed(error),
    })
  }

  get settlement(): Settlement {
    return this.#settlement
  }

  /** Requests under way. */
  get inFlightCount(): number {
    return [...this.#nodes.values()].reduce((count, node) => count + node.inFlightCount, 0)
  }

  /** Something has happened: looks at the queues once this turn of the event loop is over. */
  schedule(): void {
    if (this.#isScheduled || this.#closing.signal.aborted) return
    this.#isScheduled = true
    this.#options.client.env.clock.nextTurn(() => {
      this.#isScheduled = false
      if (!this.#closing.signal.aborted) this.#run()
    })
  }

  /** Sends nothing more, and fails whatever is left. */
  close(error: Error): void {
    this.#closing.abort(error)
    this.#timers.close()
    for (const queue of this.#options.accumulator.active) this.#settlement.failAll(queue, error)
    this.#options.accumulator.active.clear()
    this.#options.client.release(this.#options.clientName)
  }

  answered(batches: readonly ProducerBatch[], answers: ReadonlyMap<ProducerBatch, BatchAnswer>): void {
    for (const batch of batches) {
      const queue = this.#takeBack(batch)
      const answer = answers.get(batch)
      if (answer !== undefined) this.#settlement.answered(queue, batch, answer)
      else if (this.#options.acks === 0) this.#settlement.written(queue, batch, -1, -1)
      else
        this.#settlement.unanswered(queue, batch, new TimeoutError('the broker did not answer for a batch'))
    }
    this.#settled()
  }

  unanswered(batches: readonly ProducerBatch[], error: unknown): void {
    for (const batch of batches) this.#settlement.unanswered(this.#takeBack(batch), batch, error)
    this.#settled()
  }

  unreachable(nodeId: number, error: TidemarkError): void {
    if (error instanceof ClosedError) return this.#failEverything(error)
    const { client, accumulator } = this.#options
    for (const { topic, partition } of accumulator.active)
      if (client.topics.get(topic)?.partitions[partition]?.leaderId === nodeId) client.topics.doubt(topic)
    this.schedule()
  }

  connected(): void {
    this.schedule()
  }

  #run(): void {
    const { accumulator, client, lingerMs } = this.#options
    const nowMs = client.env.clock.monotonicMs()
    const ready = new Map<NodeSender, Set<PartitionQueue>>()
    let wakeAtMs = Number.POSITIVE_INFINITY
    for (const queue of accumulator.active) {
      this.#settlement.expire(queue, nowMs)
      if (queue.isEmpty) accumulator.active.delete(queue)
      else {
        this.#identify(queue)
        wakeAtMs = Math.min(wakeAtMs, queue.wakeAtMs(nowMs, lingerMs), this.#addIfReady(queue, ready, nowMs))
      }
    }
    for (const [node, queues] of ready) this.#sendAll(node, queues, nowMs)
    this.#wakeAt(wakeAtMs, nowMs)
    this.#options.onMemory()
  }

  /** Puts the queue to its leader's, if it has something to send; otherwise returns when that is worth another look. */
  #addIfReady(queue: PartitionQueue, ready: Map<NodeSender, Set<PartitionQueue>>, nowMs: number): number {
    if (this.#nextOf(queue, nowMs) === undefined) return Number.POSITIVE_INFINITY
    const node = this.#leaderOf(queue)
    if (node === undefined) return Number.POSITIVE_INFINITY
    if (!node.isReady(nowMs)) return node.retryAtMs > nowMs ? node.retryAtMs : Number.POSITIVE_INFINITY
    const queues = ready.get(node)
    if (queues === undefined) ready.set(node, new Set([queue]))
    else queues.add(queue)
    return Number.POSITIVE_INFINITY
  }

  #nextOf(queue: PartitionQueue, nowMs: number): ProducerBatch | undefined {
    return queue.next(nowMs, this.#options.lingerMs, this.#options.hasTime())
  }

  #sendAll(node: NodeSender, queues: Set<PartitionQueue>, nowMs: number): void {
    while (node.isReady(nowMs)) {
      const batches = this.#drain(queues, nowMs)
      if (batches.length === 0) return
      void node.send(batches)
    }
  }

  /**
   * At most one batch of each queue, as many as one request may hold. A queue that has had its turn comes last in the next request and in
   * later runs: otherwise those at the front would take every request that a busy broker has room for.
   */
  #drain(queues: Set<PartitionQueue>, nowMs: number): ProducerBatch[] {
    const drained: ProducerBatch[] = []
    let bytes = 0
    for (const queue of [...queues]) {
      const batch = this.#nextOf(queue, nowMs)
      if (batch === undefined) continue
      if (bytes > 0 && bytes + batch.sizeBytes > this.#options.maxRequestSize) break
      this.#takeOut(batch, queue)
      moveLast(queues, queue)
      moveLast(this.#options.accumulator.active, queue)
      bytes += batch.sizeBytes
      drained.push(batch)
    }
    return drained
  }

  #takeOut(batch: ProducerBatch, queue: PartitionQueue): void {
    queue.take(batch)
    batch.encode()
    this.#options.accumulator.trim(batch)
    batch.isInFlight = true
    batch.attempts++
    this.#queueOf.set(batch, queue)
  }

  #takeBack(batch: ProducerBatch): PartitionQueue {
    const queue = this.#queueOf.get(batch)
    if (queue === undefined) throw new TypeError('a batch comes back from where it was sent')
    this.#queueOf.delete(batch)
    return queue
  }

  #settled(): void {
    this.#options.onMemory()
    this.schedule()
  }

  #identify({ window }: PartitionQueue): void {
    if (!window.needsIdentity) return
    const identity = this.#session.after(window.identity)
    if (identity !== undefined) window.begin(identity)
  }

  #leaderOf({ topic, partition }: PartitionQueue): NodeSender | undefined {
    const { topics } = this.#options.client
    const leaderId = topics.current(topic)?.partitions[partition]?.leaderId ?? -1
    if (leaderId >= 0) return this.#node(leaderId)
    topics.doubt(topic)
    void this.#refresh(topic)
    return undefined
  }

  #node(nodeId: number): NodeSender {
    const known = this.#nodes.get(nodeId)
    if (known !== undefined) return known
    const { client, clientName, acks, requestTimeoutMs, maxInFlightRequests: maxInFlight } = this.#options
    const settings = {
      ...{ client, clientName, acks, requestTimeoutMs, maxInFlight, signal: this.#closing.signal },
      topicIdOf: (topic: string) => client.topics.get(topic)?.topicId ?? zeroUuid,
      learnBrokers: (nodes: readonly BrokerNode[]) => client.learnBrokers(nodes),
    }
    const node = new NodeSender(nodeId, settings, this)
    this.#nodes.set(nodeId, node)
    return node
  }

  async #refresh(topic: string): Promise<void> {
    if (this.#refreshing.has(topic)) return
    this.#refreshing.add(topic)
    const { client, allowAutoTopicCreation: autoCreate, retryBackoffMs } = this.#options
    try {
      await client.topics.need(topic, { signal: this.#closing.signal, autoCreate })
      this.schedule()
    } catch (error) {
      if (error instanceof ClosedError) this.#failEverything(error)
      this.#timers.after(retryBackoffMs, () => this.schedule())
    } finally {
      this.#refreshing.delete(topic)
    }
  }

  #sessionFailed(error: TidemarkError): void {
    if (error.retriable) this.#timers.after(this.#options.retryBackoffMaxMs, () => this.schedule())
    else this.#failEverything(error)
  }

  /** There is no way on: the client is closed, or the producer has no right to be one. */
  #failEverything(error: Error): void {
    for (const queue of this.#options.accumulator.active) this.#settlement.failAll(queue, error)
    this.#settled()
  }

  #wakeAt(atMs: number, nowMs: number): void {
    if (this.#wake !== undefined && this.#wake.atMs === atMs) return
    this.#wake?.timer.cancel()
    this.#wake = undefined
    if (atMs === Number.POSITIVE_INFINITY) return
    const timer = this.#timers.after(atMs - nowMs, () => {
      this.#wake = undefined
      this.schedule()
    })
    this.#wake = { atMs, timer }
  }
}

function moveLast<T>(set: Set<T>, item: T): void {
  set.delete(item)
  set.add(item)
}
