import type { Clock } from '../env/env.ts'
import { KafkaError } from '../wire/kafka-error.ts'
import type { FetchRequest } from '../wire/messages/01-fetch.ts'

/** What a fetch asks of one partition. */
export interface FetchedPartition {
  /** As the request named it: '' when it gave an id. */
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly currentLeaderEpoch: number
  readonly fetchOffset: number
  readonly maxBytes: number
}

/** What a session has told its client of a partition. */
interface Told {
  highWatermark: number
  logStartOffset: number
}

interface SessionPartition {
  asked: FetchedPartition
  told: Told | undefined
}

interface Session {
  readonly id: number
  readonly byId: boolean
  /** The epoch that the next request must carry. */
  epoch: number
  lastUsedMs: number
  /** In the order in which they are served: what had its turn goes to the end. */
  readonly partitions: Map<string, SessionPartition>
}

/** What one fetch request is to read, and how its answer is put. */
export interface FetchContext {
  /** In the order in which they are to be served. */
  readonly partitions: readonly FetchedPartition[]
  /** 0 outside a session. */
  readonly sessionId: number
  /** Whether the answer to `asked` has news: outside an incremental fetch everything is told. Remembers it as told. */
  tells(
    asked: FetchedPartition,
    answer: Told & { readonly hasRecords: boolean; readonly isError: boolean },
  ): boolean
}

const initialEpoch = 0
const finalEpoch = -1
const int32Max = 0x7fff_ffff
/** A session that was used within this time is not evicted for another one. */
const evictionMs = 120_000

/**
 * Fetch sessions (KIP-227): a client that fetches the same thousand partitions again and again names them once, and
 * then only says, and is told, what has changed. At most `slots` are remembered; who finds none free fetches in full.
 */
export class FetchSessions {
  readonly #clock: Clock
  readonly #slots: number
  /** In the order of their last use. */
  readonly #sessions = new Map<number, Session>()
  #lastId = 0

  constructor(clock: Clock, slots: number) {
    this.#clock = clock
    this.#slots = slots
  }

  get count(): number {
    return this.#sessions.size
  }

  /**
   * What `request` is to read. `byId` says whether it names topics by id.
   *
   * @throws KafkaError FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR: the client
   *   then begins anew with a full fetch
   */
  take(request: FetchRequest, byId: boolean): FetchContext {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch !== initialEpoch && sessionEpoch !== finalEpoch) return this.#incremental(request, byId)
    this.#sessions.delete(sessionId)
    const partitions = askedPartitions(request)
    const session = sessionEpoch === initialEpoch ? this.#create(byId) : undefined
    if (session === undefined) return { partitions, sessionId: 0, tells: () => true }
    for (const asked of partitions) session.partitions.set(keyOf(asked), { asked, told: undefined })
    return {
      partitions,
      sessionId: session.id,
      tells: (asked, answer) => {
        remember(session, asked, answer)
        return true
      },
    }
  }

  #incremental(request: FetchRequest, byId: boolean): FetchContext {
    const session = this.#sessions.get(request.sessionId)
    if (session === undefined)
      throw new KafkaError('FETCH_SESSION_ID_NOT_FOUND', `there is no fetch session ${request.sessionId}`)
    if (session.epoch !== request.sessionEpoch)
      throw new KafkaError(
        'INVALID_FETCH_SESSION_EPOCH',
        `the fetch session expects epoch ${session.epoch}, and the request is of ${request.sessionEpoch}`,
      )
    if (session.byId !== byId)
      throw new KafkaError(
        'FETCH_SESSION_TOPIC_ID_ERROR',
        'the fetch session was begun with topics named the other way',
      )
    session.epoch = session.epoch === int32Max ? 1 : session.epoch + 1
    session.lastUsedMs = this.#clock.monotonicMs()
    this.#sessions.delete(session.id)
    this.#sessions.set(session.id, session)
    update(session, request)
    return {
      partitions: [...session.partitions.values()].map(({ asked }) => asked),
      sessionId: session.id,
      tells: (asked, answer) => {
        const hasNews = isNews(session, asked, answer)
        remember(session, asked, answer)
        return hasNews
      },
    }
  }

  #create(byId: boolean): Session | undefined {
    if (this.#slots === 0) return undefined
    const nowMs = this.#clock.monotonicMs()
    if (this.#sessions.size >= this.#slots) {
      const [oldest] = this.#sessions.values()
      if (oldest === undefined || nowMs - oldest.lastUsedMs < evictionMs) return undefined
      this.#sessions.delete(oldest.id)
    }
    do this.#lastId = this.#lastId === int32Max ? 1 : this.#lastId + 1
    while (this.#sessions.has(this.#lastId))
    const session = { id: this.#lastId, byId, epoch: 1, lastUsedMs: nowMs, partitions: new Map() }
    this.#sessions.set(session.id, session)
    return session
  }
}

function keyOf({
  topic,
  topicId,
  partition,
}: Pick<FetchedPartition, 'topic' | 'topicId' | 'partition'>): string {
  return `${topic} ${topicId} ${partition}`
}

function askedPartitions(request: FetchRequest): FetchedPartition[] {
  return request.topics.flatMap(({ topic, topicId, partitions }) =>
    partitions.map(({ partition, currentLeaderEpoch, fetchOffset, partitionMaxBytes: maxBytes }) => ({
      ...{ topic, topicId, partition },
      ...{ currentLeaderEpoch, fetchOffset, maxBytes },
    })),
  )
}

function update({ partitions }: Session, request: FetchRequest): void {
  for (const asked of askedPartitions(request)) {
    const known = partitions.get(keyOf(asked))
    if (known === undefined) partitions.set(keyOf(asked), { asked, told: undefined })
    else known.asked = asked
  }
  for (const { topic, topicId, partitions: forgotten } of request.forgottenTopicsData)
    for (const partition of forgotten) partitions.delete(keyOf({ topic, topicId, partition }))
}

function isNews(
  { partitions }: Session,
  asked: FetchedPartition,
  answer: Parameters<FetchContext['tells']>[1],
): boolean {
  const told = partitions.get(keyOf(asked))?.told
  if (answer.hasRecords || answer.isError || told === undefined) return true
  return told.highWatermark !== answer.highWatermark || told.logStartOffset !== answer.logStartOffset
}

function remember(
  { partitions }: Session,
  asked: FetchedPartition,
  answer: Parameters<FetchContext['tells']>[1],
): void {
  const key = keyOf(asked)
  const known = partitions.get(key)
  if (known === undefined) return
  // After an error the client starts afresh with the partition, and is told all of it again.
  known.told = answer.isError
    ? undefined
    : { highWatermark: answer.highWatermark, logStartOffset: answer.logStartOffset }
  if (!answer.hasRecords) return
  // It has had its turn: the others come first next time, so that none starves behind a busy one.
  partitions.delete(key)
  partitions.set(key, known)
}
