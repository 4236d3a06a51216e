import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Mutant } from './mutant-files.ts'
import { projectRoot } from './project-root.ts'

/** What a broker says of itself once it takes requests; the same of `tidemark serve --json` and of one with a bug. */
export interface ReadyLine {
  /** `host:port`. */
  readonly bootstrap: string
  readonly fenced: readonly { readonly partition: string; readonly reason: string }[]
}

/** How a broker of the rig is started. */
export interface BrokerTask {
  readonly directory: string
  readonly properties: Readonly<Record<string, string>>
  /** Where it listens. Default 0, any free port. */
  readonly port?: number
  /** The bug to be caught, and the compiled broker that has it. Default: the built `tidemark serve`. */
  readonly mutation?: { readonly mutant: Mutant; readonly path: string } | undefined
}

/** A broker in a process of its own, to be killed. */
export class BrokerProcess {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #errors = ''
  /** Why it ended by itself, once it has. */
  failure: string | undefined
  /** Resolves when it takes requests; undefined when it has ended before. */
  readonly ready: Promise<ReadyLine | undefined>

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.#errors += chunk))
    this.#ended = once(child, 'close').then(([code]) => {
      if (code !== null) this.failure = `the broker ended with code ${code}: ${this.#errors}`
    })
    const line = child.stdout === null ? undefined : once(createInterface(child.stdout), 'line')
    const said = line?.then(([text]) => JSON.parse(String(text)) as ReadyLine)
    this.ready = Promise.race([said, this.#ended.then(() => undefined)])
  }

  static start(task: BrokerTask): BrokerProcess {
    const command = commandOf(task)
    return new BrokerProcess(spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] }))
  }

  /** Its resident memory. Linux only. */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  }

  /** SIGKILL, unless it has ended. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}

function commandOf({ directory, properties, port = 0, mutation }: BrokerTask): string[] {
  if (mutation !== undefined)
    return [mutation.path, JSON.stringify({ directory, properties, mutant: mutation.mutant })]
  const serve = ['serve', directory, '--port', String(port), '--json']
  const settings = Object.entries(properties).flatMap(([name, value]) => ['--config', `${name}=${value}`])
  return [join(projectRoot, 'dist/lib/cli.js'), ...serve, ...settings]
}
