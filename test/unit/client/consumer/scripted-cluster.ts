import { ClusterClient } from '../../../../src/client/cluster/cluster-client.ts'
import { Consumer, type ConsumerOptions } from '../../../../src/client/consumer/consumer.ts'
import { encodeBatch } from '../../../../src/batch/encode-batch.ts'
import { nodeClock } from '../../../../src/env/node-clock.ts'
import { nodeRandom } from '../../../../src/env/node-random.ts'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import type { FetchRequest, FetchResponseInput } from '../../../../src/wire/messages/01-fetch.ts'
import type { ListOffsetsRequest } from '../../../../src/wire/messages/02-list-offsets.ts'
import type { OffsetCommitRequest } from '../../../../src/wire/messages/08-offset-commit.ts'
import type { OffsetFetchRequest } from '../../../../src/wire/messages/09-offset-fetch.ts'
import type { FindCoordinatorRequest } from '../../../../src/wire/messages/10-find-coordinator.ts'
import type { OffsetForLeaderEpochRequest } from '../../../../src/wire/messages/23-offset-for-leader-epoch.ts'
import { ScriptedTransport, twoBrokers } from '../scripted-transport.ts'

type PartitionAnswer = FetchResponseInput['responses'][number]['partitions'][number]
type Fetched = FetchRequest['topics'][number]['partitions'][number]

export const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ'

/** Two brokers, `a:1` and `b:2`, and one partition, `orders-0`, which one of them leads. */
export class ScriptedCluster implements Disposable {
  leaderId = 1
  leaderEpoch = 0
  /** What the leader has, from offset 0 on. */
  batches: Buffer[] = []
  endOffset = 0
  logStartOffset = 0
  /** Where epochs end: OffsetForLeaderEpoch answers with it. */
  epochEnd: { leaderEpoch: number; endOffset: number } = { leaderEpoch: -1, endOffset: -1 }
  /** Answers instead of the leader, while it gives something. */
  onFetch: ((asked: Fetched, address: string) => Partial<PartitionAnswer> | undefined) | undefined
  /** Told what is committed. The group has committed nothing before. */
  onCommit: ((offset: number) => void) | undefined
  readonly fetches: (Fetched & { readonly address: string; readonly maxWaitMs: number })[] = []
  readonly transport: ScriptedTransport
  readonly client: ClusterClient

  constructor() {
    this.transport = new ScriptedTransport({
      Metadata: () => this.#metadata(),
      ListOffsets: (request: ListOffsetsRequest) => this.#listOffsets(request),
      OffsetForLeaderEpoch: (request: OffsetForLeaderEpochRequest) => this.#epochEnds(request),
      FindCoordinator: ({ coordinatorKeys: [key = ''] }: FindCoordinatorRequest) => ({
        coordinators: [
          { ...{ key, nodeId: 2, host: 'b', port: 2 }, ...{ errorCode: 0, errorMessage: null } },
        ],
      }),
      OffsetFetch: ({ groups }: OffsetFetchRequest) => ({
        groups: groups.map(({ groupId }) => ({ groupId, topics: [] })),
      }),
      OffsetCommit: ({ topics }: OffsetCommitRequest) => this.#commit(topics),
      Fetch: (request: FetchRequest, address) => this.#fetch(request, address),
    })
    this.client = new ClusterClient({
      env: { clock: nodeClock(), random: nodeRandom() },
      bootstrapServers: 'a:1,b:2',
      transport: this.transport,
      limits: { retryBackoffMs: 1, retryBackoffMaxMs: 5, reconnectBackoffMs: 1, reconnectBackoffMaxMs: 5 },
    })
  }

  /** A consumer of `orders-0` from the beginning. */
  consumer(options: ConsumerOptions = {}): Consumer {
    const assignment = [{ topic: 'orders', partition: 0 }]
    return new Consumer(this.client, {
      assignment,
      autoOffsetReset: 'earliest',
      fetchMaxWaitMs: 5,
      ...options,
    })
  }

