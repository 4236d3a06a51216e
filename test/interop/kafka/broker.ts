import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { javaSource, kafkaScript, runKafka } from './run-kafka.ts'

/** What a consumer is shown of transactions: all of it, or what was committed. */
export type IsolationLevel = 'read_uncommitted' | 'read_committed'

/** How long Kafka's console consumer waits for a record that does not come. */
const consumeTimeoutMs = 60_000

/** A one-node Apache Kafka on loopback. Killed when it goes out of scope, if it was not stopped before. */
export class Broker implements AsyncDisposable {
  readonly #directory: string
  readonly #pid: number
  /** `host:port` for clients. */
  readonly address: string

  private constructor(directory: string, pid: number, address: string) {
    this.#directory = directory
    this.#pid = pid
    this.address = address
  }

  /**
   * Starts a broker that keeps everything below `directory`; where one was before, with what that left. The
   * settings are lines of `server.properties`.
   */
  static async start(directory: string, ...settings: readonly string[]): Promise<Broker> {
    const { stdout } = await promisify(execFile)(kafkaScript, ['up', directory, ...settings])
    const [pid, address = ''] = stdout.trim().split(' ')
    return new Broker(directory, Number(pid), address)
  }

  /** Its log directory, with a directory per partition. */
  get dataDirectory(): string {
    return join(this.#directory, 'data')
  }

  /** Has the program `FeedTopics.java` take these of its steps. */
  async feed(...steps: readonly string[]): Promise<void> {
    await runKafka(javaSource('FeedTopics.java'), this.address, ...steps)
  }

  /** What Kafka's console consumer prints of the first `count` records of a topic, one line per record. */
  async consume(topic: string, isolation: IsolationLevel, count: number): Promise<string> {
    const shown = ['timestamp', 'offset', 'headers', 'key'].map((part) => `print.${part}=true`)
    const { stdout } = await runKafka(
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...[
        '--bootstrap-server',
        this.address,
        '--topic',
        topic,
        '--from-beginning',
        '--max-messages',
        String(count),
      ],
      ...['--isolation-level', isolation, '--timeout-ms', String(consumeTimeoutMs)],
      ...[...shown, 'null.literal=<null>'].flatMap((property) => ['--formatter-property', property]),
    )
    return stdout
  }

  /** Writes what a consumer reads of each whole topic, in the same words, to `<topic>.<isolation level>.txt`. */
  async consumeAll(output: string, ...wanted: readonly `${string}.${IsolationLevel}`[]): Promise<void> {
    await runKafka(javaSource('ConsumeTopics.java'), this.address, output, ...wanted)
  }

  /** Stops as an operator would, and waits until it is gone. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!this.#signal(signal)) return
    while (this.#signal(0)) await delay(50)
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(this.#pid, signal)
    } catch {
      return false
    }
  }
}
