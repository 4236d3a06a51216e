import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { LoadAnswer, LoadRequest } from '../recovery/load-answer.ts'
import { javaSource, kafkaScript } from './run-kafka.ts'

/** Kafka's loader in a process of its own, which answers one directory after the other within milliseconds. */
export class KafkaLoader implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #waiting: ((answer: LoadAnswer) => void)[] = []
  readonly #ended: Promise<void>
  #complaints = ''

  constructor() {
    this.#process = spawn(kafkaScript, ['run', javaSource('LoadDirectories.java')])
    this.#process.stderr.on('data', (text: Buffer) => (this.#complaints += text.toString()))
    createInterface(this.#process.stdout).on('line', (line) => this.#waiting.shift()?.(JSON.parse(line)))
    this.#ended = new Promise((resolve) => this.#process.on('close', () => resolve()))
  }

  /** Has Kafka load a directory, which it changes as it recovers it. */
  async load(request: LoadRequest): Promise<LoadAnswer> {
    const answer = new Promise<LoadAnswer>((resolve) => this.#waiting.push(resolve))
    this.#process.stdin.write(`${JSON.stringify(request)}\n`)
    const ended = this.#ended.then((): never => {
      throw new Error(`Kafka's loader ended before it answered: ${this.#complaints.slice(-2000)}`)
    })
    return Promise.race([answer, ended])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end()
    await this.#ended
  }
}
