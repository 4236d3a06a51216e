import { setTimeout as sleep } from 'node:timers/promises'
import type { Env } from '../../src/env/env.ts'
import { DiskFullError, type Log, type LogOptions, openLog } from '../../src/log/public.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { History } from './history.ts'
import { type Identity, recordFor, recordsPerAppendMax } from './records.ts'

/** How often a refused append is made again. */
const retryMs = 10
const lanes = 4

/** A log of this process that is appended to whether or not its disk has room, and the history of it. */
export class TryingLog {
  readonly #directory: string
  readonly #options: LogOptions & { readonly env: Env }
  readonly #seed: number
  readonly #life: number
  readonly #random: SeededRandom
  readonly #history: History
  #opened: Log | undefined
  #nextIndex = 0

  /** Appends what a writer of `seed` would in its `life`. */
  constructor(given: {
    readonly directory: string
    readonly options: LogOptions & { readonly env: Env }
    readonly seed: number
    readonly life: number
    readonly random: SeededRandom
    readonly history: History
  }) {
    this.#directory = given.directory
    this.#options = given.options
    this.#seed = given.seed
    this.#life = given.life
    this.#random = given.random
    this.#history = given.history
  }

  async open(): Promise<void> {
    this.#opened = await openLog(this.#directory, this.#options)
  }

  /** Nothing to do when it never opened. */
  async close(): Promise<void> {
    await this.#opened?.close()
  }

  get log(): Log {
    if (this.#opened === undefined) throw new TypeError('the log is not open yet')
    return this.#opened
  }

  /** Several appends at a time. True when all went through; those that did not are given up, and must not be there. */
  async append(): Promise<boolean> {
    const all = await Promise.all(Array.from({ length: lanes }, () => this.#appendOne()))
    return all.every((isDone) => isDone)
  }

  /** Appends until it goes through, for as long as `maxMs`; returns after how many milliseconds it did. */
  async appendWithin(maxMs: number): Promise<number | undefined> {
    const begunMs = performance.now()
    while (!(await this.append())) {
      if (performance.now() - begunMs > maxMs) return undefined
      await sleep(retryMs)
    }
    return performance.now() - begunMs
  }

  async #appendOne(): Promise<boolean> {
    const count = 1 + this.#random.int(recordsPerAppendMax)
    const firstIndex = this.#nextIndex
    this.#nextIndex += count
    const identify = (at: number): Identity => ({ life: this.#life, index: firstIndex + at })
    const records = Array.from({ length: count }, (_, at) => recordFor(this.#seed, identify(at)))
    try {
      const { baseOffset } = await this.log.append(records)
      this.#history.take({ kind: 'acknowledged', baseOffset, firstIndex, count }, performance.now())
      return true
    } catch (error) {
      if (!(error instanceof DiskFullError)) throw error
      this.#history.refuse(firstIndex, count)
      return false
    }
  }
}
