import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

/**
 * What a child does: at each line on its input it tries for the lock and answers with a line, `held` or the
 * message of the error. It ends with its input.
 */
const program = `
  import { createInterface } from 'node:readline'
  const { files } = (await import(process.argv[1])).nodeEnv()
  console.log('ready')
  for await (const path of createInterface({ input: process.stdin })) {
    try {
      files.lockSync(path)
      console.log('held')
    } catch (error) {
      console.log(error.name + ': ' + error.message)
    }
  }
`

/** A child process that takes locks when told to. */
export class LockHolder {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#lines = linesOf(child)
  }

  /** Starts one on the compiled module at `moduleUrl` and waits until it listens. */
  static async start(moduleUrl: string): Promise<LockHolder> {
    const args = ['--input-type=module', '--eval', program, moduleUrl]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const holder = new LockHolder(child)
    await holder.#answer()
    return holder
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Tells it to take the lock; returns `held`, or the error's name and message. */
  async take(path: string): Promise<string> {
    this.#child.stdin?.write(`${path}\n`)
    return this.#answer()
  }

  async kill(): Promise<void> {
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }

  async #answer(): Promise<string> {
    const { value } = await this.#lines.next()
    return String(value)
  }
}

async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    const lines = `${text}${chunk}`.split('\n')
    text = lines.pop() ?? ''
    yield* lines
  }
}
