import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { keepSeed } from './seed-file.ts'
import { Tally } from './tally.ts'
import { bite, isControlLosing, teeth, trialOf } from './teeth.ts'
import { formatTrial, parseTrial } from './trial.ts'
import { missingFor, Workbench } from './workbench.ts'

/**
 * The long form: `npm run crash -- --minutes N [--seed S] [--only kills|cuts|full]`. First every mutant must be caught;
 * then trial follows trial until the time is up. Ends with 1 if anything was found, and keeps the seed of it.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
})
const minutes = Number(values.minutes ?? '10')
const firstSeed = Number(values.seed ?? String(Math.floor(Math.random() * 2 ** 20)))
if (!(minutes > 0) || !Number.isSafeInteger(firstSeed) || firstSeed < 0)
  throw new RangeError('usage: npm run crash -- --minutes N [--seed S] [--only kills|cuts|full]')

/** What is tried in turn; the promise that costs most is tried most. */
const rounds = [
  ...['kills sync', 'cuts ext4 sync', 'cuts xfs sync', 'kills interval', 'cuts ext4 sync', 'cuts xfs sync'],
  ...[
    'kills os',
    'cuts ext4 interval',
    'cuts ext4 sync',
    'cuts xfs interval',
    'cuts xfs sync',
    'cuts ext4 os',
  ],
  ...['full', 'cuts xfs os'],
]
const isAsked = (trials: string) => values.only === undefined || trials.startsWith(values.only)

using bench = new Workbench(fileURLToPath(new URL('writer.js', import.meta.url)))
const possible = rounds.filter(isAsked).filter((name) => isPossible(name))
const tally = new Tally()
let escapedCount = 0
let isStopped = false
process.once('SIGINT', () => {
  isStopped = true
})

say(`seed ${firstSeed}, ${minutes} minutes`)
await catchMutants()
await makeTrials()
summarize()

async function catchMutants(): Promise<void> {
  for (const tooth of teeth) {
    if (!isAsked(tooth.trials) || missingFor(trialOf(tooth, 1)) !== undefined || isStopped) continue
    const survived = await bite(tooth, bench)
    if (survived === undefined) escapedCount++
    say(
      `mutant ${tooth.mutant}, ${tooth.trials}: ${survived === undefined ? 'ESCAPED' : `caught in trial ${survived + 1}`}`,
    )
  }
}

async function makeTrials(): Promise<void> {
  const endMs = performance.now() + minutes * 60_000
  let saidMs = 0
  for (let count = 0; performance.now() < endMs && !isStopped && possible.length > 0; count++) {
    const trial = parseTrial(`${possible[count % possible.length]} ${firstSeed + count}`)
    const outcome = await bench.run(trial)
    tally.add(trial, outcome)
    for (const { kind, detail } of outcome.findings.slice(0, 5))
      say(`${formatTrial(trial)}: ${kind}: ${detail}`)
    if (outcome.findings.length > 0) keepSeed(trial)
    if (performance.now() - saidMs < 60_000) continue
    saidMs = performance.now()
    say(`${count + 1} trials, ${tally.findingCount} findings`)
  }
}

function summarize(): void {
  say(tally.format())
  const controls = tally.matching(/^cuts \w+ os$/)
  const exposed = controls.filter((outcome) => outcome.exposed)
  if (controls.length > 0)
    say(
      `control: ${exposed.filter(({ shed }) => shed > 0).length} of ${exposed.length} trials under 'os' lost records`,
    )
  const isBlunt = exposed.length >= 10 && !isControlLosing(controls)
  if (isBlunt) say("the cuts under 'os' lose too little: this rig proves nothing")
  if (tally.findingCount > 0 || escapedCount > 0 || isBlunt) process.exitCode = 1
}

function isPossible(name: string): boolean {
  const missing = missingFor(parseTrial(`${name} 0`))
  if (missing !== undefined) say(`left out: ${name}: ${missing}`)
  return missing === undefined
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
