// The code that `order-service.test.mjs` tests: it knows kafkajs, and nothing of Tidemark.

/** Ships what is ordered: reads `orders`, writes `shipments`. Resolves when it is running. */
export async function startOrderService(kafka) {
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  const consumer = kafka.consumer({ groupId: 'shipping' })
  await Promise.all([producer.connect(), consumer.connect()])
  await consumer.subscribe({ topics: ['orders'], fromBeginning: true })
  await consumer.run({
    async eachMessage({ message }) {
      const { item } = JSON.parse(message.value.toString())
      await producer.send({ topic: 'shipments', messages: [{ key: message.key, value: `one ${item}` }] })
    },
  })
  return {
    async stop() {
      await consumer.disconnect()
      await producer.disconnect()
    },
  }
}
