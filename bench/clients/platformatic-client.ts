import { callCount, callsInFlight, type LoadClient, type OnRead, repeat } from './load-client.ts'
import { loadPeerClient } from './peer-clients.ts'

/** What is used of @platformatic/kafka. */
interface Platformatic {
  readonly Producer: new (options: object) => { send(call: object): Promise<unknown>; close(): Promise<void> }
  readonly Consumer: new (
    options: object,
  ) => { consume(options: object): Promise<MessageStream>; close(force: boolean): Promise<void> }
}

interface MessageStream {
  on(event: 'data', listener: (message: { readonly value: Buffer | undefined }) => void): void
  on(event: 'error', listener: (error: Error) => void): void
}

/** Platformatic's client, which sends what one call is given, and hands out records by a stream. */
export class PlatformaticClient implements LoadClient {
  readonly #module: Platformatic
  readonly #options: object
  readonly #producer: InstanceType<Platformatic['Producer']>
  #groupCount = 0

  private constructor(module: Platformatic, bootstrap: string) {
    this.#module = module
    this.#options = { clientId: 'load', bootstrapBrokers: [bootstrap] }
    this.#producer = new module.Producer(this.#options)
  }

  static async connect(bootstrap: string): Promise<PlatformaticClient> {
    return new PlatformaticClient((await loadPeerClient('platformatic')) as Platformatic, bootstrap)
  }

  async produce(topic: string, value: Buffer, recordCount: number): Promise<void> {
    const send = () =>
      this.#producer.send({ acks: -1, messages: Array.from({ length: callCount }, () => ({ topic, value })) })
    await repeat(Math.ceil(recordCount / callCount), callsInFlight, send)
  }

  async consume(topic: string, recordCount: number, _way: string, onRead: OnRead): Promise<void> {
    const groupId = `load-${process.pid}-${this.#groupCount++}`
    const consumer = new this.#module.Consumer({ ...this.#options, groupId, autocommit: false })
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest' })
    let readCount = 0
    await new Promise<void>((resolve, reject) => {
      stream.on('error', reject)
      stream.on('data', ({ value }) => {
        if (value !== undefined) onRead(++readCount)
        if (readCount === recordCount) resolve()
      })
    })
    await consumer.close(true)
  }

  async close(): Promise<void> {
    await this.#producer.close()
  }
}
