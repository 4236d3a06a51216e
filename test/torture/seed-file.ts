import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './project-root.ts'
import { formatTrial, parseTrial, type Trial } from './trial.ts'

const path = join(projectRoot, 'data/seeds/torture.txt')

/** The trials that ever failed, one a line; `#` begins a comment. */
export function readSeeds(): Trial[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map(parseTrial)
}

/** From now on the trial is made again whenever the tests run. */
export function keepSeed(trial: Trial): void {
  appendFileSync(path, `${formatTrial(trial)}\n`)
}
