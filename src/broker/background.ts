import type { Clock } from '../env/env.ts'
import type { DataDirectory } from './data-directory.ts'
import { LogCleaner } from './log-cleaner.ts'
import type { Partition } from './partition.ts'
import type { ReplicaManager } from './replica-manager.ts'
import type { BrokerConfig } from './config/declared-configs.ts'

/** What keeps a broker's logs in shape. */
export interface BackgroundContext {
  readonly clock: Clock
  readonly config: () => BrokerConfig
  readonly replicas: ReplicaManager
  readonly directories: readonly DataDirectory[]
  /** Told of what failed; it is tried again the next time. */
  readonly onFailure: (doing: string, error: unknown) => void
}

/** How often logs under `'interval'` are looked at: their `flush.ms` are kept to within it. */
const flushCheckMs = 250

/** However often somebody wants it: each time costs something, and other work is to be done in between. */
const intervalMsMin = 100

/** How often silent idempotent producers are forgotten (`producer.id.expiration.check.interval.ms`). */
const producerCheckMs = 600_000

/**
 * What a broker does by itself, now and then: retention, compaction, syncing under `'interval'`, forgetting silent producers, and
 * writing the checkpoints by which the next start, or a Kafka that takes the directory over, knows where it stands.
 */
export class Background {
  readonly #context: BackgroundContext
  readonly #stopped = new AbortController()
  readonly #flushedMs = new WeakMap<Partition, number>()
  readonly #cleaner: LogCleaner
  #running: Promise<void>[] = []

  constructor(context: BackgroundContext) {
    this.#context = context
    this.#cleaner = new LogCleaner(context)
  }

  start(): void {
    const { config } = this.#context
    this.#running = [
      this.#every(
        'applying retention',
        () => config()['log.retention.check.interval.ms'],
        () => this.applyRetention(),
      ),
      this.#every(
        'compacting',
        () => config()['log.cleaner.backoff.ms'],
        () => this.compact(),
      ),
      this.#every(
        'syncing',
        () => flushCheckMs,
        () => this.#flushDue(),
      ),
      this.#every(
        'forgetting producers',
        () => producerCheckMs,
        () => this.#expireProducers(),
      ),
      this.#every(
        'storing recovery points',
        () => config()['log.flush.offset.checkpoint.interval.ms'],
        () => this.#store('recoveryPoint'),
      ),
      this.#every(
        'storing high watermarks',
        () => config()['replica.high.watermark.checkpoint.interval.ms'],
        () => this.#store('highWatermark'),
      ),
    ]
  }

  /** Resolves when what was under way has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#cleaner.close()
    await Promise.all(this.#running)
  }

  /** Deletes what the retention settings of each topic say. Returns how many segments went. */
  async applyRetention(): Promise<number> {
    let count = 0
    for (const partition of this.#context.replicas.partitions())
      count += await this.#tend(partition, 'applying retention', () => partition.log.applyRetention())
    return count
  }

  /** Compacts the logs that are dirty enough. Returns how many passes were made. */
  compact(): Promise<number> {
    return this.#cleaner.clean()
  }

  /** Notes where each partition stands, for the checkpoints. */
  noteOffsets(): void {
    const { replicas, directories } = this.#context
    for (const directory of directories)
      for (const [, partition] of replicas.inDirectory(directory)) {
        if (partition === undefined) continue
        const of = { topic: partition.topic, partition: partition.index }
        directory.note('recoveryPoint', of, partition.log.recoveryPoint)
        directory.note('highWatermark', of, partition.highWatermark)
      }
  }

  async #flushDue(): Promise<void> {
    const nowMs = this.#context.clock.monotonicMs()
    for (const partition of this.#context.replicas.partitions()) {
      const { state } = partition.log
      const { durability, syncIntervalMs } = state.config
      if (durability !== 'interval' || state.durableOffset >= state.writtenOffset) continue
      if (nowMs - (this.#flushedMs.get(partition) ?? 0) < syncIntervalMs) continue
      this.#flushedMs.set(partition, nowMs)
      await this.#tend(partition, 'syncing', async () => {
        await partition.log.flush()
        return 1
      })
    }
  }

  async #expireProducers(): Promise<void> {
    for (const partition of this.#context.replicas.partitions()) partition.log.expireProducers()
  }

  async #store(kind: 'recoveryPoint' | 'highWatermark'): Promise<void> {
    this.noteOffsets()
    for (const directory of this.#context.directories) await directory.store(kind)
  }

  /** One partition's failure is its own: the others are tended. */
  async #tend(partition: Partition, doing: string, action: () => Promise<number>): Promise<number> {
    if (!partition.log.isOpen || partition.failure !== undefined) return 0
    try {
      return await action()
    } catch (error) {
      this.#context.onFailure(`${doing} of ${partition.name}`, error)
      return 0
    }
  }

  async #every(doing: string, intervalMs: () => number, action: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#stopped
    const { clock, onFailure } = this.#context
    for (;;) {
      try {
        await clock.sleep(Math.max(intervalMs(), intervalMsMin), signal)
      } catch {
        return
      }
      try {
        await action()
      } catch (error) {
        onFailure(doing, error)
      }
    }
  }
}
