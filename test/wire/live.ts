import { parseArgs } from 'node:util'
import { sendDamagedRequests } from './damaged-requests.ts'
import { collectGarbage } from './held-bytes.ts'
import { startLiveBroker } from './live-broker.ts'

/**
 * The long form of `live.test.ts`: `--requests N [--each E] [--seed S]` sends N damaged requests over TCP, E of them to each
 * broker, which has a seed of its own. Prints how each took them and what memory it holds, and ends with 1 when one
 * complains.
 */
const { values } = parseArgs({
  options: { requests: { type: 'string' }, each: { type: 'string' }, seed: { type: 'string' } },
})
const requestCount = Number(values.requests ?? '1000000')
const eachCount = Number(values.each ?? '10000')
const firstSeed = Number(values.seed ?? String(Math.floor(Math.random() * 2 ** 20)))
if (![requestCount, eachCount].every((count) => count >= 1) || !Number.isSafeInteger(firstSeed))
  throw new RangeError('usage: live --requests N [--each E] [--seed S]')

let rejectedCount = 0
process.on('unhandledRejection', (reason) => {
  rejectedCount++
  say(`unhandled rejection: ${String(reason)}`)
})

let doneCount = 0
for (let seed = firstSeed; doneCount < requestCount; seed++) {
  await besiege(seed, Math.min(eachCount, requestCount - doneCount))
  if (process.exitCode !== undefined) break
}

async function besiege(seed: number, count: number): Promise<void> {
  await using broker = await startLiveBroker(seed)
  const before = memory()
  const startMs = performance.now()
  const { answered, closed, waiting } = await sendDamagedRequests(broker, count, seed)
  doneCount += count
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0)
  say(
    `seed ${seed}: ${count} requests in ${seconds} s, ${answered} answered, ${closed} closed, ${waiting} waiting`,
  )
  say(`  memory before ${before}, after ${memory()}; ${doneCount} requests in all`)
  for (const complaint of broker.complaints) say(`  ${complaint}`)
  if (broker.complaints.length + rejectedCount > 0) process.exitCode = 1
}

/** What is held once the garbage is gone; the files of the broker are part of it. */
function memory(): string {
  collectGarbage()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  const [heap, buffers, all] = [heapUsed, arrayBuffers, rss].map((bytes) => (bytes / 2 ** 20).toFixed(1))
  return `heap ${heap} MiB, buffers ${buffers} MiB, rss ${all} MiB`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
