import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { MemorySample, SoakJob } from './soak.ts'

/** Which client, and for ours whether the broker is in its process. */
export type ClientKind = 'embedded' | 'tidemark' | 'kafkajs' | 'platformatic'

/** What a client is to do. */
export type Job =
  | { readonly doing: 'produce'; readonly topic: string; readonly recordCount: number }
  | {
      /** Counts from the first record on. */
      readonly doing: 'consume'
      readonly topic: string
      readonly recordCount: number
      readonly way: string
    }
  | SoakJob

/** What a job cost the process that did it. */
export interface JobCost {
  readonly seconds: number
  /** User and system, of all its threads. */
  readonly cpuSeconds: number
  /** Of the event loop. */
  readonly delayP99Ms: number
  /** Nothing but for a soak. */
  readonly memory: readonly MemorySample[]
}

/** What the process answers. */
export type Answer = { readonly cost: JobCost } | { readonly failure: string }

const workerPath = fileURLToPath(new URL('worker.js', import.meta.url))

/** A client under load in a process of its own, which ends with this one at the latest. */
export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #kill: () => void

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#kill = () => child.kill('SIGKILL')
    process.once('exit', this.#kill)
  }

  /** @param place the address of a broker, or for `embedded` a directory */
  static async start(kind: ClientKind, place: string): Promise<WorkerProcess> {
    const worker = new WorkerProcess(fork(workerPath, [kind, place]))
    await worker.#message()
    return worker
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** @throws Error when the client failed, or its process ended */
  async run(job: Job): Promise<JobCost> {
    this.#child.send(job)
    const answer = (await this.#message()) as Answer
    if ('failure' in answer) throw new Error(`${job.doing} failed: ${answer.failure}`)
    return answer.cost
  }

  /** Ends the process, whatever it is doing. */
  async end(): Promise<void> {
    process.off('exit', this.#kill)
    const ended = once(this.#child, 'exit')
    this.#kill()
    await ended
  }

  async #message(): Promise<unknown> {
    const stop = new AbortController()
    const ended = once(this.#child, 'exit', { signal: stop.signal }).then(([code]) => {
      throw new Error(`the client's process ended with exit code ${String(code)}`)
    })
    try {
      const [message] = (await Promise.race([
        once(this.#child, 'message', { signal: stop.signal }),
        ended,
      ])) as [unknown]
      return message
    } finally {
      ended.catch(() => undefined)
      stop.abort()
    }
  }
}
