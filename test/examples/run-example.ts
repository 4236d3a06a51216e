import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
if (!existsSync(new URL('dist/lib/tidemark.js', root)))
  throw new Error(
    'run `npm run build` before the tests of the examples: they import the package as it is shipped',
  )

/** The file of an example, such as `quick-start.mjs`. */
export function exampleFile(name: string): string {
  return fileURLToPath(new URL(`docs/examples/${name}`, root))
}

/** A program that runs, its lines as they come, and what it says on stderr. */
export interface RunningExample {
  readonly child: ChildProcess
  readonly lines: readonly string[]
  readonly troubles: () => string
  /** Resolves to the exit code, or the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals>
}

interface StartOptions {
  /** Hears of each line. */
  readonly onLine?: (line: string) => void
  /** Of Node itself. */
  readonly nodeArgs?: readonly string[]
}

/** Starts an example in a process of its own. */
export function startExample(
  name: string,
  args: readonly string[],
  { onLine = () => {}, nodeArgs = [] }: StartOptions = {},
): RunningExample {
  const command = [...nodeArgs, exampleFile(name), ...args]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: string[] = []
  let [rest, troubles] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const complete = (rest + text).split('\n')
    rest = complete.pop() ?? ''
    lines.push(...complete)
    complete.forEach(onLine)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (troubles += text))
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  return { child, lines, troubles: () => troubles, ended }
}

/** Runs an example to its end, and returns its lines. @throws Error with what it said when it fails */
export async function runExample(
  name: string,
  args: readonly string[],
  nodeArgs: readonly string[] = [],
): Promise<readonly string[]> {
  const { lines, troubles, ended } = startExample(name, args, { nodeArgs })
  const end = await ended
  if (end !== 0) throw new Error(`${name} ended with ${end}: ${troubles()}`)
  return lines
}
