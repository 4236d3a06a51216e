import { setTimeout as sleep } from 'node:timers/promises'
import { encodeBatch } from '../../src/batch/encode-batch.ts'
import type { RecordInput } from '../../src/batch/record-input.ts'
import { errorCodes, errorName } from '../../src/wire/error-codes.ts'
import { produceRequest, produceResponse } from '../../src/wire/messages/00-produce.ts'
import { initProducerIdRequest, initProducerIdResponse } from '../../src/wire/messages/22-init-producer-id.ts'
import { ConnectionLostError, WireClient } from './wire-client.ts'

/** How a producer produces: all to one partition, one batch after the other. */
export interface WireProducerOptions {
  readonly topic: string
  readonly partition: number
  readonly acks: 1 | -1
  /** Numbers its batches and sends those that were not answered again (KIP-98). Otherwise each is sent once. */
  readonly isIdempotent: boolean
  /** The record of each number, from 0 up. */
  readonly recordFor: (index: number) => RecordInput
  readonly recordsPerBatch: number
  /** How many records there are; what comes of them is told by `onAcknowledged`. */
  readonly recordCount: number
  /** Where the broker is to be found now. */
  readonly port: () => number | Promise<number>
  /** Offset -1: the broker had the batch, and no longer knows where. */
  readonly onAcknowledged: (firstIndex: number, count: number, baseOffset: number) => void
  /** How long an answer is waited for. */
  readonly timeoutMs?: number
}

interface SentBatch {
  readonly firstIndex: number
  readonly count: number
  readonly bytes: Buffer
}

const inFlightMax = 5
const reconnectMs = 2

/** Answers that say that the batch is to be sent again, on a connection of its own. */
const retriable: ReadonlySet<number> = new Set([
  errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
  errorCodes.NOT_LEADER_OR_FOLLOWER,
  errorCodes.LEADER_NOT_AVAILABLE,
  errorCodes.REQUEST_TIMED_OUT,
  errorCodes.KAFKA_STORAGE_ERROR,
  errorCodes.UNKNOWN_SERVER_ERROR,
])

/** A producer as a client library runs it, with five requests in flight, that goes on wherever it was cut off. */
export class WireProducer {
  readonly #options: WireProducerOptions
  /** Sent, and not answered, in order. */
  readonly #unanswered: SentBatch[] = []
  #producerId = -1
  #nextIndex = 0
  #isStopped = false

  constructor(options: WireProducerOptions) {
    this.#options = options
  }

  /** Records that were made so far, sent or about to be. */
  get madeCount(): number {
    return this.#nextIndex
  }

  /** Makes no more records. What is unanswered is still brought to its end. */
  stop(): void {
    this.#isStopped = true
  }

  /** Resolves when every record that was made is answered or, without idempotence, given up. */
  async run(): Promise<void> {
    while (!this.#isDone) {
      try {
        using client = await WireClient.connect(await this.#options.port())
        if (this.#options.isIdempotent && this.#producerId < 0) await this.#introduce(client)
        await this.#converse(client)
      } catch (error) {
        if (!(error instanceof ConnectionLostError)) throw error
        await sleep(reconnectMs)
      }
      // Sent once more they might be there twice.
      if (!this.#options.isIdempotent) this.#unanswered.length = 0
    }
  }

  get #isDone(): boolean {
    return this.#unanswered.length === 0 && !this.#hasMore
  }

  get #hasMore(): boolean {
    return !this.#isStopped && this.#nextIndex < this.#options.recordCount
  }

  async #introduce(client: WireClient): Promise<void> {
    const declared = { request: initProducerIdRequest, response: initProducerIdResponse }
    const body = { transactionalId: null, transactionTimeoutMs: 60_000 }
    const { errorCode, producerId } = await client.call(declared, 4, body)
    if (errorCode !== errorCodes.NONE)
      throw new ConnectionLostError(`no producer id: ${errorName(errorCode)}`)
    this.#producerId = producerId
  }

  /** Sends what is unanswered again, and then as much as there is, until the connection ends or all is done. */
  async #converse(client: WireClient): Promise<void> {
    const answers = this.#unanswered.map((batch) => this.#send(client, batch))
    for (;;) {
      while (this.#hasMore && this.#unanswered.length < inFlightMax) {
        const batch = this.#make()
        this.#unanswered.push(batch)
        answers.push(this.#send(client, batch))
      }
      const next = answers.shift()
      if (next === undefined) return
      this.#take(await next)
    }
  }

  #make(): SentBatch {
    const { recordFor, recordsPerBatch, recordCount, isIdempotent } = this.#options
    const firstIndex = this.#nextIndex
    const count = Math.min(recordsPerBatch, recordCount - firstIndex)
    this.#nextIndex += count
    const records = Array.from({ length: count }, (_, at) => recordFor(firstIndex + at))
    const numbered = { producerId: this.#producerId, producerEpoch: 0, baseSequence: firstIndex }
    return { firstIndex, count, bytes: encodeBatch(records, { now: 0, ...(isIdempotent ? numbered : {}) }) }
  }

  /** Rejects in silence: whoever waits for an earlier one has heard of it. */
  #send(client: WireClient, { bytes }: SentBatch): Promise<{ errorCode: number; baseOffset: number }> {
    const { topic, partition, acks, timeoutMs } = this.#options
    const topicData = [{ name: topic, partitionData: [{ index: partition, records: bytes }] }]
    const answer = client
      .call(
        { request: produceRequest, response: produceResponse },
        12,
        { acks, timeoutMs: 10_000, topicData },
        timeoutMs,
      )
      .then(({ responses }) => {
        const found = responses[0]?.partitionResponses[0]
        if (found === undefined) throw new TypeError('the response names no partition')
        return found
      })
    answer.catch(() => undefined)
    return answer
  }

  #take({ errorCode, baseOffset }: { errorCode: number; baseOffset: number }): void {
    const [batch] = this.#unanswered
    if (batch === undefined) throw new TypeError('an answer to nothing')
    if (retriable.has(errorCode)) throw new ConnectionLostError(errorName(errorCode))
    if (errorCode !== errorCodes.NONE && errorCode !== errorCodes.DUPLICATE_SEQUENCE_NUMBER)
      throw new Error(`batch of ${batch.firstIndex} is refused: ${errorName(errorCode)}`)
    this.#unanswered.shift()
    this.#options.onAcknowledged(batch.firstIndex, batch.count, errorCode === 0 ? baseOffset : -1)
  }
}
