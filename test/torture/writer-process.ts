import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { EventLines, type WriterEvent } from './writer-event.ts'
import type { WriterTask } from './writer-task.ts'

/** A writer that is given this long to open its log and says nothing has hung. */
const silenceMaxMs = 30_000

/** A running writer, seen from the process that will end it. */
export class WriterProcess {
  readonly #child: ChildProcessWithoutNullStreams
  /** Why it gave up by itself, once it has. */
  failure: string | undefined
  /** Resolves when it has ended and everything it said was heard. */
  readonly ended: Promise<void>
  #awaited = new Map<WriterEvent['kind'], () => void>()

  private constructor(child: ChildProcessWithoutNullStreams, onEvent: (event: WriterEvent) => void) {
    this.#child = child
    const lines = new EventLines()
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      for (const event of lines.take(chunk)) {
        if (event.kind === 'failed') this.failure = event.reason
        onEvent(event)
        this.#awaited.get(event.kind)?.()
      }
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
    // From the start, for a writer whose disk fails ends by itself at any time.
    this.ended = once(child, 'close').then(([code]) => {
      if (code !== null) this.failure ??= errors || `it ended by itself, with code ${code}`
    })
  }

  /** Starts the compiled writer at `writerPath`. `onEvent` hears of each event as soon as it was read. */
  static start(writerPath: string, task: WriterTask, onEvent: (event: WriterEvent) => void): WriterProcess {
    return new WriterProcess(spawn(process.execPath, [writerPath, JSON.stringify(task)]), onEvent)
  }

  /** Resolves at the first event of `kind`, or at the end. */
  async saw(kind: WriterEvent['kind']): Promise<void> {
    const seen = new Promise<void>((resolve) => this.#awaited.set(kind, resolve))
    const silence = setTimeout(() => this.#child.kill('SIGKILL'), silenceMaxMs)
    await Promise.race([seen, this.ended])
    clearTimeout(silence)
  }

  /** SIGKILL, unless it has ended. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}
