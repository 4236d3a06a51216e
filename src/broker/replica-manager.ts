import { join } from 'node:path'
import { TidemarkError } from '../base/errors.ts'
import type { ClusterView, PartitionView, TopicView, ViewChange } from '../cluster/cluster-view.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import type { Env } from '../env/env.ts'
import { partitionMetadataFile, type TopicPartition, topicPartitionDirectory } from '../log/file-names.ts'
import type { FilePool } from '../log/file-pool.ts'
import type { IndexCache } from '../log/index-cache.ts'
import type { LogConfig } from '../log/log-config.ts'
import { layOutLogs, type NewLog } from '../log/lay-out-logs.ts'
import { makeDirectoryDurably } from '../log/make-directory.ts'
import { PartitionLog } from '../log/partition-log.ts'
import { encodePartitionMetadata, readTopicId } from '../log/partition-metadata.ts'
import { replaceFile } from '../log/replace-file.ts'
import { operatingError, systemCode } from '../log/storage-error.ts'
import { KafkaError } from '../wire/kafka-error.ts'
import { uuidFromBase64Url } from '../../native-free/uuid.ts'
import type { DataDirectory } from './data-directory.ts'
import { Partition, type PartitionContext } from './partition.ts'

/** What the partitions of a broker need from it. */
export interface ReplicaManagerContext extends PartitionContext {
  readonly env: Env
  readonly view: ClusterView
  readonly directories: readonly DataDirectory[]
  readonly pool: FilePool
  readonly indexCache: IndexCache
  readonly logConfig: (topic: string) => LogConfig
  /** Told of a partition that cannot be opened: it is fenced, and the others serve. */
  readonly onFenced: (partition: TopicPartition, error: Error) => void
  /** Told of each partition that was opened. */
  readonly onOpened: (partition: Partition) => void
  /** Awaited each time that a partition has taken up who leads it. */
  readonly onFollowed: (partition: Partition) => Promise<void>
}

/** Logs that are recovered side by side: more would wait for the same disk. */
const openingsMax = 8

/** Partitions of a new topic that are made together. */
const makingsMax = 64

type Hosted = { readonly topicId: string; readonly directory: DataDirectory } & (
  | { readonly partition: Partition }
  | { readonly failure: Error }
)

/**
 * The replicas that this broker has (Kafka's ReplicaManager): one {@link Partition} for each that the cluster assigns
 * to it. Follows the cluster's view: opens and makes logs, takes up who leads, removes what was deleted. A log that
 * cannot be opened is fenced by itself.
 */
export class ReplicaManager {
  readonly #context: ReplicaManagerContext
  readonly #hosted = new Map<string, Hosted>()
  readonly #changes = new SerialQueue()
  #unwatch: (() => void) | undefined
  #makesNoMore = false

  constructor(context: ReplicaManagerContext) {
    this.#context = context
  }

