import { Batch } from '../../src/batch/batch.ts'
import { ClosedError, ConnectionError, TimeoutError } from '../../src/base/errors.ts'
import { type BrokerAddress, formatAddress } from '../../src/client/network/broker-address.ts'
import type { Rpc } from '../../src/client/network/rpc.ts'
import type { BrokerLink, CallInput, CallOptions, Transport } from '../../src/client/network/transport.ts'
import { Timers } from '../../src/env/timers.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'
import { errorCodes } from '../../src/wire/error-codes.ts'
import type { ProduceRequest, ProduceResponseInput } from '../../src/wire/messages/00-produce.ts'

/** What becomes of a produce request. */
export type Fate =
  /** Written and acknowledged, after `delayMs`. */
  | { readonly kind: 'fine'; readonly delayMs: number }
  /** Not written; the broker says so. */
  | { readonly kind: 'refused'; readonly errorCode: number }
  /** Written; the broker says that it does not know. */
  | { readonly kind: 'doubtful'; readonly errorCode: number }
  /** Written or not, and the connection breaks before the answer. */
  | { readonly kind: 'broken'; readonly isWritten: boolean }
  /** Written or not, and no answer ever comes. */
  | { readonly kind: 'silent'; readonly isWritten: boolean }
  /** Another broker leads all partitions from now on; this request comes too late. */
  | { readonly kind: 'moved' }

interface StoredBatch {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
}

interface ProducerState {
  epoch: number
  /** The last five. */
  batches: StoredBatch[]
}

type PartitionAnswer = ProduceResponseInput['responses'][number]['partitionResponses'][number]

const sequenceCount = 2 ** 31

/**
 * Two brokers that are functions, with logs that are arrays. They hold producers to their sequences as Kafka's do, and meet
 * each produce request with the next of the given fates; when those are used up, all is well.
 */
export class ProducerCluster implements Transport {
  /** Values by partition, in the order in which they were written. */
  readonly logs: string[][]
  readonly #timers: Timers
  readonly #fates: Fate[]
  readonly #producers = new Map<string, ProducerState>()
  #leaderId = 1
  #leaderEpoch = 0
  #lastProducerId = 0
  /** Most requests that were under way at once. */
  inFlightMax = 0
  /** Metadata requests so far. */
  metadataCount = 0
  /** Whether Metadata tells of the leader alone. */
  hidesFollowers = false
  /** Batches whose values are refused for good, whoever sends them. */
  isPoison: (value: string) => boolean

  constructor(
    clock: ManualClock,
    partitionCount: number,
    fates: readonly Fate[],
    isPoison: (value: string) => boolean = () => false,
  ) {
    this.#timers = new Timers(clock)
    this.#fates = [...fates]
    this.logs = Array.from({ length: partitionCount }, () => [])
    this.isPoison = isPoison
  }

