/** Records between two flushes, and how many of them are not settled. */
class Round {
  readonly settled: Promise<void>
  unsettledCount = 0
  #settle!: () => void
  isOver = false

  constructor() {
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** One of its records is settled. */
  settleOne(): void {
    this.unsettledCount--
    this.settleIfDone()
  }

  settleIfDone(): void {
    if (this.isOver && this.unsettledCount === 0) this.#settle()
  }
}

export type { Round }

/**
 * Tells when all records are settled that were sent before some moment, at the cost of a counter: records belong to rounds,
 * and a flush ends the current one and waits for all there are.
 */
export class FlushRounds {
  #current = new Round()
  #open: Round[] = []

  /** The round of the records that are sent now. Who joins it counts itself in. */
  get current(): Round {
    return this.#current
  }

  /** Whether somebody waits, so that nothing may linger. */
  get isFlushing(): boolean {
    return this.#open.length > 0
  }

  /** Resolves when all records that are in a round now are settled. */
  async flush(): Promise<void> {
    const ended = this.#current
    this.#current = new Round()
    this.#open.push(ended)
    ended.isOver = true
    ended.settleIfDone()
    await Promise.all(this.#open.map(({ settled }) => settled))
    this.#open = this.#open.filter((round) => round.unsettledCount > 0)
  }
}
