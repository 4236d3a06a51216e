/**
 * Appends to a log, many appends at a time, until it is killed, and tells its parent of each that was acknowledged:
 * `node appending-child.mjs <module> <directory> <durability> <life>`, a line `<offset> <index>` per acknowledgement.
 * The record with that index has the value `<life>:<index>`.
 */
import { writeSync } from 'node:fs'

const [moduleUrl, directory, durability, life] = process.argv.slice(2)
const { openLog } = await import(moduleUrl)

const concurrentAppends = 32

const log = await openLog(directory, { durability, segmentBytes: 16 * 1024, syncIntervalMs: 5 })
let nextIndex = 0

async function appendForEver() {
  for (;;) {
    const index = nextIndex++
    const { baseOffset } = await log.append({ key: String(index), value: `${life}:${index}` })
    // At once, so that it is in the pipe, which outlives this process, before anything else happens.
    writeSync(1, `${baseOffset} ${index}\n`)
  }
}

await Promise.all(Array.from({ length: concurrentAppends }, appendForEver))
