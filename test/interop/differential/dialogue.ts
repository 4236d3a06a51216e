import { type Api, apiKeys } from '../../../src/wire/api-keys.ts'
import { ConnectionLostError, WireClient } from '../../server/wire-client.ts'
import { versionSubset } from '../../server/version-subset.ts'

/** A decoded message, as plain as it comes. */
export type Body = Readonly<Record<string, unknown>>

/** A topic as requests name it, by whichever of the two their version has. */
export interface TopicName {
  readonly name: string
  readonly topicId: string
}

/** One request and what became of it. */
export interface Exchange {
  /** What the scenario calls it. */
  readonly step: string
  readonly api: string
  readonly version: number
  /** The decoded response; undefined where the broker hung up instead of answering. */
  answer: Body | undefined
}

/** How a topic is made, where it is not with one partition and no configs. */
export interface TopicTraits {
  readonly partitions?: number
  readonly configs?: Readonly<Record<string, string>>
}

const timeoutMs = 10_000
/** Each is a round trip: some seconds in all. */
const attemptsMax = 2000

/**
 * What one scenario says to one broker, and what that answers. Names are the same whoever is asked, so that two
 * dialogues can be held side by side.
 */
export class Dialogue implements Disposable {
  /** In the order of asking. */
  readonly exchanges: Exchange[] = []
  /** Of the topics that were made, oldest first. */
  readonly topicIds: string[] = []
  readonly #port: number
  readonly #prefix: string
  readonly #clients = new Map<string, Promise<WireClient>>()
  #barriers = 0

  /** `prefix` begins all names of the scenario. */
  constructor(port: number, prefix: string) {
    this.#port = port
    this.#prefix = prefix
  }

  /** A name that no other scenario uses. */
  name(plain: string): string {
    return `${this.#prefix}-${plain}`
  }

  /**
   * Sends a request, of which fields that the version lacks are left out. Requests by the same `speaker` share a connection
   * and are answered in order.
   */
  async ask(
    step: string,
    api: string,
    version: number,
    body: Body,
    speaker = 'somebody',
  ): Promise<Body | undefined> {
    const exchange: Exchange = { step, api, version, answer: undefined }
    this.exchanges.push(exchange)
    try {
      exchange.answer = await this.#call(apiNamed(api), version, body, speaker)
    } catch (error) {
      if (!(error instanceof ConnectionLostError)) throw error
      this.#clients.delete(speaker)
    }
    return exchange.answer
  }

  /** Notes a part of an answer, where the rest depends on what else there is. */
  note(step: string, api: string, version: number, answer: Body): void {
    this.exchanges.push({ step, api, version, answer })
  }

  /** Asks without noting it: to prepare something, or to be told when it is there. */
  async prepare(api: string, version: number, body: Body): Promise<Body> {
    return await this.#call(apiNamed(api), version, body, 'stagehand')
  }

  /** Makes a topic, and waits until it can be used. */
  async topic(plain: string, { partitions = 1, configs = {} }: TopicTraits = {}): Promise<TopicName> {
    const name = this.name(plain)
    const asked = { name, numPartitions: partitions, replicationFactor: 1, assignments: [] }
    const topics = [
      { ...asked, configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })) },
    ]
    const [made] = list(await this.prepare('CreateTopics', 7, { topics, timeoutMs }), 'topics')
    if (made?.['errorCode'] !== 0) throw new Error(`the topic ${name} was not made: ${JSON.stringify(made)}`)
    const topicId = await this.#whenLed(name, partitions)
    await this.#whenServed(name, partitions)
    this.topicIds.push(topicId)
    return { name, topicId }
  }

  /** Until everything that was decided so far is known to the broker: a topic that is made now is known after it. */
  async settle(): Promise<void> {
    await this.topic(`barrier-${this.#barriers++}`)
  }

  /** Asks again until the answer is as wanted; only the last answer counts. */
  async until(api: string, version: number, body: Body, isWanted: (answer: Body) => boolean): Promise<Body> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const answer = await this.prepare(api, version, body)
      if (isWanted(answer)) return answer
    }
    throw new Error(`${api} has not come to answer what was waited for`)
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients.values()) void client.then((each) => each[Symbol.dispose]())
  }

  async #whenLed(name: string, count: number): Promise<string> {
    const body = { topics: [{ name }], allowAutoTopicCreation: false }
    const isLed = (answer: Body): boolean => {
      const partitions = list(list(answer, 'topics')[0], 'partitions')
      return partitions.length === count && partitions.every(({ errorCode }) => errorCode === 0)
    }
    const answer = await this.until('Metadata', 12, body, isLed)
    return String(list(answer, 'topics')[0]?.['topicId'])
  }

  /** Kafka tells of leaders a moment before they lead. */
  async #whenServed(name: string, count: number): Promise<void> {
    const partitions = Array.from({ length: count }, (_, partitionIndex) => ({
      partitionIndex,
      timestamp: -1,
    }))
    const body = { replicaId: -1, isolationLevel: 0, topics: [{ name, partitions }], timeoutMs }
    await this.until('ListOffsets', 7, body, (answer) =>
      list(list(answer, 'topics')[0], 'partitions').every(({ errorCode }) => errorCode === 0),
    )
  }

  async #call({ request, response }: Api, version: number, body: Body, speaker: string): Promise<Body> {
    const client = await this.#clientOf(speaker)
    const asked = versionSubset(request.fields, version, body)
    return await client.call<never, Body>({ request, response } as never, version, asked as never, timeoutMs)
  }

  #clientOf(speaker: string): Promise<WireClient> {
    const known = this.#clients.get(speaker)
    if (known !== undefined) return known
    const made = WireClient.connect(this.#port)
    this.#clients.set(speaker, made)
    return made
  }
}

/** The elements of a field that is an array; none if it is missing. */
export function list(message: Body | undefined, field: string): readonly Body[] {
  const value = message?.[field]
  return Array.isArray(value) ? (value as Body[]) : []
}

function apiNamed(name: string): Api {
  const api = apiKeys.find((each) => each.name === name)
  if (api === undefined) throw new RangeError(`there is no API named ${name}`)
  return api
}
