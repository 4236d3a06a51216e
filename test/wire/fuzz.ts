import { parseArgs } from 'node:util'
import { type Expansion, isExcessive, requestExpansions } from './expansion.ts'
import { Fuzzer } from './fuzzer.ts'

/**
 * The long form, `npm run fuzz -- --frames N [--seed S]`: first what frames expand to, then frame after frame. Prints how
 * it goes, and ends with 1 at the first finding.
 */
const { values } = parseArgs({ options: { frames: { type: 'string' }, seed: { type: 'string' } } })
const frameCount = Number(values.frames ?? '100000000')
const seed = Number(values.seed ?? String(Math.floor(Math.random() * 2 ** 20)))
if (!Number.isSafeInteger(frameCount) || frameCount < 1 || !Number.isSafeInteger(seed))
  throw new RangeError('usage: npm run fuzz -- --frames N [--seed S]')

const progressFrames = 1_000_000
const surveyedBytes = 256 * 1024
// Most frames are refused, and nobody looks at where.
Error.stackTraceLimit = 0

const fuzzer = new Fuzzer(seed)
const startMs = performance.now()
say(`seed ${seed}, ${frameCount} frames`)
survey()
for (let index = 0; index < frameCount; index++) {
  const finding = fuzzer.next()
  if (finding !== undefined) {
    say(`${finding.label} ${finding.what}\n${finding.hex}`)
    process.exitCode = 1
    break
  }
  if (fuzzer.tally.frameCount % progressFrames === 0) report()
}
report()

/** Measures what the frames that expand most take in memory. */
function survey(): void {
  const expansions = [...requestExpansions(surveyedBytes)]
  const taken = expansions.filter(({ heldBytes }) => heldBytes !== undefined)
  const held = ({ heldBytes = 0 }: Expansion): number => heldBytes
  const worst = taken.reduce((most, each) => (held(each) > held(most) ? each : most))
  say(
    `${expansions.length} crowded frames of ${surveyedBytes} bytes, ${expansions.length - taken.length} of them refused`,
  )
  say(`of those taken, ${worst.label} keeps the most: ${held(worst)} bytes`)
  if (expansions.some(isExcessive)) process.exitCode = 1
}

function report(): void {
  const { frameCount: done, decodedCount, refusedCount, slowestMs } = fuzzer.tally
  const seconds = (performance.now() - startMs) / 1000
  say(
    `${done} frames in ${seconds.toFixed(0)} s: ${refusedCount} refused, ${decodedCount} decoded, slowest ${slowestMs.toFixed(1)} ms`,
  )
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
