import type { Clock } from '../../env/env.ts'
import type { ClusterMetadata } from './cluster-metadata.ts'

/** Asks some broker about topics, once; `null` asks for all of them. What it says has been learned when this resolves. */
export type AskTopics = (topics: readonly string[] | null, autoCreate: boolean) => Promise<ClusterMetadata>

/** A request that goes out with the next turn of the event loop. */
interface Gathering {
  readonly names: Set<string>
  readonly answer: Promise<ClusterMetadata>
}

/**
 * Joins what is asked about single topics: those of one turn of the event loop go into one Metadata request, and who asks for a
 * topic that is being asked for waits for the same answer.
 */
export class MetadataGatherer {
  readonly #clock: Clock
  readonly #ask: AskTopics
  readonly #alsoAsk: () => Iterable<string>
  /** By whether the topics may be made. */
  readonly #gathering = new Map<boolean, Gathering>()
  readonly #underWay = new Map<string, Promise<ClusterMetadata>>()

  /** `alsoAsk`: names of more topics to go along, asked when a request goes out. */
  constructor(clock: Clock, ask: AskTopics, alsoAsk: () => Iterable<string>) {
    this.#clock = clock
    this.#ask = ask
    this.#alsoAsk = alsoAsk
  }

  /** What a broker says of `topic`. With `autoCreate` it is made if it does not exist and the broker makes topics by itself. */
  async ask(topic: string, autoCreate: boolean): Promise<ClusterMetadata> {
    const key = `${topic} ${autoCreate}`
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return await underWay
    const { names, answer } = this.#gathering.get(autoCreate) ?? this.#gather(autoCreate)
    names.add(topic)
    this.#underWay.set(key, answer)
    try {
      return await answer
    } finally {
      this.#underWay.delete(key)
    }
  }

  #gather(autoCreate: boolean): Gathering {
    const names = new Set<string>()
    const turn = new Promise<void>((resolve) => this.#clock.nextTurn(resolve))
    const answer = turn.then(async () => {
      this.#gathering.delete(autoCreate)
      // Nothing that merely grew old may make a topic that was deleted meanwhile.
      if (!autoCreate) for (const name of this.#alsoAsk()) names.add(name)
      return await this.#ask([...names], autoCreate)
    })
    const gathering = { names, answer }
    this.#gathering.set(autoCreate, gathering)
    return gathering
  }
}