  /** Appends a batch of `count` records in the leader's epoch. */
  append(count: number, bytes?: Buffer): void {
    const records = Array.from({ length: count }, (_, index) => ({ value: String(this.endOffset + index) }))
    const { endOffset: baseOffset, leaderEpoch: partitionLeaderEpoch } = this
    this.batches.push(bytes ?? encodeBatch(records, { now: 1, baseOffset, partitionLeaderEpoch }))
    this.endOffset += count
  }

  [Symbol.dispose](): void {
    this.client.close()
  }

  #metadata() {
    const { topics, ...cluster } = twoBrokers(1, [this.leaderId])
    const partitions = (topics?.[0]?.partitions ?? []).map((each) => ({
      ...each,
      leaderEpoch: this.leaderEpoch,
    }))
    return { ...cluster, topics: [{ errorCode: 0, name: 'orders', topicId, partitions }] }
  }

  #listOffsets({ topics }: ListOffsetsRequest) {
    const answer = ({
      partitionIndex,
      timestamp,
    }: ListOffsetsRequest['topics'][number]['partitions'][number]) => ({
      ...{ partitionIndex, errorCode: 0, timestamp: -1, leaderEpoch: this.leaderEpoch },
      offset: timestamp === -2 ? this.logStartOffset : this.endOffset,
    })
    return { topics: topics.map(({ name, partitions }) => ({ name, partitions: partitions.map(answer) })) }
  }

  #epochEnds({ topics }: OffsetForLeaderEpochRequest) {
    return {
      topics: topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => ({ partition, errorCode: 0, ...this.epochEnd })),
      })),
    }
  }

  #commit(topics: OffsetCommitRequest['topics']) {
    const commit = ({ partitionIndex, committedOffset }: (typeof topics)[number]['partitions'][number]) => {
      this.onCommit?.(committedOffset)
      return { partitionIndex, errorCode: 0 }
    }
    return { topics: topics.map(({ name, partitions }) => ({ name, partitions: partitions.map(commit) })) }
  }

  #fetch(request: FetchRequest, address: string): FetchResponseInput {
    const asked = request.topics[0]?.partitions[0]
    if (asked === undefined) return { errorCode: 0, sessionId: 0, responses: [] }
    this.fetches.push({ ...asked, address, maxWaitMs: request.maxWaitMs })
    const partition = { ...this.#read(asked, address), ...this.onFetch?.(asked, address) }
    return { errorCode: 0, sessionId: 0, responses: [{ topic: 'orders', topicId, partitions: [partition] }] }
  }

  #read({ fetchOffset, currentLeaderEpoch }: Fetched, address: string): PartitionAnswer {
    const errorCode = this.#errorFor(address, currentLeaderEpoch, fetchOffset)
    const first = this.batches.findIndex(
      (batch) => Number(batch.readBigInt64BE(0)) + batch.readInt32BE(23) >= fetchOffset,
    )
    const isServed = errorCode === errorCodes.NONE && first >= 0
    return {
      ...{ partitionIndex: 0, errorCode, logStartOffset: this.logStartOffset, abortedTransactions: null },
      ...{ highWatermark: this.endOffset, lastStableOffset: this.endOffset },
      records: isServed ? Buffer.concat(this.batches.slice(first)) : Buffer.alloc(0),
    }
  }

  #errorFor(address: string, epoch: number, offset: number): number {
    if (address !== (this.leaderId === 1 ? 'a:1' : 'b:2')) return errorCodes.NOT_LEADER_OR_FOLLOWER
    if (epoch >= 0 && epoch < this.leaderEpoch) return errorCodes.FENCED_LEADER_EPOCH
    if (epoch > this.leaderEpoch) return errorCodes.UNKNOWN_LEADER_EPOCH
    const isInRange = offset >= this.logStartOffset && offset <= this.endOffset
    return isInRange ? errorCodes.NONE : errorCodes.OFFSET_OUT_OF_RANGE
  }
}