  async connect(where: BrokerAddress): Promise<BrokerLink> {
    return new Link(this, this.#timers, where)
  }

  close(): void {}

  answer(name: string, request: unknown): unknown {
    if (name === 'Metadata') return this.#metadata()
    if (name === 'InitProducerId') return this.#initProducerId()
    throw new TypeError(`${name} is not answered here, asked with ${JSON.stringify(request)}`)
  }

  nextFate(): Fate {
    return this.#fates.shift() ?? { kind: 'fine', delayMs: 0 }
  }

  /** No more faults. */
  heal(): void {
    this.#fates.length = 0
    this.isPoison = () => false
  }

  move(): void {
    this.#leaderId = 3 - this.#leaderId
    this.#leaderEpoch++
  }

  produce(request: ProduceRequest, nodeId: number, override?: number): ProduceResponseInput {
    return {
      nodeEndpoints: nodeId === this.#leaderId ? [] : [this.#node(this.#leaderId)],
      responses: request.topicData.map(({ topicId, partitionData }) => ({
        ...{ topicId, name: '' },
        partitionResponses: partitionData.map(({ index, records }) =>
          this.#append(index, records ?? Buffer.alloc(0), nodeId, override),
        ),
      })),
    }
  }

  /** All partitions of the request are answered with the error. */
  refuse(request: ProduceRequest, errorCode: number): ProduceResponseInput {
    return {
      responses: request.topicData.map(({ topicId, partitionData }) => ({
        ...{ topicId, name: '' },
        partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1 })),
      })),
    }
  }

  #append(
    index: number,
    records: Buffer,
    nodeId: number,
    override = errorCodes.NONE as number,
  ): PartitionAnswer {
    const failed = (errorCode: number): PartitionAnswer => ({ index, errorCode, baseOffset: -1 })
    if (nodeId !== this.#leaderId)
      return {
        ...failed(errorCodes.NOT_LEADER_OR_FOLLOWER),
        currentLeader: { leaderId: this.#leaderId, leaderEpoch: this.#leaderEpoch },
      }
    // A copy, for a log keeps what it was given.
    const batch = new Batch(Buffer.from(records))
    if (!batch.isValid()) return failed(errorCodes.CORRUPT_MESSAGE)
    const values = [...batch.records()].map(({ value }) => String(value))
    if (values.some((value) => this.isPoison(value)))
      return failed(values.length > 1 ? errorCodes.MESSAGE_TOO_LARGE : errorCodes.INVALID_RECORD)
    const log = this.logs[index]
    if (log === undefined) return failed(errorCodes.UNKNOWN_TOPIC_OR_PARTITION)
    const verdict = batch.hasProducerId ? this.#checkSequence(index, batch, log.length) : log.length
    if (typeof verdict !== 'number') return failed(verdict.errorCode)
    if (verdict === log.length) log.push(...values)
    return { index, errorCode: override, baseOffset: verdict }
  }

  /** The base offset, which for a batch that is there already is the old one; or an error. */
  #checkSequence(index: number, batch: Batch, endOffset: number): number | { readonly errorCode: number } {
    const key = `${index} ${batch.producerId}`
    const known = this.#producers.get(key)
    const { producerEpoch: epoch, baseSequence: firstSequence, lastSequence } = batch
    if (known !== undefined && epoch < known.epoch) return { errorCode: errorCodes.INVALID_PRODUCER_EPOCH }
    if (known !== undefined && epoch === known.epoch) {
      const same = known.batches.find(
        (each) => each.firstSequence === firstSequence && each.lastSequence === lastSequence,
      )
      if (same !== undefined) return same.baseOffset
      const expected = ((known.batches.at(-1)?.lastSequence ?? -1) + 1) % sequenceCount
      if (firstSequence !== expected) return { errorCode: errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER }
    } else if (known !== undefined && firstSequence !== 0)
      return { errorCode: errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER }
    // One that is not known may begin anywhere, as with Kafka.
    const before = known?.epoch === epoch ? known.batches : []
    const batches = [...before, { firstSequence, lastSequence, baseOffset: endOffset }].slice(-5)
    this.#producers.set(key, { epoch, batches })
    return endOffset
  }

  #initProducerId(): unknown {
    return { throttleTimeMs: 0, errorCode: 0, producerId: ++this.#lastProducerId, producerEpoch: 0 }
  }

  #node(nodeId: number): { nodeId: number; host: string; port: number } {
    return { nodeId, host: 'broker', port: nodeId }
  }

  #metadata(): unknown {
    this.metadataCount++
    const partitions = this.logs.map((_, partitionIndex) => ({
      ...{ errorCode: 0, partitionIndex, leaderId: this.#leaderId, leaderEpoch: this.#leaderEpoch },
      ...{ replicaNodes: [1, 2], isrNodes: [1, 2] },
    }))
    return {
      brokers: (this.hidesFollowers ? [this.#leaderId] : [1, 2]).map((nodeId) => this.#node(nodeId)),
      ...{ clusterId: 'c', controllerId: 1 },
      topics: [{ errorCode: 0, name: 'orders', topicId: 'orders00000000000000AA', partitions }],
    }
  }
}

class Link implements BrokerLink {
  isOpen = true
  inFlightCount = 0
  readonly served = new Map()
  readonly #cluster: ProducerCluster
  readonly #timers: Timers
  readonly #where: BrokerAddress
  /** Ends all that is under way. */
  readonly #ends = new Set<(error: Error) => void>()
  /** Answers come in the order of the requests. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(cluster: ProducerCluster, timers: Timers, where: BrokerAddress) {
    this.#cluster = cluster
    this.#timers = timers
    this.#where = where
  }

  async call<Input, Value>(
    { request, response }: Rpc<Input, Value>,
    input: CallInput<Input>,
    { timeoutMs = 30_000 }: CallOptions = {},
  ): Promise<Value> {
    if (!this.isOpen) throw new ConnectionError(formatAddress(this.#where), 'the link is lost')
    const given =
      typeof input === 'function' ? (input as (version: number) => Input)(request.maxVersion) : input
    const codec = request.at(request.maxVersion)
    const asked = codec.decode(codec.encode(given))
    const answer =
      request.apiKey === 0
        ? await this.#produce(asked as ProduceRequest, timeoutMs)
        : this.#plain(request.name, asked)
    const answers = response.at(response.maxVersion)
    return answers.decode(answers.encode(answer as never))
  }

  async tell<Input>(api: Rpc<Input, unknown>, input: CallInput<Input>): Promise<void> {
    await this.call(api, input)
  }

  close(): void {
    this.#fail(new ClosedError('closed'))
  }

  #plain(name: string, asked: unknown): unknown {
    return this.#cluster.answer(name.replace('Request', ''), asked)
  }

  /** What happens happens in the order of the requests, as a broker does it; the fate is drawn as the request is sent. */
  #produce(asked: ProduceRequest, timeoutMs: number): Promise<unknown> {
    this.inFlightCount++
    this.#cluster.inFlightMax = Math.max(this.#cluster.inFlightMax, this.inFlightCount)
    return new Promise((resolve, reject) => {
      const end = (error: Error): void => {
        this.#ends.delete(end)
        reject(error)
      }
      this.#ends.add(end)
      const timer = this.#timers.after(timeoutMs, () => this.#fail(new TimeoutError('no answer in time')))
      const before = this.#last
      this.#last = before.then(async () => {
        const answer = this.isOpen ? await this.#meet(this.#cluster.nextFate(), asked) : undefined
        if (answer === undefined || !this.isOpen) return
        timer.cancel()
        this.inFlightCount--
        this.#ends.delete(end)
        resolve(answer)
      })
    })
  }

  async #meet(fate: Fate, asked: ProduceRequest): Promise<unknown> {
    const cluster = this.#cluster
    const nodeId = this.#where.port
    switch (fate.kind) {
      case 'fine':
        await new Promise<void>((resolve) => this.#timers.after(fate.delayMs, resolve))
        return cluster.produce(asked, nodeId)
      case 'refused':
        return cluster.refuse(asked, fate.errorCode)
      case 'doubtful':
        return cluster.produce(asked, nodeId, fate.errorCode)
      case 'moved':
        cluster.move()
        return cluster.produce(asked, nodeId)
      default:
        if (fate.isWritten) cluster.produce(asked, nodeId)
        if (fate.kind === 'broken') this.#fail(new ConnectionError(formatAddress(this.#where), 'broken'))
        return await new Promise(() => {})
    }
  }

  #fail(error: Error): void {
    this.isOpen = false
    this.inFlightCount = 0
    for (const end of this.#ends) end(error)
  }
}
