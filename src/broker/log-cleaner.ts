import { SerialQueue } from '../base/serial-queue.ts'
import type { Clock } from '../env/env.ts'
import { type CleanableRange, dirtyRatio } from '../log/cleanable-range.ts'
import { isCompacted } from '../log/cleanup-policy.ts'
import type { CompactionOptions, CompactionReport } from '../log/compaction-report.ts'
import type { TopicPartition } from '../log/file-names.ts'
import type { BrokerConfig } from './config/declared-configs.ts'
import type { DataDirectory } from './data-directory.ts'
import type { Partition } from './partition.ts'
import type { ReplicaManager } from './replica-manager.ts'

/** What the cleaner needs of the broker. */
export interface LogCleanerContext {
  readonly clock: Clock
  readonly config: () => BrokerConfig
  readonly replicas: ReplicaManager
  readonly directories: readonly DataDirectory[]
  /** Told of a pass that failed; it is made again in a later round. */
  readonly onFailure: (doing: string, error: unknown) => void
}

/** A log that a pass is due for. */
interface DirtyLog {
  readonly partition: Partition
  readonly directory: DataDirectory
  readonly range: CleanableRange
}

/**
 * Compacts the logs of the topics whose `cleanup.policy` says so, one at a time and the dirtiest first (Kafka's
 * LogCleaner). How far a log is clean is kept in the data directory's `cleaner-offset-checkpoint`, as Kafka keeps it.
 */
export class LogCleaner {
  readonly #context: LogCleanerContext
  readonly #rounds = new SerialQueue()
  readonly #closing = new AbortController()
  /** From then on a pass has tombstones to drop although nothing is dirty; not stored, for the next pass learns it again. */
  readonly #deleteHorizonMs = new WeakMap<Partition, number>()

  constructor(context: LogCleanerContext) {
    this.#context = context
  }

  /** Makes passes until no log calls for one, or those that do got no further. Returns how many were made. */
  clean(): Promise<number> {
    return this.#rounds.run(async () => {
      if (!this.#context.config()['log.cleaner.enable']) return 0
      const done = new Set<Partition>()
      let count = 0
      for (;;) {
        const dirtiest = this.#dirtiest(done)
        if (dirtiest === undefined || this.#closing.signal.aborted) return count
        const report = await this.#attempt(dirtiest)
        if (report !== undefined) count++
        if (report === undefined || report.firstDirtyOffset <= dirtiest.range.firstDirtyOffset)
          done.add(dirtiest.partition)
      }
    })
  }

  /** Gives up the pass under way, and resolves when it has ended. What it had done stays. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#rounds.run(() => undefined)
  }

  /** Of the logs that a pass is due for, the one with the largest share of dirty bytes. */
  #dirtiest(except: ReadonlySet<Partition>): DirtyLog | undefined {
    let dirtiest: DirtyLog | undefined
    for (const directory of this.#context.directories)
      for (const [, partition] of this.#context.replicas.inDirectory(directory)) {
        if (partition === undefined || except.has(partition)) continue
        const found = this.#ifDue(partition, directory)
        if (found === undefined) continue
        if (dirtiest === undefined || dirtyRatio(found.range) > dirtyRatio(dirtiest.range)) dirtiest = found
      }
    return dirtiest
  }

  #ifDue(partition: Partition, directory: DataDirectory): DirtyLog | undefined {
    const { log } = partition
    if (!isCompacted(log.state.config) || !log.isOpen || partition.failure !== undefined) return undefined
    try {
      const options = optionsFor(partition, directory)
      const horizonMs = this.#deleteHorizonMs.get(partition) ?? Number.POSITIVE_INFINITY
      if (!log.compactor.isDue(options) && this.#context.clock.nowMs() < horizonMs) return undefined
      return { partition, directory, range: log.compactor.range(options) }
    } catch (error) {
      this.#report(partition, error)
      return undefined
    }
  }

  /** Makes a pass; undefined when it failed, which is that log's affair alone. */
  async #attempt(log: DirtyLog): Promise<CompactionReport | undefined> {
    try {
      return await this.#compact(log)
    } catch (error) {
      this.#report(log.partition, error)
      return undefined
    }
  }

  async #compact({ partition, directory, range }: DirtyLog): Promise<CompactionReport> {
    const of = topicPartition(partition)
    // Before the first gap: whatever becomes of the policy, the next start must know that this log may have some.
    if (directory.offset('cleaner', of) === undefined)
      await this.#remember(partition, directory, range.firstDirtyOffset)
    const options = { ...optionsFor(partition, directory), signal: this.#closing.signal }
    const report = await partition.log.compact(options)
    await this.#remember(partition, directory, report.firstDirtyOffset)
    // One that was cut short does not know of all that it has left.
    if (report.isComplete || report.earliestDeleteHorizonMs !== undefined)
      this.#deleteHorizonMs.set(partition, report.earliestDeleteHorizonMs ?? Number.POSITIVE_INFINITY)
    return report
  }

  /** Durable when it resolves. Of a partition that was deleted meanwhile nothing is kept: another may have its name. */
  async #remember(partition: Partition, directory: DataDirectory, firstDirtyOffset: number): Promise<void> {
    const of = topicPartition(partition)
    if (this.#context.replicas.find(of.topic, of.partition) !== partition) return
    // What was cut off its end meanwhile, and is there anew, is dirty.
    directory.note('cleaner', of, Math.min(firstDirtyOffset, partition.log.state.writtenOffset))
    await directory.store('cleaner')
  }

  /** That a log was closed, or the cleaner, is no failure. */
  #report(partition: Partition, error: unknown): void {
    if (this.#closing.signal.aborted || !partition.log.isOpen) return
    this.#context.onFailure(`compacting ${partition.name}`, error)
  }
}

function optionsFor(partition: Partition, directory: DataDirectory): CompactionOptions {
  const { dedupeBufferBytes } = partition.log.state.config
  const firstDirtyOffset = directory.offset('cleaner', topicPartition(partition))
  const { lastStableOffset } = partition
  return {
    ...{ dedupeBufferBytes, lastStableOffset },
    ...(firstDirtyOffset === undefined ? {} : { firstDirtyOffset }),
  }
}

function topicPartition({ topic, index }: Partition): TopicPartition {
  return { topic, partition: index }
}
