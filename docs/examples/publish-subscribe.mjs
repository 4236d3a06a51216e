// Publish and subscribe: every group reads everything, at its own pace, from where it left off. One that comes later, or was away, misses
// nothing that is kept. `node publish-subscribe.mjs [DIRECTORY]`
import { Tidemark } from 'tidemark'

const eventCount = 6
const tidemark = await Tidemark.open(process.argv[2] ?? './data')
await tidemark.admin().createTopics([{ name: 'signups', partitions: 2 }], { throwOnError: false })
const producer = tidemark.producer({ key: 'string', value: 'json' })

/** Reads `count` events as the group of that name. */
async function subscribe(groupId, count, handle) {
  const options = { groupId, topics: ['signups'], autoOffsetReset: 'earliest' }
  const consumer = tidemark.consumer({ ...options, key: 'string', value: 'json' })
  for await (const { key, value } of consumer) {
    await handle(key, value)
    if (--count > 0) continue
    await consumer.commit() // the record in hand included
    break
  }
  await consumer.close()
}

const seen = { mail: [], metrics: [], audit: [] }
const publish = async () => {
  for (let i = 0; i < eventCount; i++)
    await producer.send({
      topic: 'signups',
      key: `user-${i}`,
      value: { plan: i % 2 === 0 ? 'free' : 'paid' },
    })
}
await Promise.all([
  publish(),
  subscribe('mail', eventCount, (user) => seen.mail.push(user)),
  subscribe('metrics', eventCount, (_, { plan }) => seen.metrics.push(plan)),
])
// Comes when all is over, reads half, goes away, and comes back.
await subscribe('audit', eventCount / 2, (user) => seen.audit.push(user))
await subscribe('audit', eventCount / 2, (user) => seen.audit.push(user))

for (const [group, events] of Object.entries(seen)) {
  events.sort((a, b) => a.localeCompare(b)) // partitions take turns
  console.log(`${group}: ${events.join(' ')}`)
}
await tidemark.close()
