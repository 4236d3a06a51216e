import type { Clock } from '../env/env.ts'

/** Where the server's log lines go. `console` is one. */
export interface Logger {
  info(line: string): void
  warn(line: string): void
  error(line: string): void
}

/** The default: a library is silent. */
export const silentLogger: Logger = { info() {}, warn() {}, error() {} }

/** How often one kind of line may be written. */
const quietMs = 1000

/**
 * Writes at most one line per second of each kind, and with the next one how many were left out: whoever can make
 * the server write a line could otherwise fill its disk.
 */
export class LimitedLog {
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #kinds = new Map<string, { writtenMs: number; leftOutCount: number }>()

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  /** `kind` is one of a few fixed words: they are kept for ever. */
  warn(kind: string, line: string): void {
    const suffix = this.#suffix(kind)
    if (suffix !== undefined) this.#logger.warn(line + suffix)
  }

  error(kind: string, line: string): void {
    const suffix = this.#suffix(kind)
    if (suffix !== undefined) this.#logger.error(line + suffix)
  }

  /** What is to be added to the line; `undefined` when it is to be left out. */
  #suffix(kind: string): string | undefined {
    const nowMs = this.#clock.monotonicMs()
    const last = this.#kinds.get(kind)
    if (last !== undefined && nowMs - last.writtenMs < quietMs) {
      last.leftOutCount++
      return undefined
    }
    this.#kinds.set(kind, { writtenMs: nowMs, leftOutCount: 0 })
    return last === undefined || last.leftOutCount === 0 ? '' : ` (and ${last.leftOutCount} more like it)`
  }
}

/** What there is to say about something that was thrown and should not have been. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
