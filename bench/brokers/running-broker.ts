import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { projectRoot } from '../project-root.ts'
import { startKafka } from './kafka-tools.ts'

/** A broker in a process of its own. */
export interface RunningBroker extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  /** `host:port` for clients. */
  readonly address: string
}

const commandLine = join(projectRoot, 'dist', 'lib', 'cli.js')

/**
 * Ours, but for the certificates that this computer adds to those of Node.js: it would read them at every start, 30 ms
 * for the usual bundle, before it looks at the program.
 */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env

/** `tidemark serve` as it was built last, on any free port. Resolves when it says that it is ready. */
export async function serveTidemark(
  name: string,
  directory: string,
  settings: readonly string[] = [],
): Promise<RunningBroker> {
  const set = settings.flatMap((setting) => ['-c', setting])
  const child = spawn(process.execPath, [commandLine, 'serve', directory, '--port', '0', '--json', ...set], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: environment,
  })
  const ended = once(child, 'exit')
  const lines = createInterface(child.stdout)
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [unknown]
  if (typeof line !== 'string') throw new Error(`tidemark serve ended with exit code ${String(line)}`)
  const { bootstrap } = JSON.parse(line) as { bootstrap: string }
  return {
    name,
    pid: child.pid as number,
    address: bootstrap,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Apache Kafka with the settings of its own scripts. */
export async function serveKafka(name: string, directory: string): Promise<RunningBroker> {
  const { pid, address } = await startKafka(directory)
  return {
    name,
    pid,
    address,
    async [Symbol.asyncDispose]() {
      // Not a child of this process: that it is gone shows only in that it takes no signal any more.
      for (let signal: NodeJS.Signals | 0 = 'SIGTERM'; sent(pid, signal); signal = 0) await delay(50)
    },
  }
}

function sent(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
