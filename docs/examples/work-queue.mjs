// A work queue (point to point): the members of one group share the jobs. One worker is slow, one fails in the middle of a job: what it
// had not done comes again, to another (at least once). `node work-queue.mjs [DIRECTORY]`
import { Tidemark } from 'tidemark'

const jobCount = 40
const tidemark = await Tidemark.open(process.argv[2] ?? './data')
await tidemark.admin().createTopics([{ name: 'jobs', partitions: 8 }], { throwOnError: false })

const producer = tidemark.producer({ value: 'json' })
const jobs = Array.from({ length: jobCount }, (_, job) => ({ topic: 'jobs', partition: job % 8, value: job }))
await producer.sendAll(jobs)

const attempts = new Map()
const done = new Set()
const whenAllDone = new AbortController()
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Works until all is done. A record counts as done when the loop comes back for the next; then it is committed, by itself. */
async function work(name, handle) {
  const options = { groupId: 'workers', topics: ['jobs'], autoOffsetReset: 'earliest', value: 'json' }
  const consumer = tidemark.consumer({ ...options, autoCommitIntervalMs: 100 })
  let count = 0
  try {
    for await (const { value: job } of consumer.records({ signal: whenAllDone.signal })) {
      attempts.set(job, (attempts.get(job) ?? 0) + 1)
      await handle(job)
      count++
      done.add(job)
      if (done.size === jobCount) whenAllDone.abort()
    }
  } catch (error) {
    if (!whenAllDone.signal.aborted) console.log(`${name} failed: ${error.message}`)
  } finally {
    await consumer.close() // leaves the group: its partitions go to the others at once
    console.log(`${name} did ${count} jobs`)
  }
}

let isFirst = true
await Promise.all([
  work('fast', () => pause(5)),
  work('slow', () => pause(50)),
  work('unlucky', async (job) => {
    await pause(5)
    if (!isFirst) return
    isFirst = false
    throw new Error(`out of luck at job ${job}`)
  }),
])
const again = [...attempts].filter(([, count]) => count > 1)
console.log(`${done.size} of ${jobCount} jobs done, ${again.length} of them begun more than once`)
await tidemark.close()
