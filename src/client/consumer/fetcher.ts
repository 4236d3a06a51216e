import { TidemarkError } from '../../base/errors.ts'
import { turn } from '../../env/turn.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import { type FetchResponse, fetchRequest, fetchResponse } from '../../wire/messages/01-fetch.ts'
import { backoffMs, chanceFrom } from '../cluster/backoff.ts'
import { isUnknownBroker } from '../cluster/broker-finder.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import type { IsolationByte } from '../cluster/offset-lookup.ts'
import { responseError } from '../cluster/response-error.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import { partitionKey } from '../cluster/topic-partitions.ts'
import { rpc } from '../network/rpc.ts'
import type { AssignedPartition } from './assigned-partition.ts'
import type { Assignment } from './assignment.ts'
import { channels, type FetchEvent } from './channels.ts'
import { type FetchAnswer, FetchSession, haveIds, type WantedPartition } from './fetch-session.ts'
import { FetchedRecords } from './fetched-records.ts'
import type { PositionKeeper } from './position-keeper.ts'
import type { ReadPartition } from './reading.ts'

/** How much to fetch, and how to wait for it. Sizes in bytes. */
export interface FetchSettings {
  readonly fetchMinBytes: number
  readonly fetchMaxWaitMs: number
  readonly fetchMaxBytes: number
  readonly maxPartitionFetchBytes: number
  readonly maxBufferedBytes: number
  readonly isolationLevel: IsolationByte
}

/** What a {@link Fetcher} works with. */
export interface FetcherOptions<K, V> {
  readonly client: ClusterClient
  readonly assignment: Assignment<K, V>
  readonly keeper: PositionKeeper<K, V>
  readonly settings: FetchSettings
  readonly purpose: string
  readonly signal: AbortSignal
  /** How what was fetched of a partition is read. */
  readonly readingOf: ReadPartition<K, V>
  /** Called when partitions have news, or may be fetched again. */
  readonly onChange: () => void
  /** Called when there is no going on. */
  readonly onFatal: (error: unknown) => void
}

/** A broker that is fetched from. */
interface Node {
  readonly nodeId: number
  readonly session: FetchSession
  isBusy: boolean
  failureCount: number
  /** Nothing is asked before: it failed, or had nothing new. */
  restUntilMs: number
}

/** One partition of a request, as it was when the request was made. */
interface Asked<K, V> {
  readonly partition: AssignedPartition<K, V>
  readonly version: number
}

const fetchApi = rpc(fetchRequest, fetchResponse)
/** Up to this version topics go by their names, from the next one on by their ids (KIP-516). */
const lastVersionByName = 12
const fetchByNameApi = rpc(fetchRequest, fetchResponse, { maxVersion: lastVersionByName })
const consumerReplicaId = -1
/** What may be fetched of a partition beside what is being handed out: one answer ahead. */
const fetchedAheadMax = 2

/** After these errors the leader is looked for again. */
const leaderErrors: ReadonlySet<number> = new Set<number>([
  errorCodes.NOT_LEADER_OR_FOLLOWER,
  errorCodes.LEADER_NOT_AVAILABLE,
  errorCodes.REPLICA_NOT_AVAILABLE,
  errorCodes.KAFKA_STORAGE_ERROR,
  errorCodes.FENCED_LEADER_EPOCH,
  errorCodes.UNKNOWN_LEADER_EPOCH,
  errorCodes.OFFSET_NOT_AVAILABLE,
  errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
  errorCodes.UNKNOWN_TOPIC_ID,
  errorCodes.INCONSISTENT_TOPIC_ID,
  errorCodes.UNKNOWN_SERVER_ERROR,
])

/**
 * Keeps partitions supplied: one Fetch at a time is under way to each broker, and waits there until there is something to
 * send. Of each partition there is what is being handed out and one answer ahead; partitions that have both are left out, and
 * nothing is asked while `maxBufferedBytes` are held: a slow application slows down the fetching, and the broker keeps the rest.
 */
export class Fetcher<K, V> {
  readonly #options: FetcherOptions<K, V>
  readonly #nodes = new Map<number, Node>()

  constructor(options: FetcherOptions<K, V>) {
    this.#options = options
  }

