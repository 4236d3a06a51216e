import type { Clock, Files } from '../env/env.ts'

/**
 * Files that were renamed to `.deleted` and wait for their removal, so that whoever still reads them can finish
 * (Kafka's `file.delete.delay.ms`). A crash leaves them to the next open, which removes them.
 */
export class DeletedFiles {
  readonly #files: Files
  readonly #clock: Clock
  readonly #delayMs: number
  /** Paths, each with the time of {@link Clock.monotonicMs} at which it goes: soonest first. */
  readonly #waiting = new Map<string, number>()
  #isRemoving = false
  readonly #closing = new AbortController()

  constructor(files: Files, clock: Clock, delayMs: number) {
    this.#files = files
    this.#clock = clock
    this.#delayMs = delayMs
  }

  /** Removes `paths` after the delay. */
  add(paths: readonly string[]): void {
    const dueMs = this.#clock.monotonicMs() + this.#delayMs
    for (const path of paths) this.#waiting.set(path, dueMs)
    if (this.#delayMs === 0) this.#remove(paths)
    else if (!this.#isRemoving) void this.#removeWhenDue()
  }

  /** Removes at once what still waits: nobody reads a closed log. */
  close(): void {
    this.#closing.abort()
    this.#remove([...this.#waiting.keys()])
  }

  /** One sleeper for all, however many segments retention deletes at once. */
  async #removeWhenDue(): Promise<void> {
    this.#isRemoving = true
    for (const [path, dueMs] of this.#waiting) {
      const leftMs = dueMs - this.#clock.monotonicMs()
      try {
        if (leftMs > 0) await this.#clock.sleep(leftMs, this.#closing.signal)
      } catch {
        return
      }
      this.#remove([path])
    }
    this.#isRemoving = false
  }

  #remove(paths: readonly string[]): void {
    for (const path of paths) {
      try {
        this.#files.removeSync(path)
        this.#waiting.delete(path)
      } catch {
        // The next open tries again.
      }
    }
  }
}
