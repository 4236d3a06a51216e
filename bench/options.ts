import { parseArgs } from 'node:util'
import { tmpdir } from 'node:os'
import type { OfferedLoad } from './suite.ts'

/** What the command line says. */
export interface BenchOptions {
  /** A tenth of the work in two rounds: to see that everything runs, not to quote. */
  readonly quick: boolean
  /** Names of the suites to run; empty for all. */
  readonly suites: readonly string[]
  /** Stores a quick run, too, where a full one is stored. */
  readonly save: boolean
  /** Where the results go; undefined for `bench/results`, a file a suite. */
  readonly json: string | undefined
  /** Below which directory everything is written. */
  readonly dir: string
  readonly roundCount: number
  /** For latencies: appends a second, 2,000 by default, and at a time, 256. */
  readonly load: OfferedLoad
}

/** Rounds of a full run. */
const fullRounds = 5
const quickRounds = 2

/**
 * Reads `--quick`, `--suite NAME` (several times), `--rounds N`, `--rate N`, `--concurrency N`, `--save`,
 * `--json FILE` and `--dir DIRECTORY`.
 *
 * @throws TypeError for anything else
 */
export function parseOptions(given: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...given],
    options: {
      quick: { type: 'boolean', default: false },
      suite: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      rate: { type: 'string', default: '2000' },
      concurrency: { type: 'string', default: '256' },
      save: { type: 'boolean', default: false },
      json: { type: 'string' },
      dir: { type: 'string', default: tmpdir() },
    },
  })
  const { quick, suite, save, json, dir } = values
  const roundCount = count('rounds', values.rounds ?? String(quick ? quickRounds : fullRounds))
  const load = { rate: count('rate', values.rate), concurrency: count('concurrency', values.concurrency) }
  return { quick, suites: suite, save, json, dir, roundCount, load }
}

function count(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new TypeError(`--${name} takes a number of at least 1, got ${text}`)
}
