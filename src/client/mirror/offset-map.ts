import { assert } from '../../base/assert.ts'

/**
 * Records that were copied one after the other: `count` of them, from the source's offsets `[source, source + span)` to the
 * target's `[target, target + count)`. Where span and count are equal there is no gap, and each record's offset is known.
 */
export interface Stretch {
  readonly source: number
  readonly span: number
  readonly target: number
  readonly count: number
}

/** Records of the source whose offsets follow each other without a gap. */
export interface Run {
  readonly source: number
  readonly count: number
}

/** Where a source's offset is found in the target. */
export interface Translation {
  readonly target: number
  /** Undefined when `target` is the very offset. Else the records of the source from here up to the offset are to be added to it. */
  readonly countFrom?: number
  /** What it cannot be beyond: there may be fewer or more records now than were copied. */
  readonly targetMax: number
}

/** How many stretches are kept by default. */
const defaultMaxStretches = 64

/**
 * Which offsets of a target partition the records of a source partition got. One stretch is enough while the source has no gaps; each gap
 * (transaction markers, compaction) begins another. When there are too many, old ones are joined in pairs: the past is told less and less
 * exactly, but never wrongly.
 */
export class OffsetMap {
  readonly #maxStretches: number
  #stretches: readonly Stretch[]

  /** @throws RangeError unless there is a stretch, and each begins where the one before it ends, or in the source later */
  constructor(stretches: readonly Stretch[], maxStretches = defaultMaxStretches) {
    this.#stretches = stretches
    this.#maxStretches = maxStretches
    if (stretches.length === 0 || !stretches.every(isWellPlaced))
      throw new RangeError('these stretches do not follow each other')
  }

  /** Nothing was copied: the first record will be the source's first from `source` on, and get the offset `target`. */
  static startingAt(source: number, target: number, maxStretches = defaultMaxStretches): OffsetMap {
    return new OffsetMap([{ source, span: 0, target, count: 0 }], maxStretches)
  }

  get stretches(): readonly Stretch[] {
    return this.#stretches
  }

  /** Where the source is to be read on: after the last record that was copied. */
  get sourceEnd(): number {
    const { source, span } = this.#last
    return source + span
  }

  /** The target's offset after the last record that was copied. */
  get targetEnd(): number {
    const { target, count } = this.#last
    return target + count
  }

  /** The next records of the source were copied, to {@link targetEnd}. */
  add({ source, count }: Run): void {
    assert(source >= this.sourceEnd, 'records are copied in the order of their offsets')
    const last = this.#last
    const { targetEnd: target } = this
    const isNext = source === this.sourceEnd && last.span === last.count
    const rest = isNext || last.count === 0 ? this.#stretches.slice(0, -1) : this.#stretches
    const longer = { ...last, span: last.span + count, count: last.count + count }
    this.#stretches = [...rest, isNext ? longer : { source, span: count, target, count }]
    if (this.#stretches.length > this.#maxStretches) this.#stretches = thinned(this.#stretches)
  }

  /** Where in the target a reader goes on who has come to `source`. Before the first record that is its beginning, after the last its end. */
  translate(source: number): Translation {
    const index = this.#stretches.findLastIndex((each) => each.source <= source)
    const stretch = this.#stretches[index]
    if (stretch === undefined) return exactly(this.#stretches[0]?.target ?? 0)
    const into = source - stretch.source
    const targetMax = stretch.target + stretch.count
    if (into >= stretch.span) return exactly(targetMax)
    if (into === 0 || stretch.span === stretch.count) return exactly(stretch.target + into)
    return { target: stretch.target, countFrom: stretch.source, targetMax }
  }

  get #last(): Stretch {
    const last = this.#stretches.at(-1)
    assert(last !== undefined, 'there is a stretch')
    return last
  }
}

/** The offsets of records, in their order, as runs. */
export function runsOf(offsets: readonly number[]): Run[] {
  const runs: { source: number; count: number }[] = []
  for (const offset of offsets) {
    const last = runs.at(-1)
    if (last !== undefined && offset === last.source + last.count) last.count++
    else runs.push({ source: offset, count: 1 })
  }
  return runs
}

function exactly(target: number): Translation {
  return { target, targetMax: target }
}

function isWellPlaced(
  { source, span, target, count }: Stretch,
  index: number,
  all: readonly Stretch[],
): boolean {
  const isNumbers = [source, span, target, count].every((each) => Number.isSafeInteger(each) && each >= 0)
  const before = all[index - 1]
  if (!isNumbers || count > span) return false
  return (
    before === undefined || (before.source + before.span <= source && before.target + before.count === target)
  )
}

/** Joins neighbours in all but the newest quarter. What was joined often covers much: the further back, the more. */
function thinned(stretches: readonly Stretch[]): Stretch[] {
  const newest = Math.ceil(stretches.length / 4)
  const old = stretches.slice(0, -newest)
  const joined: Stretch[] = []
  for (let index = 0; index < old.length; index += 2) {
    const [first, second] = old.slice(index, index + 2)
    if (first !== undefined) joined.push(second === undefined ? first : joinedWith(first, second))
  }
  return [...joined, ...stretches.slice(-newest)]
}

function joinedWith({ source, target, count }: Stretch, next: Stretch): Stretch {
  return { source, span: next.source + next.span - source, target, count: count + next.count }
}
