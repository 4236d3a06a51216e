import { setMaxListeners } from 'node:events'
import { partitionName } from '../admin/partition-map.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import { orAborted } from '../cluster/retry.ts'
import type { ConsumedBatch } from '../consumer/consumed-record.ts'
import type { Consumer, PartitionOffset } from '../consumer/consumer.ts'
import { batchBytes, CodecProducers } from './codec-producers.ts'
import type { ResolvedMirrorOptions } from './mirror-options.ts'
import { MirrorNotes } from './mirror-notes.ts'
import type { MirrorProgress, MirrorReport } from './mirror-report.ts'
import { MirroredGroups } from './mirrored-groups.ts'
import { type MirroredTopic, prepareTopics } from './mirrored-topics.ts'
import { PartitionCopier } from './partition-copier.ts'
import { readUpTo } from './read-up-to.ts'
import { resumeAll } from './resume.ts'

/** Records of one partition that are handed over at once at most. */
const maxPollRecords = 5000
/** What of `max.message.bytes` a batch may take: its size is known before it is encoded, as a bound. */
const batchShare = 0.9

/** One run of a mirror, from where the last one ended. */
export class MirrorRun {
  readonly #options: ResolvedMirrorOptions
  readonly #signal: AbortSignal | undefined
  /** By the names of their partitions. */
  readonly #copiers = new Map<string, PartitionCopier>()
  #consumer: Consumer | undefined
  #movedOffsetCount = 0

  constructor(options: ResolvedMirrorOptions, signal: AbortSignal | undefined) {
    this.#options = options
    this.#signal = signal
    // Many partitions are asked about at once, each with a listener of its own: Node would take that for a leak.
    if (signal !== undefined) setMaxListeners(0, signal)
  }

