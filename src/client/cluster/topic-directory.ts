import type { Env } from '../../env/env.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { ClientLimits } from './client-options.ts'
import type { ClusterMetadata, TopicMetadata, TopicPartition } from './cluster-metadata.ts'
import { Gatherer } from './gatherer.ts'
import { type KnownTopic, knownTopic, withLeader } from './known-topic.ts'
import { throwResponseError } from './response-error.ts'
import { orAborted, retry } from './retry.ts'

/** Asks some broker about topics, once; `null` asks for all of them. What it says has been learned when this resolves. */
export type AskTopics = (topics: readonly string[] | null, autoCreate: boolean) => Promise<ClusterMetadata>

/** How to ask for a topic. */
export interface TopicLookup {
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined
  /** Lets a broker make the topic, if it is one that does (`auto.create.topics.enable`). Default false. */
  readonly autoCreate?: boolean
}

/** How long to ask for a topic. */
export interface TopicNeed extends TopicLookup {
  /** How long to try: nobody is asked any later, but an answer that is due is waited for. Default: `apiTimeoutMs`. */
  readonly timeoutMs?: number
}

interface Entry {
  topic: KnownTopic
  /** When a broker last described it. */
  readonly toldMs: number
  isDoubted: boolean
  /** Somebody has looked at it since it was told: it is worth being asked for again. */
  isUsed: boolean
}

/**
 * What is known of topics and of who leads their partitions. Nothing is asked in the background: a topic is asked for when it is needed
 * and not known, doubted, or older than `metadataMaxAgeMs`.
 */
export class TopicDirectory {
  readonly #env: Pick<Env, 'clock' | 'random'>
  readonly #limits: ClientLimits
  readonly #ask: AskTopics
  /** By whether the topics may be made. */
  readonly #requests: Gatherer<boolean, ClusterMetadata>
  readonly #entries = new Map<string, Entry>()
  readonly #names = new Map<string, string>()

