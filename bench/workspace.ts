import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** A directory on a real disk that everything is written to, and that is gone afterwards. */
export class Workspace implements Disposable {
  readonly directory: string
  #count = 0
  readonly #onExit = () => this[Symbol.dispose]()

  /** @param base where to make it; by default the system's directory for temporary files */
  constructor(base: string = tmpdir()) {
    mkdirSync(base, { recursive: true })
    this.directory = mkdtempSync(join(resolve(base), 'tidemark-bench-'))
    process.once('exit', this.#onExit)
    process.once('SIGINT', interrupted)
  }

  /** A new empty directory. */
  fresh(): string {
    const directory = join(this.directory, String(this.#count++))
    mkdirSync(directory)
    return directory
  }

  /** Runs `work` on a new empty directory, and removes it before its pages reach the disk where that can be. */
  async within<T>(work: (directory: string) => Promise<T> | T): Promise<T> {
    const directory = this.fresh()
    try {
      return await work(directory)
    } finally {
      this.remove(directory)
    }
  }

  remove(directory: string): void {
    rmSync(directory, { recursive: true, force: true })
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#onExit)
    process.off('SIGINT', interrupted)
    this.remove(this.directory)
  }
}

/** Exiting runs the clearing up, which a signal by itself does not. */
function interrupted(): void {
  process.exit(130)
}
