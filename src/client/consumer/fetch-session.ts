import { errorCodes } from '../../wire/error-codes.ts'
import type { FetchRequestInput, FetchResponse } from '../../wire/messages/01-fetch.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { groupByTopic, partitionKey } from '../cluster/topic-partitions.ts'

/** What a fetch asks of one partition. */
export interface WantedPartition extends TopicPartition {
  /** `zeroUuid` when the topic has none. */
  readonly topicId: string
  readonly fetchOffset: number
  readonly currentLeaderEpoch: number
  readonly partitionMaxBytes: number
}

/** The part of a request that sessions are about. */
export type SessionPart = Pick<
  FetchRequestInput,
  'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'
>

/** One partition's part of an answer. */
export type FetchAnswer = FetchResponse['responses'][number]['partitions'][number]

const noSession = 0
const initialEpoch = 0
const epochMax = 0x7fff_ffff

/**
 * The client's side of a fetch session (KIP-227): the broker remembers which partitions are fetched, and from then on each
 * request only names those that have changed, and each answer those that have news.
 *
 * Whenever the two sides may not agree any more, the next request begins a new session with everything in it, and names the old one
 * so that the broker can forget it.
 */
export class FetchSession {
  #id = noSession
  #epoch = initialEpoch
  /** What the broker knows, by partition. */
  #told = new Map<string, WantedPartition>()
  #isById = false

  /** Names the topics in what is told, for answers that give ids. */
  readonly #namesById = new Map<string, string>()

  /**
   * What to ask, so that the broker fetches `wanted` and nothing else; it counts as told. Exactly one request goes out for
   * it, and ends in {@link answered} or {@link reset}.
   *
   * @param isById whether the request names topics by their ids, as it does from version 13 on
   */
  request(wanted: readonly WantedPartition[], isById: boolean): SessionPart {
    if (isById !== this.#isById) this.reset()
    this.#isById = isById
    const before = this.#epoch === initialEpoch ? new Map<string, WantedPartition>() : this.#told
    this.#told = new Map(wanted.map((each) => [partitionKey(each), each]))
    this.#namesById.clear()
    for (const { topicId, topic } of wanted) this.#namesById.set(topicId, topic)
    const changed = wanted.filter((each) => !isSame(before.get(partitionKey(each)), each))
    const forgotten = [...before.values()].filter((each) => this.#isForgotten(each))
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: groupByTopic(changed, toWire).map(({ topic, items }) => ({
        ...{ topic, topicId: topicIdIn(changed, topic), partitions: items },
      })),
      forgottenTopicsData: groupByTopic(forgotten, ({ partition }) => partition).map(({ topic, items }) => ({
        ...{ topic, topicId: topicIdIn(forgotten, topic), partitions: items },
      })),
    }
  }

  /**
   * Takes in an answer.
   *
   * @returns false when the broker does not go along with the session: ask again, with everything
   */
  answered({ errorCode, sessionId }: Pick<FetchResponse, 'errorCode' | 'sessionId'>): boolean {
    if (errorCode !== errorCodes.NONE) {
      if (errorCode === errorCodes.FETCH_SESSION_ID_NOT_FOUND) this.#id = noSession
      this.reset()
      return false
    }
    // A broker without room for a session answers in full, and is asked in full.
    if (sessionId === noSession) this.#epoch = initialEpoch
    else this.#epoch = this.#id === sessionId && this.#epoch !== epochMax ? this.#epoch + 1 : 1
    this.#id = sessionId
    return true
  }

  /** It is not known what the broker has heard: everything begins anew. */
  reset(): void {
    this.#epoch = initialEpoch
  }

  /** The parts of an answer, by topic and partition. Those of topics that were not asked for are left out. */
  *partsOf({
    responses,
  }: FetchResponse): IterableIterator<TopicPartition & { readonly answer: FetchAnswer }> {
    for (const { topic: name, topicId, partitions } of responses) {
      const topic = this.#isById ? this.#namesById.get(topicId) : name
      if (topic === undefined) continue
      for (const answer of partitions) yield { topic, partition: answer.partitionIndex, answer }
    }
  }

  #isForgotten(before: WantedPartition): boolean {
    const now = this.#told.get(partitionKey(before))
    // A topic that was made anew under its old name is another one to the broker.
    return now === undefined || (this.#isById && now.topicId !== before.topicId)
  }
}

/** Whether all topics can be named by ids: those of brokers before 2.8 have none. */
export function haveIds(wanted: readonly WantedPartition[]): boolean {
  return wanted.every(({ topicId }) => topicId !== zeroUuid)
}

function isSame(told: WantedPartition | undefined, now: WantedPartition): boolean {
  return (
    told !== undefined &&
    told.topicId === now.topicId &&
    told.fetchOffset === now.fetchOffset &&
    told.currentLeaderEpoch === now.currentLeaderEpoch &&
    told.partitionMaxBytes === now.partitionMaxBytes
  )
}

function toWire({ partition, currentLeaderEpoch, fetchOffset, partitionMaxBytes }: WantedPartition) {
  return { partition, currentLeaderEpoch, fetchOffset, partitionMaxBytes }
}

function topicIdIn(partitions: readonly WantedPartition[], topic: string): string {
  return partitions.find((each) => each.topic === topic)?.topicId ?? zeroUuid
}
