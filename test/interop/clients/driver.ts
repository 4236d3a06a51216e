import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Calls } from './calls.ts'

/** How long a client may take for one call before it counts as hanging. */
const answerMsMax = 150_000

/** The client has no way to do what the scenario asks. */
export class NotOffered extends Error {}

/** The client reported an error. */
export class ClientError extends Error {
  /** Kafka's name of it, if the client tells. */
  readonly kafka: string | undefined

  constructor(text: string, kafka?: string) {
    super(kafka === undefined ? text : `${kafka}: ${text}`)
    this.kafka = kafka
  }
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly kafka?: string | null; readonly text: string }
  readonly notOffered?: string
}

interface Waiting {
  readonly done: (result: unknown) => void
  readonly failed: (error: Error) => void
}

/** A process with one client in it, which is told what to do call by call. */
export class Driver implements AsyncDisposable {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #closed: Promise<unknown>
  readonly #waiting = new Map<number, Waiting>()
  #callsCount = 0
  #stderrEnd = ''

  constructor(command: readonly string[]) {
    const [program = '', ...args] = command
    // A process group of its own, so that what it starts dies with it.
    this.#process = spawn(program, args, { stdio: 'pipe', detached: true })
    this.#closed = once(this.#process, 'close').catch(() => undefined)
    this.#process.on('error', (error) => this.#fail(error))
    this.#process.stdin.on('error', () => undefined)
    this.#process.on('close', () => this.#fail(new Error(`the driver ended: ${this.#stderrEnd}`)))
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrEnd = (this.#stderrEnd + text).slice(-2000)
    })
    createInterface(this.#process.stdout).on('line', (line) => this.#receive(line))
  }

  /**
   * @throws NotOffered when the client cannot do this
   * @throws ClientError when it tried and reports an error
   */
  async call<Name extends keyof Calls>(
    name: Name,
    given: Calls[Name]['arguments'],
  ): Promise<Calls[Name]['result']> {
    const id = ++this.#callsCount
    const answered = new Promise<Calls[Name]['result']>((done, failed) => {
      this.#waiting.set(id, { done, failed })
    })
    const timer = setTimeout(() => {
      const reason = `no answer to '${name}' within ${answerMsMax} ms. ${this.#stderrEnd}`
      this.#settle(id)?.failed(new Error(reason))
    }, answerMsMax)
    this.#process.stdin.write(`${JSON.stringify({ ...given, id, call: name })}\n`)
    return await answered.finally(() => clearTimeout(timer))
  }

  /** `kill -9`, for it and what it started. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
    if (pid !== undefined) await this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  #receive(line: string): void {
    const { id, result, error, notOffered } = JSON.parse(line) as Answer
    const waiting = this.#settle(id)
    if (notOffered !== undefined) waiting?.failed(new NotOffered(notOffered))
    else if (error !== undefined) waiting?.failed(new ClientError(error.text, error.kafka ?? undefined))
    else waiting?.done(result)
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #fail(error: Error): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.failed(error)
  }
}
