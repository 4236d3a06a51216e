import { readControlRecord } from '../batch/control-record.ts'
import { encodeBatch } from '../batch/encode-batch.ts'
import type { ClusterView } from '../cluster/cluster-view.ts'
import type { Clock } from '../env/env.ts'
import { BatchStream } from '../log/batch-stream.ts'
import type {
  CoordinatorLog,
  CoordinatorRecord,
  LoggedMarker,
  LoggedRecord,
  TransactionProducer,
} from './groups/coordinator-log.ts'
import type { ReplicaManager } from './replica-manager.ts'

/** Where groups and their offsets are kept, in Kafka's record formats. */
export const offsetsTopic = '__consumer_offsets'

/** Read at once while a coordinator loads. */
const replayBytes = 1024 * 1024

/** The topic `__consumer_offsets` as the group coordinator sees it. */
export class OffsetsTopic implements CoordinatorLog {
  readonly #replicas: ReplicaManager
  readonly #view: ClusterView
  readonly #clock: Clock
  readonly #timeoutMs: () => number
  readonly #configuredCount: () => number

  constructor(given: {
    replicas: ReplicaManager
    view: ClusterView
    clock: Clock
    /** Of an append that waits for its replicas. */
    timeoutMs: () => number
    /** Partitions that the topic will have, while there is none. */
    partitionCount: () => number
  }) {
    this.#replicas = given.replicas
    this.#view = given.view
    this.#clock = given.clock
    this.#timeoutMs = given.timeoutMs
    this.#configuredCount = given.partitionCount
  }

  partitionCount(): number {
    return this.#view.topics.get(offsetsTopic)?.partitions.length ?? this.#configuredCount()
  }

  async append(
    partition: number,
    records: readonly CoordinatorRecord[],
    transaction?: TransactionProducer,
  ): Promise<void> {
    const replica = this.#replicas.get(offsetsTopic, partition)
    const batch = encodeBatch(records, {
      now: this.#clock.nowMs(),
      maxBytes: replica.log.state.config.maxMessageBytes,
      ...(transaction === undefined ? {} : { ...transaction, isTransactional: true }),
    })
    await replica.append(batch, { requiredAcks: -1, timeoutMs: this.#timeoutMs() })
  }

  async *replay(partition: number): AsyncIterable<LoggedRecord | LoggedMarker> {
    const { log } = this.#replicas.get(offsetsTopic, partition)
    const stream = new BatchStream(log.reader, log.state, {
      from: log.startOffset,
      to: log.endOffset,
      follow: false,
      maxBytes: replayBytes,
      signal: undefined,
      isOpen: () => log.isOpen,
    })
    for await (const batch of stream) {
      const { producerId, isTransactional } = batch
      for (const record of batch.records()) {
        if (batch.isControl) yield { producerId, isCommitted: readControlRecord(record).type === 'COMMIT' }
        else {
          const { key, value, timestamp } = record
          // Kafka's own cleaner keeps no record without a key either.
          if (key !== null) yield { key, value, timestamp, ...(isTransactional ? { producerId } : {}) }
        }
      }
    }
  }
}
