import type { Files, Watch } from '../env/env.ts'
import type { PartitionLog } from './partition-log.ts'

/**
 * Lets a log that was opened read-only see what another process appends: watches the directory, and takes up the
 * whole batches that stand behind what is known. A batch that is half written is taken up when it is whole. What
 * the writer has written but not yet synced is seen too.
 */
export class ReadOnlyFollower {
  readonly #log: PartitionLog
  readonly #files: Files
  #watch: Watch | undefined
  #running = false
  #again = false

  constructor(log: PartitionLog, files: Files) {
    this.#log = log
    this.#files = files
  }

  /** Begins to watch; once is enough. */
  start(): void {
    if (this.#watch !== undefined) return
    this.#watch = this.#files.watch(this.#log.directory, () => void this.#refresh())
    void this.#refresh()
  }

  close(): void {
    this.#watch?.close()
  }

  async #refresh(): Promise<void> {
    this.#again = true
    if (this.#running) return
    this.#running = true
    try {
      while (this.#again && this.#log.isOpen) {
        this.#again = false
        await this.#log.extend()
      }
    } catch {
      // The file is changing under us; the next change of it tries again.
    } finally {
      this.#running = false
    }
  }
}
