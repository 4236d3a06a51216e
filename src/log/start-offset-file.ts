import { basename, join } from 'node:path'
import type { Files } from '../env/env.ts'
import { decodeOffsetCheckpoints, encodeOffsetCheckpoints } from './checkpoint-file.ts'
import { logStartOffsetCheckpointFile, parseTopicPartition, type TopicPartition } from './file-names.ts'
import { readWhole, replaceFile } from './replace-file.ts'

/** Where a log's start offset is kept when it lies inside a segment. A broker keeps it for many partitions in one file. */
export interface StartOffsetStore {
  load(): number
  /** Durable when it resolves. */
  store(offset: number): Promise<void>
}

/** One entry takes less: a larger file is none of ours. */
const fileBytesMax = 64 * 1024

/**
 * The start offset of an embedded log, in Kafka's `log-start-offset-checkpoint` format but inside the log's own
 * directory. A damaged file counts as none: the log then starts where its first segment does.
 */
export class StartOffsetFile implements StartOffsetStore {
  readonly #files: Files
  readonly #path: string
  readonly #name: TopicPartition

  constructor(files: Files, directory: string) {
    this.#files = files
    this.#path = join(directory, logStartOffsetCheckpointFile)
    const name = basename(directory)
    this.#name = parseTopicPartition(name) ?? { topic: name.replace(/\s/g, '_') || 'log', partition: 0 }
  }

  load(): number {
    if ((this.#files.statSync(this.#path)?.sizeBytes ?? 0) > fileBytesMax) return 0
    const bytes = readWhole(this.#files, this.#path, fileBytesMax)
    return (bytes && decodeOffsetCheckpoints(bytes.toString()).value?.[0]?.offset) ?? 0
  }

  store(offset: number): Promise<void> {
    return replaceFile(this.#files, this.#path, encodeOffsetCheckpoints([{ ...this.#name, offset }]))
  }
}
