import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Batch } from '../../../src/batch/batch.ts'
import { iterateBatches } from '../../../src/batch/iterate-batches.ts'
import { verifyDirectory } from '../../../src/log/verify-directory.ts'

/** The command as it is shipped; `TIDEMARK_CLI` names another build of it. */
const mainPath =
  process.env['TIDEMARK_CLI'] ?? fileURLToPath(new URL('../../../dist/lib/cli.js', import.meta.url))
if (!existsSync(mainPath)) throw new Error('run `npm run build` before the tests with real clients')

/** Topics come into being when they are first named, and no group waits for members that might still come. */
const settings = ['num.partitions=2', 'group.initial.rebalance.delay.ms=0']

/** `tidemark serve` as a process of its own. */
export class BrokerProcess {
  readonly #directory: string
  #process: ChildProcessByStdio<null, Readable, Readable> | undefined
  #stderr = ''
  /** `host:port`, the same after a restart. */
  bootstrap = ''

  private constructor(directory: string) {
    this.#directory = directory
  }

  static async start(directory: string): Promise<BrokerProcess> {
    const broker = new BrokerProcess(directory)
    await broker.#start(0)
    return broker
  }

  /** `kill -9`, and up again at the same address. */
  async crash(): Promise<void> {
    await this.#kill()
    await this.#start(Number(this.bootstrap.split(':').at(-1)))
  }

  /** What is stored of a partition. */
  batches(topic: string, partition = 0): Batch[] {
    const directory = join(this.#directory, `${topic}-${partition}`)
    return readdirSync(directory)
      .filter((name) => name.endsWith('.log'))
      .sort()
      .flatMap((name) => [...iterateBatches(readFileSync(join(directory, name)))])
  }

  /** Kills it, and says which of its files are damaged: none, whatever happened to it. */
  async end(): Promise<string[]> {
    await this.#kill()
    const partitions = readdirSync(this.#directory).filter((name) => /-\d+$/.test(name))
    const damaged: string[] = []
    for (const partition of partitions) {
      const { files } = await verifyDirectory(join(this.#directory, partition))
      const found = files.filter(({ verdict }) => verdict === 'damaged')
      damaged.push(...found.map(({ file }) => `${partition}/${file}`))
    }
    return damaged
  }

  async #start(port: number): Promise<void> {
    const args = ['serve', this.#directory, '--port', String(port), '--json']
    const broker = spawn(
      process.execPath,
      [mainPath, ...args, ...settings.flatMap((setting) => ['-c', setting])],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    this.#process = broker
    broker.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    const lines = createInterface(broker.stdout)
    const ready = once(lines, 'line') as Promise<[string]>
    const ended = once(broker, 'exit').then(() => undefined)
    const first = await Promise.race([ready, ended])
    if (first === undefined) throw new Error(`the broker ended: ${this.#stderr}`)
    this.bootstrap = (JSON.parse(first[0]) as { bootstrap: string }).bootstrap
  }

  async #kill(): Promise<void> {
    const broker = this.#process
    if (broker === undefined || broker.exitCode !== null || broker.signalCode !== null) return
    const closed = once(broker, 'close')
    broker.kill('SIGKILL')
    await closed
  }
}
