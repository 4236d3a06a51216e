import type { Env } from '../../src/env/env.ts'
import type { CrashChooser } from '../../src/testing/crash-chooser.ts'
import { type FaultyFiles, faultyFiles } from '../../src/testing/faulty-files.ts'
import type { MemoryEnv } from '../../src/testing/memory-env.ts'

/** How a world ends: its process is killed, or its power cut, which leaves what the chooser says. */
export type WorldEnd = 'kill' | CrashChooser

/**
 * A world in memory that ends at a chosen call of its file system, before the call is made: so that every state in
 * which a crash can leave a disk is reached, also those in the middle of synchronous code.
 */
export class FusedWorld {
  #memory: MemoryEnv
  #next: MemoryEnv | undefined
  #files: FaultyFiles
  #env: Env

  constructor(memory: MemoryEnv) {
    this.#memory = memory
    this.#files = faultyFiles(memory.files)
    this.#env = { files: this.#files, clock: memory.clock, random: memory.random }
  }

  /** What a log of this world is opened with. Another one after each {@link restart}. */
  get env(): Env {
    return this.#env
  }

  /** The disk beneath, which outlives no {@link restart}. */
  get memory(): MemoryEnv {
    return this.#memory
  }

  /** Calls of the file system so far in this life. */
  get callCount(): number {
    return this.#files.count()
  }

  /** Whether the world has ended. */
  get isOver(): boolean {
    return this.#next !== undefined
  }

  /** The world ends when `calls` more calls have been made. */
  arm(calls: number, end: WorldEnd): void {
    const last = this.callCount + calls
    this.#files.use((_call, _nth, nthOfAll) => {
      if (nthOfAll > last) this.end(end)
      return undefined
    })
  }

  /** The world ends now, unless it has already. */
  end(end: WorldEnd): void {
    this.#next ??= end === 'kill' ? this.#memory.kill() : this.#memory.crash(end)
  }

  /** Boots what the end has left. */
  restart(): void {
    if (this.#next === undefined) throw new TypeError('restart() comes after the end')
    this.#memory = this.#next
    this.#next = undefined
    this.#files = faultyFiles(this.#memory.files)
    this.#env = { files: this.#files, clock: this.#memory.clock, random: this.#memory.random }
  }
}
