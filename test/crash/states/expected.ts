import type { ExpectedLog } from '../../property/expected-log.ts'
import { ModelLog, type PlacedBatch } from '../../property/model-log.ts'

/** What a power cut at one moment must leave. */
export interface Expected extends ExpectedLog {
  /** The log is being deleted: it may not open, but what is read of it must be of it. */
  readonly isDoomed: boolean
}

export const nothingExpected: Expected = {
  content: new ModelLog(),
  endMin: 0,
  startMin: 0,
  startMax: 0,
  isDoomed: false,
}

/** Two expectations with the same key ask the same of a disk. */
export function keyOf({ content, endMin, startMin, startMax, isDoomed }: Expected): string {
  const bounds = content.batches.map(({ nextOffset }) => nextOffset)
  return `${endMin} ${startMin} ${startMax} ${isDoomed} ${bounds.join(',')}`
}

/** What was promised up to now, which changes with every answer of the log. */
export class Promised {
  #now: Expected
  /** Batches as they were first read back. */
  readonly #bytes: Map<PlacedBatch, Buffer>
  readonly #isSynced: boolean

  /** @param isSynced whether an acknowledged append is durable */
  constructor(isSynced: boolean, from?: Promised) {
    this.#isSynced = isSynced
    this.#now = from?.now ?? nothingExpected
    this.#bytes = new Map(from?.bytes)
  }

  /** A new object after every change. */
  get now(): Expected {
    return this.#now
  }

  get bytes(): ReadonlyMap<PlacedBatch, Buffer> {
    return this.#bytes
  }

  /** From now on the log may hold these too. */
  submitted(content: ModelLog): void {
    this.#change({ content })
  }

  acknowledged({ nextOffset }: PlacedBatch): void {
    if (this.#isSynced) this.durableTo(nextOffset)
  }

  durableTo(offset: number): void {
    if (offset > this.#now.endMin) this.#change({ endMin: offset })
  }

  readBack(batch: PlacedBatch, bytes: Buffer): void {
    if (!this.#bytes.has(batch)) this.#bytes.set(batch, Buffer.from(bytes))
  }

  truncating(point: number): void {
    this.#change({ endMin: Math.min(this.#now.endMin, point) })
  }

  truncated(point: number): void {
    const content = this.#now.content.fork()
    content.truncate(point)
    this.#change({ content, endMin: point })
  }

  /** Segments may go up to `startMax`. */
  cutting(startMax: number): void {
    this.#change({ startMax: Math.max(this.#now.startMax, startMax) })
  }

  /** The log starts at `startOffset` now, and durably not before `startMin`. */
  cut(startOffset: number, startMin = this.#now.startMin): void {
    const content = this.#now.content.fork()
    content.startOffset = startOffset
    this.#change({ content, startMin, startMax: startOffset })
  }

  /** The log was opened, or closed cleanly, with this in it: all of that is durable. */
  settled(content: ModelLog): void {
    const { startOffset, endOffset } = content
    this.#change({ content, endMin: endOffset, startMin: startOffset, startMax: startOffset })
  }

  doomed(): void {
    this.#change({ isDoomed: true })
  }

  gone(): void {
    this.#now = { ...nothingExpected, content: new ModelLog() }
  }

  #change(change: Partial<Expected>): void {
    this.#now = { ...this.#now, ...change }
  }
}