  /** See `Mirror.run`. */
  async run(): Promise<MirrorReport> {
    const { target, clock } = this.#options
    try {
      const sourceClusterId = await this.#sourceClusterId()
      await using notes = await MirrorNotes.open({ target, sourceClusterId, clock, ...this.#waiting })
      const topics = await prepareTopics({ ...this.#options, ...this.#waiting })
      await using producers = new CodecProducers(target)
      await this.#resume(topics, notes, producers)
      await this.#copy()
    } catch (error) {
      if (!this.#isStop(error)) throw error
    }
    return this.#report()
  }

  progress(): MirrorProgress {
    const copiers = [...this.#copiers.values()]
    return {
      recordCount: sum(copiers, ({ recordCount }) => recordCount),
      copiedBytes: sum(copiers, ({ copiedBytes }) => copiedBytes),
      lag: sum(this.#consumer?.assignment() ?? [], (each) => this.#consumer?.lag(each) ?? 0),
    }
  }

  get #isStopped(): boolean {
    return this.#signal?.aborted === true
  }

  #isStop(error: unknown): boolean {
    return this.#isStopped && error === this.#signal?.reason
  }

  get #waiting() {
    return { signal: this.#signal }
  }

  /** @throws TypeError when it is that of the target too */
  async #sourceClusterId(): Promise<string> {
    const { source, target } = this.#options
    const asking = this.#signal === undefined ? {} : { signal: this.#signal }
    const [from, to] = await Promise.all([
      source.admin().describeCluster(asking),
      target.admin().describeCluster(asking),
    ])
    if (from.clusterId !== to.clusterId) return from.clusterId
    throw new TypeError(`the source and the target of a mirror are one cluster: ${from.clusterId}`)
  }

  async #resume(
    topics: readonly MirroredTopic[],
    notes: MirrorNotes,
    producers: CodecProducers,
  ): Promise<void> {
    const partitions = topics.flatMap(({ name: topic, partitions: count, ...rest }) =>
      Array.from({ length: count }, (_, partition) => {
        const of = { topic, partition }
        return { ...of, ...rest, note: notes.get(of) }
      }),
    )
    const resumed = await resumeAll(partitions, { ...this.#options, ...this.#waiting })
    for (const [index, progress] of resumed.entries()) {
      const partition = partitions[index]
      if (partition === undefined) continue
      const { topic, partition: number, note, sourceTopicId, targetTopicId, maxBatchBytes } = partition
      const copier = new PartitionCopier({
        ...{
          topic,
          partition: number,
          progress,
          note,
          notes,
          producers,
          ids: { sourceTopicId, targetTopicId },
        },
        compression: this.#options.compression,
        batchBytes: Math.min(batchBytes, Math.floor(maxBatchBytes * batchShare)),
      })
      this.#copiers.set(partitionName(copier), copier)
    }
  }

  async #copy(): Promise<void> {
    const { source, isolationLevel } = this.#options
    await using consumer = source.consumer({
      assignment: [...this.#copiers.values()].map(({ topic, partition, progress }) => ({
        ...{ topic, partition, offset: progress.copied.sourceEnd },
      })),
      ...{ isolationLevel, autoOffsetReset: 'earliest', allowAutoCreateTopics: false, maxPollRecords },
    })
    this.#consumer = consumer
    const groups = this.#newGroups()
    try {
      await this.#read(consumer, groups)
    } catch (error) {
      if (!this.#isStop(error)) {
        // What went wrong with one partition must not leave the others without a note.
        await Promise.allSettled(this.#stopAll())
        throw error
      }
    }
    await Promise.all(this.#isStopped ? this.#stopAll() : this.#finishAll())
    // A last time, whatever the signal says: what was copied is there.
    this.#movedOffsetCount += (await groups?.sync(undefined)) ?? 0
  }

  async #read(consumer: Consumer, groups: MirroredGroups | undefined): Promise<void> {
    const { clock, follow, groupsIntervalMs } = this.#options
    const ends = follow ? undefined : await this.#endsOf(consumer)
    let syncAtMs = clock.monotonicMs() + groupsIntervalMs
    for await (const batch of readUpTo(consumer, { clock, ends, ...this.#waiting })) {
      if (batch !== undefined) await this.#take(batch)
      for (const copier of this.#copiers.values()) copier.throwIfFailed()
      if (groups === undefined || !follow || clock.monotonicMs() < syncAtMs) continue
      this.#movedOffsetCount += await groups.sync(this.#signal)
      syncAtMs = clock.monotonicMs() + groupsIntervalMs
    }
  }

  /** Where there is something to read, as of now; the other partitions are not waited for. */
  async #endsOf(consumer: Consumer): Promise<PartitionOffset[]> {
    const ends = await consumer.endOffsets(
      consumer.assignment(),
      this.#signal === undefined ? {} : { signal: this.#signal },
    )
    const isBehind = (end: PartitionOffset): boolean =>
      (this.#copierOf(end)?.progress.copied.sourceEnd ?? 0) < end.offset
    consumer.pause(ends.filter((end) => !isBehind(end)))
    return ends.filter(isBehind)
  }

  /** Hands records over, and waits while too much is on its way. */
  async #take(batch: ConsumedBatch): Promise<void> {
    this.#copierOf(batch)?.take(batch.records)
    const copiers = [...this.#copiers.values()]
    while (sum(copiers, ({ pendingBytes }) => pendingBytes) > this.#options.maxPendingBytes) {
      for (const copier of copiers) copier.throwIfFailed()
      const busy = copiers.filter(({ isBusy }) => isBusy)
      await orAborted(Promise.race(busy.map((each) => each.idle())), this.#signal)
    }
  }

  #copierOf(of: TopicPartition): PartitionCopier | undefined {
    return this.#copiers.get(partitionName(of))
  }

  #stopAll(): Promise<void>[] {
    return [...this.#copiers.values()].map((each) => each.stop())
  }

  #finishAll(): Promise<void>[] {
    return [...this.#copiers.values()].map((each) => each.finish())
  }

  #newGroups(): MirroredGroups | undefined {
    if (this.#options.groups.length === 0) return undefined
    const mapOf = (of: TopicPartition) => this.#copierOf(of)?.progress.copied
    return new MirroredGroups({ ...this.#options, mapOf })
  }

  #report(): MirrorReport {
    const partitions = [...this.#copiers.values()].map(
      ({ topic, partition, recordCount, copiedBytes, progress: { copied } }) => ({
        ...{ topic, partition, recordCount, copiedBytes },
        ...{ sourceOffset: copied.sourceEnd, targetOffset: copied.targetEnd },
      }),
    )
    return { partitions, movedOffsetCount: this.#movedOffsetCount, isStopped: this.#isStopped }
  }
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0)
}
