import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Rig, RigReport } from './rig.ts'
import { allRigs } from './rigs.ts'
import { formatTable } from './tally.ts'
import { Workbench } from './workbench.ts'

/**
 * The long form, `npm run crash -- --minutes N [--seed S] [--only RIG,...]`: one rig after the other, each with its share
 * of the time. Ends with 1 if anything was found, and keeps what failed in `data/seeds`.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
})
const minutes = Number(values.minutes ?? '10')
const seed = Number(values.seed ?? String(Math.floor(Math.random() * 2 ** 20)))
const only = values.only?.split(',')
const progressEveryMs = 30_000

using bench = new Workbench(fileURLToPath(new URL('writer.js', import.meta.url)))
const rigs = allRigs(bench).filter(({ name }) => only?.includes(name) ?? true)
if (!(minutes > 0) || !Number.isSafeInteger(seed) || seed < 0 || rigs.length < (only?.length ?? 1)) {
  const names = allRigs(bench).map(({ name }) => name)
  throw new RangeError(`usage: npm run crash -- --minutes N [--seed S] [--only ${names.join('|')}]`)
}

let isStopped = false
process.once('SIGINT', () => {
  isStopped = true
})

say(`seed ${seed}, ${minutes} minutes`)
await runAll()

async function runAll(): Promise<void> {
  const endMs = performance.now() + minutes * 60_000
  const rows: string[][] = []
  let findingCount = 0
  for (const [index, rig] of rigs.entries()) {
    const shareOfRest = rig.share / rigs.slice(index).reduce((sum, { share }) => sum + share, 0)
    const startedMs = performance.now()
    const report = await runOne(rig, startedMs + (endMs - startedMs) * shareOfRest)
    findingCount += report.findingCount
    rows.push(rowOf(rig, report, performance.now() - startedMs))
  }
  say(formatTable(['rig', 'tried', 'what', 'of which', 'minutes', 'findings'], rows))
  if (findingCount > 0) process.exitCode = 1
}

async function runOne(rig: Rig, endMs: number): Promise<RigReport> {
  let saidMs = performance.now()
  say(`${rig.name}: ${rig.subject}`)
  return rig.run({
    seed,
    endMs,
    isOver: () => isStopped || performance.now() >= endMs,
    say,
    progress(text) {
      if (performance.now() - saidMs < progressEveryMs) return
      saidMs = performance.now()
      say(`${rig.name}: ${text()}`)
    },
  })
}

function rowOf({ name, subject }: Rig, report: RigReport, elapsedMs: number): string[] {
  const { tryCount, summary, isComplete, findingCount } = report
  const tried = `${tryCount.toLocaleString('en')}${isComplete ? ', all there are' : ''}`
  return [name, tried, subject, summary, (elapsedMs / 60_000).toFixed(1), String(findingCount)]
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