  /** Bytes that were fetched and not handed out. */
  get bufferedBytes(): number {
    let bytes = 0
    for (const partition of this.#options.assignment) bytes += partition.bufferedBytes
    return bytes
  }

  /** Fetches what may be fetched from brokers that are not asked already. */
  advance(): void {
    const roomBytes = this.#options.settings.maxBufferedBytes - this.bufferedBytes
    if (roomBytes <= 0) return
    const nowMs = this.#options.client.env.clock.monotonicMs()
    for (const [nodeId, partitions] of this.#fetchable(nowMs)) {
      const node = this.#node(nodeId)
      if (!node.isBusy && node.restUntilMs <= nowMs) void this.#fetch(node, partitions, roomBytes)
    }
  }

  /** A partition can be fetched that could not before: whoever rests for want of it rests no more. */
  wake(): void {
    for (const node of this.#nodes.values()) if (node.failureCount === 0) node.restUntilMs = 0
  }

  #node(nodeId: number): Node {
    const known = this.#nodes.get(nodeId)
    if (known !== undefined) return known
    const session = new FetchSession()
    const node = { nodeId, session, isBusy: false, failureCount: 0, restUntilMs: 0 }
    this.#nodes.set(nodeId, node)
    return node
  }

  /** What may be fetched now, by the id of the leader. */
  #fetchable(nowMs: number): Map<number, AssignedPartition<K, V>[]> {
    const byNode = new Map<number, AssignedPartition<K, V>[]>()
    for (const partition of this.#options.assignment) {
      const { leader } = partition
      if (leader === undefined || !isFetchable(partition, nowMs)) continue
      const group = byNode.get(leader.nodeId)
      if (group === undefined) byNode.set(leader.nodeId, [partition])
      else group.push(partition)
    }
    return byNode
  }

  async #fetch(node: Node, partitions: readonly AssignedPartition<K, V>[], roomBytes: number): Promise<void> {
    const asked = new Map<string, Asked<K, V>>()
    for (const partition of partitions)
      asked.set(partitionKey(partition), { partition, version: partition.version })
    node.isBusy = true
    try {
      const isImpatient = this.#isAnyLeftOut(node, asked)
      const response = await this.#ask(node, partitions, roomBytes, isImpatient)
      if (!node.session.answered(response))
        this.#rest(node, responseError(response.errorCode, `Fetch from broker ${node.nodeId}`))
      else if (this.#takeAnswer(node, asked, response) === 0) await this.#takeNothing(node, isImpatient)
    } catch (error) {
      if (!this.#options.signal.aborted) this.#lose(node, partitions, error)
    } finally {
      node.isBusy = false
      this.#options.onChange()
    }
  }

  async #ask(
    node: Node,
    partitions: readonly AssignedPartition<K, V>[],
    roomBytes: number,
    isImpatient: boolean,
  ): Promise<FetchResponse> {
    const { client, settings, purpose, signal } = this.#options
    const { fetchMaxWaitMs, fetchMinBytes, fetchMaxBytes, isolationLevel } = settings
    const link = await client.link({ nodeId: node.nodeId }, { purpose, signal })
    const wanted = partitions.map((each) => wantedOf(each, settings.maxPartitionFetchBytes))
    return await link.call(
      haveIds(wanted) ? fetchApi : fetchByNameApi,
      (version) => ({
        replicaId: consumerReplicaId,
        maxWaitMs: isImpatient ? 0 : fetchMaxWaitMs,
        minBytes: fetchMinBytes,
        maxBytes: Math.min(fetchMaxBytes, roomBytes),
        isolationLevel,
        ...node.session.request(wanted, version > lastVersionByName),
      }),
      { signal, timeoutMs: client.limits.requestTimeoutMs + fetchMaxWaitMs },
    )
  }

