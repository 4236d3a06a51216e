import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadAnswer, LoadRequest } from '../recovery/load-answer.ts'

/**
 * What a real Kafka left on the disk, and what it says of it itself:
 *
 * - `clean/`, `killed/`: the partition directories and checkpoints after a clean stop and after `kill -9`; beside each
 *   partition `<topic>.read_uncommitted.txt`, and where there are transactions `<topic>.read_committed.txt`, in
 *   the words of Kafka's console consumer; and `loaded.json`, what Kafka's loader makes of the directories
 * - `clean/<topic>.dump.txt`, of some topics: what its `DumpLogSegments` prints of every file of a segment
 * - `internal/`: the logs of Kafka's own topics
 */
export class Recording {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** What Kafka's loader said. */
  loaded(stop: Stop): Loaded[] {
    return JSON.parse(this.text(stop, 'loaded.json')) as Loaded[]
  }

  /** A file of text beside the partitions. */
  text(stop: Stop, name: string): string {
    return readFileSync(this.path(stop, name), 'utf8')
  }

  path(folder: Stop | 'internal', name: string): string {
    return join(this.#directory, folder, name)
  }
}

/** How the broker ended. */
export type Stop = 'clean' | 'killed'

/** One partition as Kafka's loader saw it. */
export interface Loaded {
  readonly topic: string
  /** What the log directory says of it. */
  readonly known: Omit<LoadRequest, 'directory'>
  readonly answer: LoadAnswer
  /** What it says when it has to scan all of it, as after an unclean stop without a recovery point. */
  readonly rebuilt: LoadAnswer
}
