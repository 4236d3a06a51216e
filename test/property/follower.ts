import assert from 'node:assert/strict'
import { nodeClock } from '../../src/env/node-clock.ts'
import { turn } from '../../src/env/turn.ts'
import type { Log } from '../../src/log/log.ts'
import type { ModelLog, ModelRecord } from './model-log.ts'
import { modelOf } from './submit-batch.ts'

/** Reads a log from its start and goes on reading as it grows. */
export class Follower {
  /** Resolves when the log closes, or the follower is stopped; rejects when reading fails. */
  readonly ended: Promise<void>
  readonly #stop = new AbortController()
  /** Read, and not yet checked. */
  readonly #read: (ModelRecord & { readonly offset: number })[] = []
  #checkedEnd: number

  constructor(log: Log, maxBytes: number) {
    this.#checkedEnd = log.startOffset
    this.ended = this.#follow(log, maxBytes)
    this.ended.catch(() => undefined)
  }

  async #follow(log: Log, maxBytes: number): Promise<void> {
    const { signal } = this.#stop
    try {
      for await (const record of log.read({ follow: true, maxBytes, signal }))
        this.#read.push(modelOf(record))
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Waits until the follower has seen all that `model` holds, which must be what it has read. */
  async check(model: ModelLog): Promise<void> {
    const due = model.records(this.#checkedEnd)
    // What was trimmed since may have been read before, or not.
    while (!this.#hasReached(due.at(-1)?.offset)) await Promise.race([turn(nodeClock()), this.#failure()])
    const read = this.#read.splice(0).filter(({ offset }) => offset >= model.startOffset)
    assert.deepEqual(read, due)
    this.#checkedEnd = model.endOffset
  }

  #hasReached(lastOffset: number | undefined): boolean {
    return lastOffset === undefined || this.#read.some(({ offset }) => offset >= lastOffset)
  }

  /** Never resolves while the follower follows. */
  #failure(): Promise<never> {
    return this.ended.then(() => {
      throw new Error('the follower has ended')
    })
  }
}
