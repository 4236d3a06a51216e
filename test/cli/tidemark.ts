import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, expect } from 'vitest'
import { verifyDirectory } from '../../src/log/verify-directory.ts'

/** The command as it is shipped: `npm run build` makes it. */
export const mainPath = fileURLToPath(new URL('../../dist/lib/cli.js', import.meta.url))
if (!existsSync(mainPath)) throw new Error('run `npm run build` before the tests of the command line')

/** How a command ended, and what it said. */
export interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

const running = new Set<ChildProcess>()

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** A command that is running. Killed when the test is over, should it still be. */
export class RunningCommand {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #closed: Promise<unknown>
  #stdout = ''
  #stderr = ''
  /** How much of stdout was handed out as lines. */
  #taken = 0
  /** Called when more of stdout has come, or its end. */
  #wake: () => void = () => undefined

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, ...environment }
    const child = spawn(process.execPath, [mainPath, ...args], { env, stdio: 'pipe' })
    this.#child = child
    running.add(child)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#wake()
    })
    child.stdout.on('end', () => this.#wake())
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    // A command may end before it has read all of its input.
    child.stdin.on('error', () => undefined)
    this.#closed = once(child, 'close').finally(() => running.delete(child))
  }

  get stdin(): Writable {
    return this.#child.stdin
  }

  get stdout(): Readable {
    return this.#child.stdout
  }

  /** The next line that the command prints on stdout. */
  async nextLine(): Promise<string> {
    while (true) {
      const end = this.#stdout.indexOf('\n', this.#taken)
      if (end >= 0) return this.#take(end)
      if (this.stdout.readableEnded) throw new Error(`the command ended without a line: ${this.#stderr}`)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async finished(): Promise<Finished> {
    await this.#closed
    return { exitCode: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr }
  }

  #take(end: number): string {
    const line = this.#stdout.slice(this.#taken, end)
    this.#taken = end + 1
    return line
  }
}

/** Runs `tidemark` with `args` and `input` on stdin, to its end. */
export async function tidemark(
  args: readonly string[],
  input: string | Uint8Array = '',
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const command = new RunningCommand(args, environment)
  command.stdin.end(input)
  return await command.finished()
}

/** As {@link tidemark}, for a command that must succeed: returns what it printed. */
export async function succeed(args: readonly string[], input: string | Uint8Array = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await tidemark(args, input)
  expect(exitCode, `tidemark ${args.join(' ')}: ${stderr}`).toBe(0)
  return stdout
}

/** What NDJSON output says, line by line. */
export function parseLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** The records of a log as `read --json` prints them. */
export async function readJson(directory: string, ...args: string[]): Promise<Record<string, unknown>[]> {
  return parseLines(await succeed(['log', 'read', directory, '--json', ...args]))
}

/** The end of every test that wrote a log: nothing in it is damaged. */
export async function expectGood(directory: string): Promise<void> {
  const { files } = await verifyDirectory(directory)
  expect(files.filter(({ verdict }) => verdict === 'damaged')).toEqual([])
}
