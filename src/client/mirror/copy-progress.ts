import { assert } from '../../base/assert.ts'
import { SerializationError } from '../../base/errors.ts'
import { OffsetMap, type Run, type Stretch } from './offset-map.ts'

/** The topics that are meant: one that is deleted and created anew under its name is another. */
export interface TopicIds {
  readonly sourceTopicId: string
  readonly targetTopicId: string
}

const noteVersion = 1

/**
 * How far one partition is copied: what is known to be in the target, and what is about to follow it.
 *
 * The note of it is written *before* the records ahead are sent. After whatever end, the records that the target has beyond what is
 * noted as copied are the first of those noted as ahead: their number alone says how many, with nothing added to them, and even when the
 * source has deleted or compacted its own meanwhile.
 */
export class CopyProgress {
  readonly copied: OffsetMap
  #ahead: Run[]

  constructor(copied: OffsetMap, ahead: readonly Run[] = []) {
    this.copied = copied
    this.#ahead = [...ahead]
  }

  /** How many records are ahead. */
  get aheadCount(): number {
    return this.#ahead.reduce((total, { count }) => total + count, 0)
  }

  /** These records follow what is copied; there must be nothing ahead. */
  plan(runs: readonly Run[]): void {
    assert(this.#ahead.length === 0, 'one window is ahead at a time')
    this.#ahead = [...runs]
  }

  /** The source's offsets of the first `count` records ahead. */
  *aheadOffsets(count = this.aheadCount): Generator<number> {
    let left = count
    for (const run of this.#ahead)
      for (let index = 0; index < run.count && left > 0; index++, left--) yield run.source + index
  }

  /** The first `count` records ahead are in the target. */
  settle(count: number): void {
    assert(count <= this.aheadCount, 'no more is settled than was planned')
    let left = count
    while (left > 0) {
      const run = this.#ahead.shift()
      assert(run !== undefined, 'there is a run for each record ahead')
      const taken = Math.min(left, run.count)
      this.copied.add({ source: run.source, count: taken })
      if (taken < run.count) this.#ahead.unshift({ source: run.source + taken, count: run.count - taken })
      left -= taken
    }
  }

  /** Nothing more of what is ahead will be sent. */
  dropAhead(): void {
    this.#ahead = []
  }

  /** What is written down of it. */
  toNote(ids: TopicIds): string {
    const copied = this.copied.stretches.map(({ source, span, target, count }) => [
      source,
      span,
      target,
      count,
    ])
    const ahead = this.#ahead.map(({ source, count }) => [source, count])
    return JSON.stringify({ version: noteVersion, ...ids, copied, ahead })
  }

  /**
   * Reads what {@link toNote} has written.
   *
   * @throws SerializationError for anything else, a later version included
   */
  static fromNote(text: string): TopicIds & { readonly progress: CopyProgress } {
    try {
      const { version, sourceTopicId, targetTopicId, copied, ahead } = JSON.parse(text) as NoteJson
      if (version !== noteVersion) throw new TypeError(`its version is ${version}, not ${noteVersion}`)
      const map = new OffsetMap(
        copied.map(([source, span, target, count]): Stretch => ({ source, span, target, count })),
      )
      const runs = ahead.map(([source, count]): Run => ({ source, count }))
      return { sourceTopicId, targetTopicId, progress: new CopyProgress(map, runs) }
    } catch (cause) {
      throw new SerializationError(`this is no progress of a mirror: ${String(cause)}`, { cause })
    }
  }
}

interface NoteJson extends TopicIds {
  readonly version: number
  readonly copied: readonly (readonly [source: number, span: number, target: number, count: number])[]
  readonly ahead: readonly (readonly [source: number, count: number])[]
}
