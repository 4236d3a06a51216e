import { Tidemark } from '../../src/embedded/public.ts'
import type { Producer } from '../../src/client/producer/producer.ts'
import { inFlightCount, type LoadClient, type OnRead, repeat } from './load-client.ts'

/** Our own client: over TCP, or with a broker of its process. Each record is sent by a call of its own. */
export class TidemarkClient implements LoadClient {
  readonly #tidemark: Tidemark
  readonly #producer: Producer

  private constructor(tidemark: Tidemark) {
    this.#tidemark = tidemark
    this.#producer = tidemark.producer()
  }

  static async connect(bootstrap: string): Promise<TidemarkClient> {
    return new TidemarkClient(await Tidemark.connect(bootstrap))
  }

  static async open(directory: string): Promise<TidemarkClient> {
    return new TidemarkClient(await Tidemark.open(directory, { durability: 'os' }))
  }

  async produce(topic: string, value: Buffer, recordCount: number): Promise<void> {
    await repeat(recordCount, inFlightCount, () => this.#producer.send({ topic, value }))
  }

  async consume(topic: string, recordCount: number, way: string, onRead: OnRead): Promise<void> {
    const consumer = this.#tidemark.consumer({
      assignment: [{ topic, partition: 0 }],
      autoOffsetReset: 'earliest',
    })
    let readCount = 0
    if (way === 'for await')
      for await (const { value } of consumer) {
        if (value !== null) onRead(++readCount)
        if (readCount === recordCount) break
      }
    else
      for await (const { records } of consumer.batches()) {
        for (const { value } of records) if (value !== null) readCount++
        onRead(readCount)
        if (readCount >= recordCount) break
      }
    await consumer.close()
  }

  async close(): Promise<void> {
    await this.#tidemark.close()
  }
}
