import { callCount, callsInFlight, type LoadClient, type OnRead, repeat } from './load-client.ts'
import { loadPeerClient } from './peer-clients.ts'

/** What is used of KafkaJS. */
interface KafkaJs {
  readonly default: {
    readonly logLevel: { readonly NOTHING: number }
    readonly Kafka: new (
      options: object,
    ) => {
      producer(options: object): KafkaJsProducer
      consumer(options: object): KafkaJsConsumer
    }
  }
}

interface KafkaJsProducer {
  connect(): Promise<void>
  send(call: object): Promise<unknown>
  disconnect(): Promise<void>
}

interface Message {
  readonly value: Buffer | null
}

interface KafkaJsConsumer {
  connect(): Promise<void>
  subscribe(options: object): Promise<void>
  run(options: object): Promise<void>
  disconnect(): Promise<void>
}

/** KafkaJS, which sends what one call is given: its users gather messages themselves. */
export class KafkaJsClient implements LoadClient {
  readonly #kafka: InstanceType<KafkaJs['default']['Kafka']>
  readonly #producer: KafkaJsProducer
  #groupCount = 0

  private constructor(kafka: InstanceType<KafkaJs['default']['Kafka']>, producer: KafkaJsProducer) {
    this.#kafka = kafka
    this.#producer = producer
  }

  static async connect(bootstrap: string): Promise<KafkaJsClient> {
    const { Kafka, logLevel } = ((await loadPeerClient('kafkajs')) as KafkaJs).default
    const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING })
    const producer = kafka.producer({})
    await producer.connect()
    return new KafkaJsClient(kafka, producer)
  }

  async produce(topic: string, value: Buffer, recordCount: number): Promise<void> {
    const send = () =>
      this.#producer.send({ topic, acks: -1, messages: Array.from({ length: callCount }, () => ({ value })) })
    await repeat(Math.ceil(recordCount / callCount), callsInFlight, send)
  }

  async consume(topic: string, recordCount: number, way: string, onRead: OnRead): Promise<void> {
    const consumer = this.#kafka.consumer({ groupId: `load-${process.pid}-${this.#groupCount++}` })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    let readCount = 0
    await new Promise<void>((resolve, reject) => {
      const take = ({ value }: Message): void => {
        if (value !== null) onRead(++readCount)
        if (readCount === recordCount) resolve()
      }
      const handlers =
        way === 'eachMessage'
          ? { eachMessage: async ({ message }: { message: Message }) => take(message) }
          : {
              eachBatch: async ({ batch: { messages } }: { batch: { messages: Message[] } }) =>
                messages.forEach(take),
            }
      consumer.run({ autoCommit: false, ...handlers }).catch(reject)
    })
    await consumer.disconnect()
  }

  async close(): Promise<void> {
    await this.#producer.disconnect()
  }
}