  /** Opens what the view assigns to this broker, and follows the view from then on. */
  async start(onProgress?: (opened: number, total: number) => void): Promise<void> {
    const { view } = this.#context
    const mine = [...view.topics.values()].flatMap((topic) => this.#assignedHere(topic))
    await this.#layOutNew(mine)
    let opened = 0
    await eachOf(mine, openingsMax, async ([topic, partition]) => {
      await this.#host(topic, partition)
      onProgress?.(++opened, mine.length)
    })
    this.#unwatch = view.onChange((change) => void this.#changes.run(() => this.#apply(change)))
  }

  /** Resolves when all changes of the view so far are taken up. */
  async settled(): Promise<void> {
    await this.#changes.run(() => undefined)
  }

  /** Finishes the partitions that are being made, and makes no others: what waits is made at the next start. */
  makeNoMore(): void {
    this.#makesNoMore = true
  }

  /** All partitions that are open here. */
  *partitions(): IterableIterator<Partition> {
    for (const hosted of this.#hosted.values()) if ('partition' in hosted) yield hosted.partition
  }

  get count(): number {
    return this.#hosted.size
  }

  /** The partitions in `directory`, with why they are fenced if they are. */
  *inDirectory(directory: DataDirectory): IterableIterator<[string, Partition | undefined]> {
    for (const [name, hosted] of this.#hosted)
      if (hosted.directory === directory) yield [name, 'partition' in hosted ? hosted.partition : undefined]
  }

  /** The directory that has a partition; undefined when none here does. */
  directoryOf(of: TopicPartition): DataDirectory | undefined {
    return this.#hosted.get(topicPartitionDirectory(of))?.directory
  }

  find(topic: string, partition: number): Partition | undefined {
    const hosted = this.#hosted.get(topicPartitionDirectory({ topic, partition }))
    return hosted !== undefined && 'partition' in hosted ? hosted.partition : undefined
  }

  /**
   * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER when another broker has it,
   *   KAFKA_STORAGE_ERROR when its log is fenced
   */
  get(topic: string, partition: number): Partition {
    const hosted = this.#hosted.get(topicPartitionDirectory({ topic, partition }))
    if (hosted === undefined) throw this.#absence(topic, partition)
    if ('partition' in hosted) return hosted.partition
    throw new KafkaError('KAFKA_STORAGE_ERROR', hosted.failure.message, { cause: hosted.failure })
  }

  /** Closes every log. True when all of them were closed cleanly. */
  async close(): Promise<boolean> {
    this.makeNoMore()
    this.#unwatch?.()
    await this.settled()
    let clean = true
    await eachOf([...this.#hosted.values()], openingsMax, async (hosted) => {
      if ('failure' in hosted) {
        clean = false
        return
      }
      try {
        if (hosted.partition.failure !== undefined) clean = false
        await hosted.partition.close()
      } catch {
        clean = false
      }
    })
    return clean
  }

  #absence(topic: string, partition: number): KafkaError {
    if (this.#context.view.partition(topic, partition) === undefined)
      return new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${topic}-${partition}`)
    return new KafkaError('NOT_LEADER_OR_FOLLOWER', `${topic}-${partition} is not on this broker`)
  }

  #assignedHere(topic: TopicView): [TopicView, PartitionView][] {
    const { brokerId } = this.#context
    return topic.partitions
      .filter(({ replicas, version }) => version >= 0 && replicas.includes(brokerId))
      .map((partition) => [topic, partition])
  }

  async #apply(change: ViewChange): Promise<void> {
    for (const topic of change.deletedTopics)
      await eachOf(topic.partitions, openingsMax, ({ partition }) =>
        this.#drop({ topic: topic.name, partition }, topic.topicId),
      )
    for (const name of change.topics) {
      const topic = this.#context.view.topics.get(name)
      const mine = topic === undefined ? [] : this.#assignedHere(topic)
      await this.#takeUp(mine)
    }
    for (const config of change.configs) this.#reconfigure(config)
  }

  async #takeUp(assigned: readonly [TopicView, PartitionView][]): Promise<void> {
    for (let first = 0; first < assigned.length && !this.#makesNoMore; first += makingsMax) {
      const some = assigned.slice(first, first + makingsMax)
      await this.#layOutNew(some)
      await eachOf(some, openingsMax, ([topic, partition]) => this.#host(topic, partition))
    }
  }

  #reconfigure(name: string): void {
    for (const hosted of this.#hosted.values()) {
      if (!('partition' in hosted)) continue
      const { topic, index, log } = hosted.partition
      if (name.startsWith('brokers/') || name === `topics/${topic}`)
        log.reconfigure(this.#configOf({ topic, partition: index }, hosted.directory))
    }
  }

  /** A log that was ever compacted has gaps for good, whatever its policy is now: the cleaner's checkpoint tells. */
  #configOf(of: TopicPartition, directory: DataDirectory): LogConfig {
    const config = this.#context.logConfig(of.topic)
    return directory.offset('cleaner', of) === undefined ? config : { ...config, allowGaps: true }
  }

  /**
   * Makes the logs of those that are new, together: by itself each would wait for a dozen syncs. What a crash or a
   * failure leaves undone is made up for when the partition is opened; there it also shows which of them it was.
   */
  async #layOutNew(assigned: readonly [TopicView, PartitionView][]): Promise<void> {
    const { brokerId, directories, env } = this.#context
    const counts = this.#counts()
    const logs: NewLog[] = []
    for (const [{ name: topic, topicId }, { partition, leader, leaderEpoch }] of assigned) {
      const of = { topic, partition }
      const directory = emptiest(counts)
      if (this.#hosted.has(topicPartitionDirectory(of)) || directory.isKnown(of)) continue
      if (directories.some((each) => env.files.statSync(each.partitionPath(of)) !== undefined)) continue
      counts.set(directory, (counts.get(directory) ?? 0) + 1)
      logs.push({
        directory: directory.partitionPath(of),
        topicId: uuidFromBase64Url(topicId),
        leaderEpoch: leader === brokerId ? leaderEpoch : -1,
      })
    }
    try {
      await layOutLogs(env.files, logs)
    } catch (error) {
      if (systemCode(error) === undefined) throw error
    }
  }

  /** Takes up `view`, opening the log first if need be. What fails is fenced, and reported. */
  async #host(topic: TopicView, view: PartitionView): Promise<void> {
    const of = { topic: topic.name, partition: view.partition }
    const key = topicPartitionDirectory(of)
    const { topicId } = topic
    const hosted = this.#hosted.get(key)
    // One of an earlier topic of the name goes first: that it was deleted is about to be taken up.
    if (hosted !== undefined && hosted.topicId !== topicId) return
    const directory = hosted?.directory ?? this.#directoryFor(of)
    try {
      const partition =
        hosted !== undefined && 'partition' in hosted
          ? hosted.partition
          : await this.#open(topic, view, directory)
      await partition.follow(view)
      this.#hosted.set(key, { topicId, partition, directory })
      await this.#context.onFollowed(partition)
    } catch (error) {
      const failure = operatingError(`opening the partition ${key}`, error)
      if (!(failure instanceof TidemarkError)) throw failure
      this.#hosted.set(key, { topicId, failure, directory })
      this.#context.onFenced(of, failure)
    }
  }

  async #open(topic: TopicView, view: PartitionView, directory: DataDirectory): Promise<Partition> {
    const { env, pool, indexCache } = this.#context
    const of = { topic: topic.name, partition: view.partition }
    const path = directory.partitionPath(of)
    await this.#prepare(of, topic.topicId, directory)
    const recoveryPoint = directory.offset('recoveryPoint', of)
    const log = await PartitionLog.open(path, {
      env,
      pool,
      indexCache,
      config: this.#configOf(of, directory),
      startOffsets: directory.startOffsets(of),
      reserve: directory.reserve,
      ...(recoveryPoint === undefined ? {} : { recoveryPoint }),
    })
    // What a power cut took of the clean part comes back dirty.
    await directory.lower('cleaner', of, log.endOffset)
    const partition = new Partition({
      topic: topic.name,
      topicId: topic.topicId,
      log,
      view,
      context: this.#context,
    })
    this.#context.onOpened(partition)
    return partition
  }

  /** A directory that is left of another topic of the same name is put aside: its records are not this topic's. */
  async #prepare(of: TopicPartition, topicId: string, directory: DataDirectory): Promise<void> {
    const { files } = this.#context.env
    const path = directory.partitionPath(of)
    const foundId = readTopicId(files, path)
    // The id is written last: where it stands, the directory was made durable before.
    if (foundId === topicId) return
    if (foundId !== undefined) await directory.setAside(of)
    await makeDirectoryDurably(files, path)
    await replaceFile(
      files,
      join(path, partitionMetadataFile),
      encodePartitionMetadata(uuidFromBase64Url(topicId)),
    )
  }

  /** Unless there is one of another topic of the name: then the deleted one has never been here. */
  async #drop(of: TopicPartition, topicId: string): Promise<void> {
    const key = topicPartitionDirectory(of)
    const hosted = this.#hosted.get(key)
    if (hosted?.topicId !== topicId) return
    this.#hosted.delete(key)
    // It is to go: that it cannot be closed cleanly matters to nobody.
    if ('partition' in hosted) await hosted.partition.close().catch(() => undefined)
    await hosted.directory.removePartition(of).catch((error: unknown) => {
      this.#context.onFenced(of, error instanceof Error ? error : new Error(String(error)))
    })
  }

  /** Where the partition is, or, for a new one, the directory that has the fewest. */
  #directoryFor(of: TopicPartition): DataDirectory {
    const { directories, env } = this.#context
    const [only, ...others] = directories
    if (only !== undefined && others.length === 0) return only
    const found = directories.find(
      (directory) => env.files.statSync(directory.partitionPath(of)) !== undefined,
    )
    return found ?? emptiest(this.#counts())
  }

  /** How many partitions are in each directory. */
  #counts(): Map<DataDirectory, number> {
    const counts = new Map(this.#context.directories.map((directory) => [directory, 0]))
    for (const { directory } of this.#hosted.values()) counts.set(directory, (counts.get(directory) ?? 0) + 1)
    return counts
  }
}

function emptiest(counts: ReadonlyMap<DataDirectory, number>): DataDirectory {
  const [first] = [...counts].sort(([, a], [, b]) => a - b)
  if (first === undefined) throw new TypeError('a broker has at least one data directory')
  return first[0]
}

/** Runs `action` for each of `items`, at most `limit` at a time. */
async function eachOf<T>(
  items: readonly T[],
  limit: number,
  action: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  const work = async (): Promise<void> => {
    for (const item of rest) await action(item)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work))
}
