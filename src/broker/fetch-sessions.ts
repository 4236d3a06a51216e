import type { Clock, Random } from '../env/env.ts'
import { nodeRandom } from '../env/node-random.ts'
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
  /** The leader epoch of what the client has read last; -1 when it does not say. */
  readonly lastFetchedEpoch: number
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
/** Partitions that all sessions together remember, by default: some 60 MiB. */
const defaultPartitionsMax = 200_000

/**
 * Fetch sessions (KIP-227): a client that fetches the same thousand partitions again and again names them once, and
 * then only says, and is told, what has changed. At most `slots` are remembered, and so many partitions of all together;
 * who finds no room fetches in full.
 *
 * Their ids are drawn: a client of before a restart must not come upon the session of another one.
 */
export class FetchSessions {
  readonly #clock: Clock
  readonly #slots: number
  /** In the order of their last use. */
  readonly #sessions = new Map<number, Session>()
  readonly #random: Random
  readonly #partitionsMax: number
  /** Of all sessions. */
  #partitionCount = 0

  constructor(
    clock: Clock,
    slots: number,
    random: Random = nodeRandom(),
    partitionsMax: number = defaultPartitionsMax,
  ) {
    this.#clock = clock
    this.#slots = slots
    this.#random = random
    this.#partitionsMax = partitionsMax
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
    this.#forget(this.#sessions.get(sessionId))
    const partitions = askedPartitions(request)
    const session = sessionEpoch === initialEpoch ? this.#create(byId, partitions) : undefined
    if (session === undefined) return { partitions, sessionId: 0, tells: () => true }
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
    this.#update(session, request)
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

  #create(byId: boolean, asked: readonly FetchedPartition[]): Session | undefined {
    const nowMs = this.#clock.monotonicMs()
    if (!this.#makeRoom(asked.length, nowMs)) return undefined
    const partitions = new Map(asked.map((each) => [keyOf(each), { asked: each, told: undefined }]))
    const session = { id: this.#newId(), byId, epoch: 1, lastUsedMs: nowMs, partitions }
    this.#sessions.set(session.id, session)
    this.#partitionCount += partitions.size
    return session
  }

  /** For a session of `partitionCount`: those that were not used for long go, as far as need be. False when that is not enough. */
  #makeRoom(partitionCount: number, nowMs: number): boolean {
    const hasRoom = (): boolean =>
      this.#sessions.size < this.#slots && this.#partitionCount + partitionCount <= this.#partitionsMax
    for (const oldest of this.#sessions.values()) {
      if (hasRoom()) return true
      if (nowMs - oldest.lastUsedMs < evictionMs) return false
      this.#forget(oldest)
    }
    return hasRoom()
  }

  #newId(): number {
    for (;;) {
      const id = this.#random.bytes(4).readUInt32BE(0) >>> 1
      if (id !== 0 && !this.#sessions.has(id)) return id
    }
  }

  /** A session that has grown too large is served this once: its client then begins anew. */
  #update(session: Session, request: FetchRequest): void {
    const before = session.partitions.size
    update(session, request)
    this.#partitionCount += session.partitions.size - before
    if (this.#partitionCount > this.#partitionsMax) this.#forget(session)
  }

  #forget(session: Session | undefined): void {
    if (session !== undefined && this.#sessions.delete(session.id))
      this.#partitionCount -= session.partitions.size
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
    partitions.map(
      ({ partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, partitionMaxBytes: maxBytes }) => ({
        ...{ topic, topicId, partition },
        ...{ currentLeaderEpoch, fetchOffset, lastFetchedEpoch, maxBytes },
      }),
    ),
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