  /** `ask` makes one attempt, and hands what it hears to {@link learn}. */
  constructor(env: Pick<Env, 'clock' | 'random'>, limits: ClientLimits, ask: AskTopics) {
    this.#env = env
    this.#limits = limits
    this.#ask = ask
    // Nothing that merely grew old may make a topic that was deleted meanwhile.
    this.#requests = new Gatherer(env.clock, async (names, autoCreate) =>
      ask(autoCreate ? names : [...new Set([...names, ...this.#grownOld()])], autoCreate),
    )
  }

  /** What is known of `topic`, even if it is old or doubted. */
  get(topic: string): KnownTopic | undefined {
    return this.#entries.get(topic)?.topic
  }

  /** What is known of `topic` and needs not be asked again; for hot paths: `directory.current(t) ?? (await directory.need(t))`. */
  current(topic: string): KnownTopic | undefined {
    const entry = this.#entries.get(topic)
    if (entry === undefined) return undefined
    entry.isUsed = true
    return entry.isDoubted || this.#isOld(entry) ? undefined : entry.topic
  }

  /**
   * The topic, asked for unless it is {@link current}, and again while that may help: a topic that was made a moment ago is not known to all
   * brokers at once. A partition that nobody leads is no error: its `leaderId` is -1; {@link doubt} it to ask again.
   *
   * @throws KafkaError when the topic does not exist, may not be seen, or has a name that none can have
   * @throws ConnectionError, TimeoutError when no broker answers; the reason of `signal`
   */
  async need(topic: string, options: TopicNeed = {}): Promise<KnownTopic> {
    const { timeoutMs: apiTimeoutMs = this.#limits.apiTimeoutMs, ...lookup } = options
    return this.current(topic) ?? (await this.#retry(() => this.lookUp(topic, lookup), lookup, apiTimeoutMs))
  }

  /** As {@link need}, but asks once. */
  async lookUp(topic: string, { signal, autoCreate = false }: TopicLookup = {}): Promise<KnownTopic> {
    const current = this.current(topic)
    if (current !== undefined) return current
    await this.#pauseAfterNews(topic, signal)
    const metadata = await orAborted(this.#requests.ask(topic, autoCreate), signal)
    throwResponseError(metadata.topics.get(topic)?.errorCode ?? errorCodes.NONE, `topic '${topic}'`)
    return this.get(topic) ?? this.#unknown(topic)
  }

  /** Somebody who should lead a partition of `topic` said that it does not, or is gone: the next {@link need} asks. */
  doubt(topic: string): void {
    const entry = this.#entries.get(topic)
    if (entry !== undefined) entry.isDoubted = true
  }

  /**
   * A response told who leads a partition now (KIP-951): there is no need to {@link doubt} the topic then. Ignored when the epoch is
   * not newer than the one that is known, or the topic is not known.
   */
  learnLeader(topic: string, partition: number, leaderId: number, leaderEpoch: number): void {
    const entry = this.#entries.get(topic)
    if (entry !== undefined) entry.topic = withLeader(entry.topic, partition, leaderId, leaderEpoch)
  }

  /** The epoch of a partition's leader, as last heard of (KIP-320); -1 when it is not known. */
  leaderEpochOf({ topic, partition }: TopicPartition): number {
    return this.get(topic)?.partitions[partition]?.leaderEpoch ?? -1
  }

  /** The name of the topic with this id, if it is known. */
  nameOf(topicId: string): string | undefined {
    return this.#names.get(topicId)
  }

  /** All topics whose name `pattern` matches somewhere, internal ones excluded. Always asks. */
  async match(pattern: RegExp, options: Pick<TopicNeed, 'signal' | 'timeoutMs'> = {}): Promise<KnownTopic[]> {
    const topics = await this.all(options)
    // `search` begins at the front, whatever `lastIndex` an expression with the flag `g` has kept.
    return topics.filter(({ name, isInternal }) => !isInternal && name.search(pattern) >= 0)
  }

  /** All topics that this client may see. Always asks. */
  async all(options: Pick<TopicNeed, 'signal' | 'timeoutMs'> = {}): Promise<KnownTopic[]> {
    const ask = async (): Promise<ClusterMetadata> => await orAborted(this.#ask(null, false), options.signal)
    const { topics } = await this.#retry(ask, options, options.timeoutMs)
    return [...topics.keys()].flatMap((name) => this.get(name) ?? [])
  }

  /** Takes over what a broker described. */
  learn(topics: Iterable<TopicMetadata>): void {
    for (const told of topics)
      if (told.errorCode === errorCodes.NONE) this.#learnTopic(told)
      else if (told.errorCode === errorCodes.UNKNOWN_TOPIC_OR_PARTITION) this.#forget(told.name ?? '')
  }

  /** All that is known may be of another cluster. */
  forgetAll(): void {
    this.#entries.clear()
    this.#names.clear()
  }

  #learnTopic(told: TopicMetadata): void {
    const topic = knownTopic(told, this.get(told.name ?? ''))
    this.#forget(topic.name)
    const toldMs = this.#env.clock.monotonicMs()
    this.#entries.set(topic.name, { topic, toldMs, isDoubted: false, isUsed: false })
    if (topic.topicId !== zeroUuid) this.#names.set(topic.topicId, topic.name)
  }

  #forget(name: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#entries.delete(name)
    this.#names.delete(entry.topic.topicId)
  }

  #unknown(topic: string): never {
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `the broker does not say anything of topic '${topic}'`)
  }

  #isOld({ toldMs }: Entry): boolean {
    return this.#env.clock.monotonicMs() - toldMs > this.#limits.metadataMaxAgeMs
  }

  /** Topics in use that have to be asked for sooner or later: they go along with whoever is asked for now. */
  #grownOld(): string[] {
    const old = [...this.#entries.values()].filter((entry) => entry.isUsed && this.#isOld(entry))
    return old.map(({ topic }) => topic.name)
  }

  /** One that is doubted as soon as it is told is not asked for any faster than a request would be tried again. */
  async #pauseAfterNews(topic: string, signal: AbortSignal | undefined): Promise<void> {
    const entry = this.#entries.get(topic)
    if (entry?.isDoubted !== true) return
    const { clock } = this.#env
    const pauseMs = entry.toldMs + this.#limits.retryBackoffMs - clock.monotonicMs()
    if (pauseMs > 0) await clock.sleep(pauseMs, signal)
  }

  async #retry<T>(
    attempt: () => Promise<T>,
    { signal }: TopicLookup,
    apiTimeoutMs = this.#limits.apiTimeoutMs,
  ): Promise<T> {
    return await retry(attempt, { env: this.#env, limits: { ...this.#limits, apiTimeoutMs }, signal })
  }
}
