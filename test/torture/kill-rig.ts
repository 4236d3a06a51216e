import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Durability } from '../../src/log/public.ts'
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.ts'
import { examine } from './examine.ts'
import type { Finding } from './finding.ts'
import { History } from './history.ts'
import { nothingHappened, type Outcome } from './outcome.ts'
import type { Workplace } from './trial.ts'
import { WriterProcess } from './writer-process.ts'
import { drawTask, type WriterTask } from './writer-task.ts'

/** A kill takes no page from the cache, so in every mode what was acknowledged is there. */
const promisedMs = 0
const livesMax = 6

/**
 * Writers on one directory, one after the other, each killed at some moment: while it recovers what the last one left,
 * or later. In between, mostly, the log is examined; else the next one meets an unclean stop.
 */
export async function killWriters(
  { durability, seed }: { readonly durability: Durability; readonly seed: number },
  { writerPath, directory, mutant }: Workplace,
): Promise<Outcome> {
  const random = seededRandom(seed)
  const history = new History(promisedMs)
  const findings: Finding[] = []
  const log = join(directory, 'log')
  const lives = 1 + random.int(livesMax)
  let life = 0
  for (; life < lives && findings.length === 0; life++) {
    const task = drawTask(random, { directory: log, seed, life, mutant, durability })
    history.begin(life)
    findings.push(...(await liveAndDie(writerPath, task, history, random)))
    if (life === lives - 1 || random.int(3) > 0)
      findings.push(...(await examine(log, seed, task.log, history)))
  }
  return { ...nothingHappened, findings, kills: life, acknowledged: history.acknowledgedCount }
}

async function liveAndDie(
  writerPath: string,
  task: WriterTask,
  history: History,
  random: SeededRandom,
): Promise<Finding[]> {
  const writer = WriterProcess.start(writerPath, task, (event) => history.take(event, performance.now()))
  const isEarly = random.int(4) === 0
  await writer.saw(isEarly ? 'opening' : 'opened')
  await sleep(random.int(isEarly ? 25 : random.pick([20, 150])))
  await writer.kill()
  history.end(performance.now())
  return writer.failure === undefined
    ? []
    : [{ kind: 'refused', detail: `the writer failed: ${writer.failure}` }]
}
