import { encodeBatch } from '../../src/batch/encode-batch.ts'
import { errorCodes, errorName } from '../../src/wire/error-codes.ts'
import { produceRequest, produceResponse } from '../../src/wire/messages/00-produce.ts'
import { createTopicsRequest, createTopicsResponse } from '../../src/wire/messages/19-create-topics.ts'
import { WireClient } from '../server/wire-client.ts'

const topic = 'honest'
const declared = { request: produceRequest, response: produceResponse }
const version = 12

/** A client that has nothing in mind but to append a record at a time, and looks at the clock. */
export class HonestClient implements Disposable {
  readonly #client: WireClient
  /** Of the requests since they were last taken. */
  #elapsedMs: number[] = []

  private constructor(client: WireClient) {
    this.#client = client
  }

  static async connect(port: number): Promise<HonestClient> {
    const client = await WireClient.connect(port)
    const creation = { request: createTopicsRequest, response: createTopicsResponse }
    const configs = [{ name: 'tidemark.durability', value: 'os' }]
    const body = { name: topic, numPartitions: 1, replicationFactor: 1, assignments: [], configs }
    await client.call(creation, 7, { topics: [body] })
    return new HonestClient(client)
  }

  /** Appends one record. */
  async append(): Promise<void> {
    const records = encodeBatch([{ value: 'x'.repeat(100) }], { now: Date.now() })
    const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }]
    const startMs = performance.now()
    const { responses } = await this.#client.call(declared, version, {
      acks: -1,
      timeoutMs: 10_000,
      topicData,
    })
    this.#elapsedMs.push(performance.now() - startMs)
    const errorCode = responses[0]?.partitionResponses[0]?.errorCode ?? -1
    if (errorCode !== errorCodes.NONE) throw new Error(`an append was refused: ${errorName(errorCode)}`)
  }

  /** The time that 99 of 100 requests took at most, of those since the last call. */
  takeP99Ms(): number {
    const elapsedMs = this.#elapsedMs.toSorted((a, b) => a - b)
    this.#elapsedMs = []
    return elapsedMs[Math.floor(elapsedMs.length * 0.99)] ?? 0
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]()
  }
}
