// Replay by time: what happened since a moment is read again, once by a consumer for itself, once by a whole group.
// `node replay.mjs [DIRECTORY]`
import { Tidemark } from 'tidemark'

const hourMs = 3_600_000
const noon = Date.parse('2024-05-01T12:00:00Z')
const tidemark = await Tidemark.open(process.argv[2] ?? './data')
const admin = tidemark.admin()
// Nothing is deleted for its age: these records are old.
const config = { 'retention.ms': -1, 'message.timestamp.before.max.ms': Number.MAX_SAFE_INTEGER }
await admin.createTopics([{ name: 'readings', partitions: 1, config }])

const producer = tidemark.producer({ value: 'json' })
const hours = Array.from({ length: 24 }, (_, hour) => hour)
await producer.sendAll(
  hours.map((hour) => ({ topic: 'readings', value: { hour }, timestamp: noon + (hour - 12) * hourMs })),
)

/** The hours from where the consumer is to the end of the topic. */
async function readToEnd(consumer) {
  const read = []
  for await (const { topic, partition, value } of consumer) {
    read.push(value.hour)
    if (consumer.lag({ topic, partition }) === 0) break
  }
  return `${read.at(0)} to ${read.at(-1)}`
}

// A consumer of its own, in no group: nobody else notices.
const readings = { topic: 'readings', partition: 0 }
const replaying = tidemark.consumer({ assignment: [readings], value: 'json' })
replaying.seek(readings, { timestamp: noon })
console.log(`replayed hours ${await readToEnd(replaying)}`)

// A group that has read everything, and is set back: as after a deployment that got the last six hours wrong.
const group = { groupId: 'dashboard', topics: ['readings'], autoOffsetReset: 'earliest', value: 'json' }
const dashboard = tidemark.consumer(group)
console.log(`dashboard read hours ${await readToEnd(dashboard)}`)
await dashboard.commit()
await dashboard.close() // a group is set back while nobody is in it

const to = { timestamp: noon + 6 * hourMs }
const [{ oldOffset, offset } = {}] = await admin.resetGroupOffsets('dashboard', { to })
console.log(`dashboard was at offset ${oldOffset}, and is set back to ${offset}`)
const again = tidemark.consumer(group)
console.log(`dashboard read hours ${await readToEnd(again)} again`)
await tidemark.close()
