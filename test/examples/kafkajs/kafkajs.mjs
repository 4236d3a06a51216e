// As much of kafkajs as the example of a test uses, over our own client.
import { Tidemark } from '../../../dist/lib/tidemark.js'

export const logLevel = { NOTHING: 0 }

export class Kafka {
  #servers

  constructor({ brokers }) {
    this.#servers = brokers.join()
  }

  producer() {
    const servers = this.#servers
    let tidemark
    let producer
    return {
      async connect() {
        tidemark = await Tidemark.connect(servers)
        producer = tidemark.producer()
      },
      async send({ topic, messages }) {
        await producer.sendAll(messages.map((message) => ({ topic, ...message })))
      },
      disconnect: () => tidemark.close(),
    }
  }

  consumer({ groupId }) {
    const servers = this.#servers
    let tidemark
    let topics
    let running
    return {
      async connect() {
        tidemark = await Tidemark.connect(servers)
      },
      async subscribe({ topics: wanted }) {
        topics = wanted
      },
      async run({ eachMessage }) {
        const consumer = tidemark.consumer({ groupId, topics, autoOffsetReset: 'earliest' })
        running = (async () => {
          for await (const message of consumer) await eachMessage({ message })
        })()
      },
      async disconnect() {
        await tidemark.close()
        await running
      },
    }
  }
}