  /**
   * Whether this broker leads partitions that are not asked for, but may be at any moment: they have been fetched ahead, or their
   * positions are being found. The broker must not wait for news of the others then, for it answers one fetch at a time.
   */
  #isAnyLeftOut(node: Node, asked: ReadonlyMap<string, Asked<K, V>>): boolean {
    for (const partition of this.#options.assignment) {
      const { leader, isPaused, isHeld, error, failureCount } = partition
      if (isPaused || isHeld || error !== undefined || failureCount > 0) continue
      const mayBeLed = leader === undefined || leader.nodeId === node.nodeId
      if (mayBeLed && !asked.has(partitionKey(partition))) return true
    }
    return false
  }

  /** Returns how many bytes of batches have come. */
  #takeAnswer(node: Node, asked: ReadonlyMap<string, Asked<K, V>>, response: FetchResponse): number {
    node.failureCount = 0
    this.#options.client.learnBrokers(response.nodeEndpoints)
    let bytes = 0
    for (const { answer, ...of } of node.session.partsOf(response)) {
      const question = asked.get(partitionKey(of))
      bytes += answer.records?.length ?? 0
      if (question !== undefined && this.#isOpen(question)) this.#takePart(question.partition, answer)
    }
    publish({ nodeId: node.nodeId, partitionCount: asked.size, bytes })
    return bytes
  }

  async #takeNothing(node: Node, isImpatient: boolean): Promise<void> {
    if (isImpatient) this.#restFor(node, this.#options.settings.fetchMaxWaitMs)
    // A broker of this process that does not wait answers within the same turn of the event loop, again and again.
    await turn(this.#options.client.env.clock)
  }

  /** Whether the partition still wants what was asked. */
  #isOpen({ partition, version }: Asked<K, V>): boolean {
    return this.#options.assignment.holds(partition) && partition.version === version
  }

  #takePart(partition: AssignedPartition<K, V>, answer: FetchAnswer): void {
    if (answer.errorCode !== errorCodes.NONE) return this.#takeError(partition, answer)
    partition.failureCount = 0
    partition.highWatermark = answer.highWatermark
    partition.lastStableOffset = answer.lastStableOffset
    partition.logStartOffset = answer.logStartOffset
    if (answer.records === null || answer.records.length === 0) return
    try {
      const { settings, readingOf } = this.#options
      const fetched = new FetchedRecords<K, V>({
        ...readingOf(partition),
        bytes: answer.records,
        fetchOffset: partition.fetchOffset,
        aborted: settings.isolationLevel === 1 ? (answer.abortedTransactions ?? []) : null,
      })
      if (fetched.isEmpty) return
      partition.fetched.push(fetched)
      partition.fetchOffset = fetched.endOffset
    } catch (error) {
      this.#options.keeper.fail(partition, error, 'read what was fetched')
    }
  }

  #takeError(partition: AssignedPartition<K, V>, answer: FetchAnswer): void {
    const { keeper } = this.#options
    const { errorCode, currentLeader } = answer
    const error = responseError(errorCode, `Fetch of ${partition.name} at offset ${partition.fetchOffset}`)
    publish({ nodeId: partition.leader?.nodeId ?? -1, partitionCount: 1, bytes: 0, error, partition })
    // Where fetching ahead fails it is soon enough to fail again once the application has come there.
    if (partition.hasNews) return keeper.pause(partition)
    if (errorCode === errorCodes.OFFSET_OUT_OF_RANGE)
      return partition.demand({
        kind: 'reset',
        reason: `offset ${partition.fetchOffset} is out of range${toldBounds(answer)}`,
      })
    if (!leaderErrors.has(errorCode)) return keeper.fail(partition, error, 'fetch')
    if (this.#knowsSuccessor(partition, currentLeader)) partition.leader = undefined
    else keeper.distrustLeader(partition)
  }

  /** Whether it is known who leads the partition after the one that was asked; the error may have told (KIP-951). */
  #knowsSuccessor(
    { topic, partition, leader }: AssignedPartition<K, V>,
    { leaderId, leaderEpoch }: FetchAnswer['currentLeader'],
  ): boolean {
    const { topics } = this.#options.client
    if (leaderId >= 0) topics.learnLeader(topic, partition, leaderId, leaderEpoch)
    const known = topics.current(topic)?.partitions[partition]
    return known !== undefined && known.leaderEpoch > (leader?.epoch ?? -1)
  }

  /** The broker cannot be asked: others may lead its partitions by now. */
  #lose(node: Node, partitions: readonly AssignedPartition<K, V>[], error: unknown): void {
    const { client, onFatal } = this.#options
    node.session.reset()
    const isPassing = (error instanceof TidemarkError && error.retriable) || isUnknownBroker(error)
    if (!isPassing) return onFatal(error)
    client.doubt({ nodeId: node.nodeId })
    for (const partition of partitions) {
      client.topics.doubt(partition.topic)
      partition.leader = undefined
    }
    this.#rest(node, error)
  }

  #rest(node: Node, error: unknown): void {
    publish({ nodeId: node.nodeId, partitionCount: 0, bytes: 0, error })
    const { env, limits } = this.#options.client
    const { retryBackoffMs: firstMs, retryBackoffMaxMs: maxMs } = limits
    // A session that the broker has forgotten is begun anew at once.
    const pauseMs = backoffMs(Math.max(1, node.failureCount), { firstMs, maxMs }, chanceFrom(env.random))
    if (node.failureCount++ > 0 || !(error instanceof KafkaError)) this.#restFor(node, pauseMs)
  }

  #restFor(node: Node, durationMs: number): void {
    const { client, onChange } = this.#options
    node.restUntilMs = client.env.clock.monotonicMs() + durationMs
    client.timers.after(durationMs + 1, onChange)
  }
}

function isFetchable<K, V>(partition: AssignedPartition<K, V>, nowMs: number): boolean {
  const { isOpen, error, fetched, retryAtMs } = partition
  return isOpen && error === undefined && fetched.length < fetchedAheadMax && retryAtMs <= nowMs
}

function wantedOf<K, V>(
  { topic, partition, leader, fetchOffset }: AssignedPartition<K, V>,
  partitionMaxBytes: number,
): WantedPartition {
  const { topicId = zeroUuid, epoch: currentLeaderEpoch = -1 } = leader ?? {}
  return { topic, partition, topicId, fetchOffset, currentLeaderEpoch, partitionMaxBytes }
}

function publish(event: FetchEvent): void {
  if (channels.fetch.hasSubscribers) channels.fetch.publish(event)
}

/** Apache Kafka 4.3 does not tell them beside an error. */
function toldBounds({ logStartOffset, highWatermark }: FetchAnswer): string {
  if (logStartOffset < 0 || highWatermark < 0) return ''
  return `: the log begins at ${logStartOffset} and has records up to ${highWatermark}`
}
