import { join } from 'node:path'
import { PoisonedError } from '../base/errors.ts'
import type { Files } from '../env/env.ts'
import { cleanShutdownSidecar } from './clean-shutdown.ts'

/**
 * The clean-shutdown file of a log that is open. What it says is true until the log is first changed: it stays until
 * then, and a process that dies before leaves a log that was closed cleanly. It is gone, durably, before anything that
 * it describes changes, for beside a changed log it might be believed.
 */
export class CleanShutdownMark {
  readonly #files: Files
  readonly #directory: string
  #stands = true
  #isInDoubt = false

  constructor(files: Files, directory: string) {
    this.#files = files
    this.#directory = directory
  }

  /** False once it was withdrawn. Before that it need not be there: a new log has none. */
  get stands(): boolean {
    return this.#stands
  }

  /** A sync failed, so it is not known whether a power cut would bring it back: the log must not be changed. */
  get isInDoubt(): boolean {
    return this.#isInDoubt
  }

  /** It is gone for good when this resolves. Throws the system's errors, and PoisonedError while it is in doubt. */
  async withdraw(): Promise<void> {
    if (!this.#stands) return
    this.#remove()
    try {
      await this.#files.syncDirectory(this.#directory)
    } catch (error) {
      this.#isInDoubt = true
      throw error
    }
    this.#stands = false
  }

  /** {@link withdraw} for places that cannot wait. */
  withdrawSync(): void {
    if (!this.#stands) return
    this.#remove()
    try {
      this.#files.syncDirectorySync(this.#directory)
    } catch (error) {
      this.#isInDoubt = true
      throw error
    }
    this.#stands = false
  }

  #remove(): void {
    if (this.#isInDoubt)
      throw new PoisonedError(
        'syncing to the disk failed before: close the log and open it again, which verifies what is there',
      )
    this.#files.removeSync(join(this.#directory, cleanShutdownSidecar))
  }
}
