// The ten lines: a Kafka in this process, one record in, one record out. `node quick-start.mjs [DIRECTORY]`
import { Tidemark } from 'tidemark'

const tidemark = await Tidemark.open(process.argv[2] ?? './data') // or Tidemark.connect('host:9092'), or Tidemark.memory()
await tidemark.admin().createTopics([{ name: 'orders', partitions: 4 }], { throwOnError: false }) // it may be there already

const producer = tidemark.producer({ key: 'string', value: 'json' })
const { partition, offset } = await producer.send({ topic: 'orders', key: 'order-1', value: { total: 12 } })
console.log(`sent to partition ${partition}, offset ${offset}`)

const options = { groupId: 'billing', topics: ['orders'], autoOffsetReset: 'earliest' }
const consumer = tidemark.consumer({ ...options, key: 'string', value: 'json' })
for await (const { key, value } of consumer) {
  console.log('bill %s: %d', key, value.total)
  await consumer.commit()
  break // a service would go on
}
await tidemark.close()
