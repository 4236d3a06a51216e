import type { Clock } from '../../env/env.ts'

/** A request that goes out with the next turn of the event loop. */
interface Gathering<Answer> {
  readonly names: Set<string>
  readonly answer: Promise<Answer>
}

/**
 * Joins what is asked about single things: those of one turn of the event loop go into one request, and who asks about
 * something that is being asked about waits for the same answer. Whoever gives up waiting does so alone.
 */
export class Gatherer<Kind extends string | number | boolean, Answer> {
  readonly #clock: Clock
  readonly #ask: (names: readonly string[], kind: Kind) => Promise<Answer>
  readonly #gathering = new Map<Kind, Gathering<Answer>>()
  readonly #underWay = new Map<string, Promise<Answer>>()

  /** `ask` makes one request about all `names`. */
  constructor(clock: Clock, ask: (names: readonly string[], kind: Kind) => Promise<Answer>) {
    this.#clock = clock
    this.#ask = ask
  }

  /** What the request says that `name` goes into. Different kinds never go into the same. */
  async ask(name: string, kind: Kind): Promise<Answer> {
    const key = `${kind} ${name}`
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return await underWay
    const { names, answer } = this.#gathering.get(kind) ?? this.#gather(kind)
    names.add(name)
    this.#underWay.set(key, answer)
    try {
      return await answer
    } finally {
      this.#underWay.delete(key)
    }
  }

  #gather(kind: Kind): Gathering<Answer> {
    const names = new Set<string>()
    const turn = new Promise<void>((resolve) => this.#clock.nextTurn(resolve))
    const answer = turn.then(async () => {
      this.#gathering.delete(kind)
      return await this.#ask([...names], kind)
    })
    const gathering = { names, answer }
    this.#gathering.set(kind, gathering)
    return gathering
  }
}
