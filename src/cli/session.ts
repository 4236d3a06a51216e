import { constants } from 'node:os'
import type { Env } from '../env/env.ts'
import { nodeEnv } from '../env/node-env.ts'
import { Stopped } from './failure.ts'
import { Output } from './output/output.ts'
import { type Painter, painter } from './output/painter.ts'
import { Progress } from './output/progress.ts'

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * What one run of a command has around it: the world, where its output goes, and the signal that tells it to stop.
 * A stop is asked for by SIGINT and its like, and comes too when the reader of stdout has gone (`| head -1`). The
 * second SIGINT does not wait for a clean end.
 */
export class Session {
  readonly env: Env = nodeEnv()
  readonly output: Output
  /** For stdout. */
  readonly paint: Painter = painter(process.stdout)
  /** The exit code of a command that ran to its end: not 0 for one that found damage, say. */
  exitCode = 0
  readonly #stop = new AbortController()
  readonly #onSignal: (name: NodeJS.Signals) => void

  constructor() {
    this.output = new Output(process.stdout, this.env.clock, () => {
      this.#stop.abort(new Stopped('the reader of the output has gone', 0))
    })
    process.stderr.on('error', () => undefined)
    this.#onSignal = (name) => {
      const exitCode = 128 + constants.signals[name]
      if (this.#stop.signal.aborted) process.exit(exitCode)
      this.#stop.abort(new Stopped(`stopped by ${name}`, exitCode))
    }
    for (const name of stopSignals) process.on(name, this.#onSignal)
  }

  /** Aborted when the command is to stop. Its reason passes for the command's failure, so let it be thrown. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  get stopReason(): unknown {
    return this.#stop.signal.aborted ? this.#stop.signal.reason : undefined
  }

  /** Shows how far long work has got, on a terminal only. Close it when the work is done. */
  progress(title: string): Progress {
    return new Progress(process.stderr, this.env.clock, title)
  }

  /** One line to the user, beside the output. */
  say(line: string): void {
    process.stderr.write(`${line}\n`)
  }

  /** What went wrong. */
  report(message: string): void {
    this.say(`tidemark: ${message}`)
  }

  /** Signals end the process again as they would without us. */
  close(): void {
    for (const name of stopSignals) process.off(name, this.#onSignal)
  }
}
