import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { kafkaScript } from '../kafka/run-kafka.ts'

/** Whose client a member is. */
export type MemberKind = 'ours' | 'java'

/** What a member tells. It has told before anybody else can know of it. */
export type MemberEvent = {
  readonly member: string
  /** On the clock that all processes have in common. */
  readonly atMs: number
} & (
  | { readonly kind: 'assigned'; readonly generation: number; readonly partitions: readonly number[] }
  | { readonly kind: 'revoked' | 'lost'; readonly partitions: readonly number[] }
  /** A record was handled. */
  | { readonly kind: 'read'; readonly partition: number; readonly offset: number }
  | { readonly kind: 'left' }
  | { readonly kind: 'failed'; readonly reason: string }
)

/** How a member joins. */
export interface MemberTask {
  readonly bootstrap: string
  readonly groupId: string
  readonly topic: string
  readonly assignor: string
  readonly sessionTimeoutMs: number
}

const commands: Readonly<Record<MemberKind, () => readonly [string, ...string[]]>> = {
  ours: () => [process.execPath, pathOf('group-members.mjs'), libraryUrl],
  java: () => [kafkaScript, 'run', pathOf('GroupMembers.java')],
}

/** What is shipped, for a killed member is a process of its own. */
const libraryUrl = new URL('../../../dist/lib/tidemark.js', import.meta.url).href

/** A process with any number of members in it, of the same kind. */
export class MemberHost {
  readonly kind: MemberKind
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #closed: Promise<unknown>

  constructor(kind: MemberKind, onEvent: (event: MemberEvent) => void) {
    this.kind = kind
    const [program, ...args] = commands[kind]()
    // A process group of its own, so that what a script starts dies with it.
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
    this.#process.stdin.on('error', () => {})
    this.#closed = once(this.#process, 'close').then(([code]) => {
      if (code !== null)
        onEvent({ member: kind, atMs: 0, kind: 'failed', reason: `its process ended with code ${code}` })
    })
    createInterface(this.#process.stdout).on('line', (line) => onEvent(parse(line)))
  }

  join(member: string, task: MemberTask): void {
    const { bootstrap, groupId, topic, assignor, sessionTimeoutMs } = task
    const words = ['join', member, bootstrap, groupId, topic, assignor, sessionTimeoutMs]
    this.#process.stdin.write(`${words.join(' ')}\n`)
  }

  /** In order: what it has handled is committed. */
  leave(member: string): void {
    this.#process.stdin.write(`leave ${member}\n`)
  }

  /** `kill -9`. Resolves when everything that it said was heard. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
    await this.#closed
  }
}

function parse(line: string): MemberEvent {
  const [member = '', at, kind, ...rest] = line.trim().split(/ +/)
  const told = { member, atMs: Number(at) }
  const [first = -1, ...others] = rest.map(Number)
  if (kind === 'read') return { ...told, kind, partition: first, offset: others[0] ?? -1 }
  if (kind === 'assigned') return { ...told, kind, generation: first, partitions: others }
  if (kind === 'revoked' || kind === 'lost') return { ...told, kind, partitions: rest.map(Number) }
  if (kind === 'left') return { ...told, kind }
  return { ...told, kind: 'failed', reason: rest.join(' ') || line }
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}
