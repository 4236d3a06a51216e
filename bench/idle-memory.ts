import { openLog } from '../src/log/public.ts'

/**
 * A process of its own, run with `--expose-gc`: prints by how many bytes it grows, resident and held (heap and buffers),
 * when it opens the log in its second argument. Before that it has opened the smaller one in its first argument some
 * times, so that what a process takes once (code, and the young generation of the heap, up to 48 MiB) is not put down to
 * the segments.
 */
const openedBeforeCount = 20

/** What the process takes now, without its garbage. */
function memoryNow(): { residentBytes: number; heldBytes: number } {
  for (let count = 0; count < 3; count++) (globalThis as { gc?: () => void }).gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { residentBytes: rss, heldBytes: heapUsed + external }
}

const [, , smaller = '', larger = ''] = process.argv
for (let count = 0; count < openedBeforeCount; count++) await (await openLog(smaller)).close()
const before = memoryNow()
const log = await openLog(larger)
const after = memoryNow()
console.log(
  JSON.stringify({
    residentBytes: after.residentBytes - before.residentBytes,
    heldBytes: after.heldBytes - before.heldBytes,
  }),
)
await log.close()
