import { describeMachine, describeVersions } from './machine.ts'
import { type BenchOptions, parseOptions } from './options.ts'
import { loadPeers, missingPeersNotice, peerPackages } from './peers.ts'
import { judge, type SuiteResult, storeResult, writeResults } from './result.ts'
import { type Contestant, runRounds } from './rounds.ts'
import type { Suite, SuiteContext } from './suite.ts'
import { renderConditions, renderResult } from './table.ts'
import { Workspace } from './workspace.ts'

/** The share of the work that a quick run does. */
const quickScale = 0.1

/** The command line of a set of suites: runs those that were asked for, prints their tables and stores their results. */
export async function runSuites(suites: readonly Suite[], given: readonly string[]): Promise<void> {
  const options = parseOptions(given)
  const chosen = choose(suites, options.suites)
  using workspace = new Workspace(options.dir)
  const peers = loadPeers()
  const notice = missingPeersNotice(peers)
  if (notice !== undefined) console.error(`${notice}\n`)
  const context = { workspace, peers, scale: options.quick ? quickScale : 1, load: options.load }
  const results: SuiteResult[] = []
  for (const suite of chosen) {
    const result = await runSuite(suite, context, options)
    results.push(result)
    console.log(`## ${suite.name}\n\n${suite.about}\n\n${renderResult(result)}\n`)
  }
  if (results[0] !== undefined) console.log(renderConditions(results[0]))
  store(results, options)
}

function choose(suites: readonly Suite[], names: readonly string[]): readonly Suite[] {
  const known = suites.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`there is no suite ${unknown}: there are ${known.join(', ')}`)
  return names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name))
}

async function runSuite(suite: Suite, context: SuiteContext, options: BenchOptions): Promise<SuiteResult> {
  const conditions = {
    date: new Date().toISOString(),
    machine: describeMachine(context.workspace.directory),
    versions: describeVersions([
      ...peerPackages,
      'crc-32',
      'hysnappy',
      'benchmark',
      ...(suite.packages ?? []),
    ]),
    quick: options.quick,
  }
  const prepared = await suite.prepare(context)
  const roundCount = prepared.isLong ? 1 : options.roundCount
  const showRound = ({ name }: Contestant, round: number): void =>
    showProgress(`${suite.name}: round ${round} of ${roundCount}, ${name}`)
  const firstRound = prepared.isLong ? 1 : 0
  const figures = await runRounds(prepared.contestants, roundCount, showRound, firstRound)
  await prepared.end?.()
  showProgress('')
  return { ...conditions, ...judge(suite, prepared, figures) }
}

/** One line of a terminal that is written over; nothing elsewhere. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

/** Quick runs are stored only where they were asked to be. */
function store(results: readonly SuiteResult[], { json, quick, save }: BenchOptions): void {
  if (json !== undefined) writeResults(json, results)
  else if (save || !quick) for (const result of results) console.error(`stored in ${storeResult(result)}`)
}
