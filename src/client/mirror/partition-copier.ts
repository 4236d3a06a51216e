import type { CompressionName } from '../../batch/compression.ts'
import { sizeBound } from '../../batch/record-size.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { ConsumedRecord } from '../consumer/consumed-record.ts'
import type { ProducerRecord } from '../producer/producer-record.ts'
import type { CodecProducers } from './codec-producers.ts'
import type { CopyProgress, TopicIds } from './copy-progress.ts'
import { MirrorConflictError } from './mirror-conflict.ts'
import type { MirrorNotes } from './mirror-notes.ts'
import { runsOf } from './offset-map.ts'

/** What a {@link PartitionCopier} works with. */
export interface CopierOptions extends TopicPartition {
  readonly progress: CopyProgress
  readonly ids: TopicIds
  /** What is noted of it now; undefined for nothing. */
  readonly note: string | undefined
  readonly notes: MirrorNotes
  readonly producers: CodecProducers
  /** Undefined: that of each record's batch. */
  readonly compression: CompressionName | undefined
  /** The most that the records of a batch may take, if there are several. */
  readonly batchBytes: number
}

/** A record on its way, as it is sent. */
interface Copy {
  readonly sourceOffset: number
  readonly record: ProducerRecord<Buffer, Buffer>
  /** Bytes that a batch of it alone takes at most. */
  readonly sizeBytes: number
  readonly compression: CompressionName
}

/** Of a record's bound, what is not its key, its value or its headers. */
const overheadBytes = sizeBound({})

/**
 * Copies the records of one partition. What has come together is a window: its note is written, then it is sent batch by batch, each
 * when the one before it is acknowledged. So whatever happens, the target has the first records of the window and no others.
 */
export class PartitionCopier implements TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly progress: CopyProgress
  /** What was copied by this run. Bytes are those of keys, values and headers. */
  recordCount = 0
  copiedBytes = 0
  /** Bytes that were taken and are not copied, as a bound. */
  pendingBytes = 0
  readonly #options: CopierOptions
  #waiting: Copy[] = []
  #running: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined
  #isStopped = false
  #note: string | undefined

  constructor(options: CopierOptions) {
    this.topic = options.topic
    this.partition = options.partition
    this.progress = options.progress
    this.#note = options.note
    this.#options = options
  }

  /** Whether there is anything that is taken and not copied. */
  get isBusy(): boolean {
    return this.#running !== undefined
  }

  /** Copies these next. What goes wrong is thrown by {@link throwIfFailed}. */
  take(records: readonly ConsumedRecord[]): void {
    if (records.length === 0) return
    for (const record of records) {
      const copy = this.#copyOf(record)
      this.pendingBytes += copy.sizeBytes
      this.#waiting.push(copy)
    }
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is under way. Does not reject. */
  async idle(): Promise<void> {
    await this.#running
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** As {@link finish}, but what is under way ends at the next batch, and what waits is let go. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.finish()
  }

  /** Notes, when all is copied that was taken, that nothing is ahead: whoever resumes has nothing to find out. */
  async finish(): Promise<void> {
    await this.idle()
    this.throwIfFailed()
    this.progress.dropAhead()
    await this.#writeNote()
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && !this.#isStopped) await this.#copy(this.#waiting.splice(0))
    } catch (error) {
      this.#failure = { error }
    }
    this.#running = undefined
  }

  async #copy(window: readonly Copy[]): Promise<void> {
    this.progress.plan(runsOf(window.map(({ sourceOffset }) => sourceOffset)))
    await this.#writeNote()
    for (const batch of batchesOf(window, this.#options.batchBytes)) {
      if (this.#isStopped) return
      await this.#send(batch)
    }
  }

  /** All in one turn, so that they are one batch, which the log takes whole or not at all. */
  async #send(batch: readonly Copy[]): Promise<void> {
    const [first] = batch
    if (first === undefined) return
    const producer = this.#options.producers.for(first.compression)
    const sent = await Promise.all(batch.map(({ record }) => producer.send(record)))
    let target = this.progress.copied.targetEnd
    for (const { offset } of sent) this.#refuseOther(offset, target++)
    this.progress.settle(batch.length)
    const bytes = batch.reduce((total, { sizeBytes }) => total + sizeBytes, 0)
    this.recordCount += batch.length
    this.copiedBytes += bytes - batch.length * overheadBytes
    this.pendingBytes -= bytes
  }

  /** Whether a record got another offset than expected; -1 is that of one that turned out to be there when it was sent again. */
  #refuseOther(offset: number, expected: number): void {
    if (offset === expected || offset < 0) return
    throw new MirrorConflictError(
      this,
      `a record was written at offset ${offset} of the target, not ${expected}: others are writing to it`,
    )
  }

  async #writeNote(): Promise<void> {
    const note = this.progress.toNote(this.#options.ids)
    if (note === this.#note) return
    await this.#options.notes.write(this, note)
    this.#note = note
  }

  #copyOf(consumed: ConsumedRecord): Copy {
    const { topic, partition } = this
    const headers = consumed.headerList.map(({ key, value }) => [key, value] as const)
    const content = { key: consumed.keyBytes, value: consumed.valueBytes, headers }
    // Messages of the oldest format have none: they get the time at which they are copied.
    const timestamp = consumed.timestamp < 0 ? undefined : consumed.timestamp
    return {
      ...{ sourceOffset: consumed.offset, sizeBytes: sizeBound(content) },
      record: { topic, partition, ...content, timestamp },
      compression: this.#options.compression ?? consumed.compression,
    }
  }
}

/** Records as batches of one compression, of `maxBytes` at most unless a single one is larger. */
export function* batchesOf<C extends Pick<Copy, 'sizeBytes' | 'compression'>>(
  copies: readonly C[],
  maxBytes: number,
): Generator<C[]> {
  let batch: C[] = []
  let bytes = 0
  for (const copy of copies) {
    const isFull = bytes + copy.sizeBytes > maxBytes || batch[0]?.compression !== copy.compression
    if (batch.length > 0 && isFull) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(copy)
    bytes += copy.sizeBytes
  }
  if (batch.length > 0) yield batch
}
