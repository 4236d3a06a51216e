import type { Clock } from '../../env/env.ts'
import type { AdminError } from '../admin/admin-error.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { MirrorEnd, MirrorProducer } from './mirror-end.ts'
import { readRange } from './read-range.ts'

/** The topic of the target in which mirrors keep their progress. It is compacted: of each partition the last note counts. */
export const notesTopic = 'tidemark-mirror-offsets'

/** Notes are small and many: without closed segments there is nothing to compact. */
const notesConfig = { 'cleanup.policy': 'compact', 'segment.bytes': 16 * 1024 * 1024 }

const partition = 0

/** How {@link MirrorNotes} are opened. */
export interface MirrorNotesOptions {
  readonly target: MirrorEnd
  /** Cluster id of the source, which is part of the keys: several sources may have one target. */
  readonly sourceClusterId: string
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

/** What mirrors have written down in the target of how far they are. */
export class MirrorNotes implements AsyncDisposable {
  readonly #sourceClusterId: string
  readonly #producer: MirrorProducer
  /** The last note of each key. */
  readonly #notes: ReadonlyMap<string, string>

  private constructor(sourceClusterId: string, producer: MirrorProducer, notes: ReadonlyMap<string, string>) {
    this.#sourceClusterId = sourceClusterId
    this.#producer = producer
    this.#notes = notes
  }

  /** Makes the topic if there is none, and reads what is in it. */
  static async open({ target, sourceClusterId, clock, signal }: MirrorNotesOptions): Promise<MirrorNotes> {
    await createNotesTopic(target, signal)
    const notes = await readNotes(target, clock, signal)
    const producer = target.producer({ lingerMs: 0, allowAutoTopicCreation: false })
    return new MirrorNotes(sourceClusterId, producer, notes)
  }

  /** What was noted when this was opened. */
  get(of: TopicPartition): string | undefined {
    return this.#notes.get(this.#keyOf(of))
  }

  /** Resolves when it is written. Notes are written in the order of the calls. */
  async write(of: TopicPartition, note: string): Promise<void> {
    await this.#producer.send({ topic: notesTopic, partition, key: this.#keyOf(of), value: note })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#producer.close()
  }

  /** The members always in this order: keys are compared byte by byte. */
  #keyOf({ topic, partition: index }: TopicPartition): string {
    return JSON.stringify({ cluster: this.#sourceClusterId, topic, partition: index })
  }
}

async function createNotesTopic(target: MirrorEnd, signal: AbortSignal | undefined): Promise<void> {
  const topic = { name: notesTopic, partitions: 1, config: notesConfig }
  const options = { throwOnError: false, ...(signal === undefined ? {} : { signal }) }
  const [created] = await target.admin().createTopics([topic], options)
  const error: AdminError | undefined = created?.error
  if (error !== undefined && error.kafkaName !== 'TOPIC_ALREADY_EXISTS') throw error
}

async function readNotes(
  target: MirrorEnd,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const notes = new Map<string, string>()
  const [end] = await target.admin().listOffsets([{ topic: notesTopic, partition, at: 'latest' }])
  const range = { topic: notesTopic, partition, start: 0, end: end?.offset ?? 0 }
  const reading = { clock, signal, isolationLevel: 'read_uncommitted' } as const
  for await (const { keyBytes, valueBytes } of readRange(target, range, reading))
    if (keyBytes !== null && valueBytes !== null) notes.set(String(keyBytes), String(valueBytes))
  return notes
}
