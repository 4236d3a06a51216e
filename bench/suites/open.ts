import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openLog } from '../../src/log/public.ts'
import { randomValues } from '../payloads.ts'
import type { Contestant, Sample } from '../rounds.ts'
import { secondsOf } from '../stopwatch.ts'
import type { Claim, PreparedSuite, Suite, SuiteContext } from '../suite.ts'

const segmentCounts = [1000, 10_000] as const

const openName = (count: number) => `openLog, ${count.toLocaleString('en')} segments`
const closeName = (count: number) => `close, ${count.toLocaleString('en')} segments`
const residentName = 'resident memory per idle segment'
const heapName = 'heap and buffers per idle segment'

const claims: readonly Claim[] = [
  { figure: openName(1000), sense: 'at most', bound: 50 },
  { figure: openName(10_000), sense: 'at most', bound: 500 },
  { figure: residentName, sense: 'at most', bound: 2048 },
]

/** Opening a log of many segments that was closed. */
export const openSuite: Suite = {
  name: 'open',
  about:
    'A clean stop, then `openLog` in the same process, until it resolves. Memory is what a process of its own grows by as ' +
    'it opens the larger log, after it has opened the smaller one some times, with the garbage collected.',
  async prepare(context): Promise<PreparedSuite> {
    const directories: string[] = []
    for (const count of segmentCounts)
      directories.push(await segmentedLog(context, Math.ceil(count * context.scale)))
    const contestants = segmentCounts.map((count, index): Contestant => {
      const directory = directories[index] as string
      return { name: openName(count), measure: () => openAndClose(directory, count) }
    })
    const memory = {
      name: residentName,
      measure: () => measureMemory(directories, segmentCounts[1] * context.scale),
    }
    // The claims are about whole numbers of segments.
    return { contestants: [...contestants, memory], claims: context.scale === 1 ? claims : [] }
  },
}

/** One batch a segment: what opening costs does not depend on what is in them. */
async function segmentedLog({ workspace }: SuiteContext, segmentCount: number): Promise<string> {
  const directory = workspace.fresh()
  const records = randomValues(10, 100).map((value) => ({ value }))
  await using log = await openLog(directory, {
    durability: 'interval',
    syncIntervalMs: 3_600_000,
    segmentBytes: 2048,
  })
  for (let count = 0; count < segmentCount; count++) await log.append(records)
  return directory
}

async function openAndClose(directory: string, count: number): Promise<Sample[]> {
  let log: Awaited<ReturnType<typeof openLog>> | undefined
  const openSeconds = await secondsOf(async () => {
    log = await openLog(directory)
  })
  const closeSeconds = await secondsOf(() => log?.close())
  return [
    { figure: openName(count), unit: 'ms', value: openSeconds * 1000 },
    { figure: closeName(count), unit: 'ms', value: closeSeconds * 1000 },
  ]
}

/** In a process of its own, for memory that was freed in this one stays resident. */
async function measureMemory(directories: readonly string[], segmentCount: number): Promise<Sample[]> {
  const script = join(fileURLToPath(import.meta.url), '..', '..', 'idle-memory.js')
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, ...directories])
  const { residentBytes, heldBytes } = JSON.parse(stdout) as { residentBytes: number; heldBytes: number }
  return [
    { figure: residentName, unit: 'bytes', value: residentBytes / segmentCount },
    { figure: heapName, unit: 'bytes', value: heldBytes / segmentCount },
  ]
}
