// A peak: a client produces three times faster than the consumer takes. The broker is the buffer: nothing is lost, nothing grows but the
// log on the disk, and the consumer keeps its own pace until it has caught up.
// `node --expose-gc peak-levelling.mjs [DIRECTORY] [SECONDS] [CONSUMED_PER_SECOND]`
import { setTimeout as pause } from 'node:timers/promises'
import { Tidemark } from 'tidemark'

const [directory = './data', peakSeconds = '3', consumed = '1000'] = process.argv.slice(2)
const consumedPerSecond = Number(consumed)
const producedPerSecond = 3 * consumedPerSecond
const sendCount = producedPerSecond * Number(peakSeconds)
const value = Buffer.alloc(10_000, 'ebb and flow ')
const bufferMemory = 1024 * 1024

const tidemark = await Tidemark.open(directory, { durability: 'os' })
await tidemark.admin().createTopics([{ name: 'requests', partitions: 1 }])
const producer = tidemark.producer({ bufferMemory, batchSize: 64 * 1024, key: 'int32' })
const consumer = tidemark.consumer({
  ...{ groupId: 'handlers', topics: ['requests'], autoOffsetReset: 'earliest', key: 'int32' },
  maxBufferedBytes: 1024 * 1024, // what is fetched ahead; the rest stays with the broker
})

let sent = 0
let bufferedBytes = 0
const outstanding = new Set()
let doubled = 0

/** Numbers from 0, so many in a second. */
async function* paced(perSecond) {
  const startMs = performance.now()
  for (let number = 0; number < sendCount; number++) {
    const aheadMs = (number / perSecond) * 1000 - (performance.now() - startMs)
    if (aheadMs > 0) await pause(aheadMs)
    yield number
  }
}

async function* requests() {
  for await (const key of paced(producedPerSecond)) {
    outstanding.add(key)
    bufferedBytes = Math.max(bufferedBytes, producer.metrics().bufferedBytes)
    yield { topic: 'requests', key, value }
  }
}

/** Takes no request from its source while too many are on their way: a slow broker slows down the source. */
async function produce() {
  for await (const _ of producer.sendFrom(requests(), { maxPending: 200 })) sent++
}

let handled = 0
async function consume() {
  const pace = paced(consumedPerSecond)
  for await (const { key } of consumer) {
    await pace.next() // the work
    if (!outstanding.delete(key)) doubled++
    if (++handled === sendCount) break
  }
  await consumer.commit()
}

/** What is in use: without `--expose-gc` with what has not been collected yet. */
function memoryMiB() {
  globalThis.gc?.()
  globalThis.gc?.() // what the first has found
  const { heapUsed, external } = process.memoryUsage()
  return Math.round((heapUsed + external) / 1024 / 1024)
}

const row = (cells) => console.log(cells.map((cell) => String(cell).padStart(12)).join(''))
const startMs = performance.now()
let peakLag = 0
const memory = []

row(['seconds', 'sent', 'handled', 'lag', 'memory MiB'])
function report() {
  peakLag = Math.max(peakLag, sent - handled)
  memory.push(memoryMiB())
  row([((performance.now() - startMs) / 1000).toFixed(1), sent, handled, sent - handled, memory.at(-1)])
}

const reporting = setInterval(report, 500)
await Promise.all([produce(), consume()])
clearInterval(reporting)
report()
const lagMiB = Math.round((peakLag * value.length) / 1024 / 1024)
console.log(`lost ${outstanding.size} and doubled ${doubled} of ${sendCount}`)
console.log(`the lag was ${peakLag} at most, ${lagMiB} MiB, and is ${sent - handled}`)
console.log(`the producer buffered ${bufferedBytes} bytes at most, of ${bufferMemory}`)
console.log(`client and broker together used ${Math.min(...memory)} to ${Math.max(...memory)} MiB of memory`)
await tidemark.close()
