import { assert } from '../base/assert.ts'
import type { Segment } from './segment.ts'

/** The segments of a log in the order of their base offsets; never empty once the log is open. The last is active. */
export class SegmentList implements Iterable<Segment> {
  #segments: Segment[]

  constructor(segments: readonly Segment[]) {
    this.#segments = [...segments]
  }

  get count(): number {
    return this.#segments.length
  }

  get first(): Segment {
    return this.at(0)
  }

  get active(): Segment {
    return this.at(this.#segments.length - 1)
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0)
  }

  at(index: number): Segment {
    const segment = this.#segments[index]
    assert(segment !== undefined, `the log has a segment number ${index}`)
    return segment
  }

  [Symbol.iterator](): Iterator<Segment> {
    return this.#segments[Symbol.iterator]()
  }

  /** Index of the last segment whose base offset is at or below `offset`; 0 when all are above. */
  floorIndex(offset: number): number {
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.at(middle).baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  floor(offset: number): Segment {
    return this.at(this.floorIndex(offset))
  }

  after(segment: Segment): Segment | undefined {
    return this.#segments[this.#segments.indexOf(segment, this.floorIndex(segment.baseOffset)) + 1]
  }

  /** Adds the new active segment. */
  push(segment: Segment): void {
    assert(
      this.count === 0 || segment.baseOffset >= this.active.nextOffset,
      'a new segment begins where the log ends',
    )
    this.#segments.push(segment)
  }

  /** Puts `segment` in the place of `old`, which are neighbours. */
  replace(old: readonly Segment[], segment: Segment): void {
    const index = this.#segments.indexOf(old[0] as Segment)
    assert(
      index >= 0 && old.every((each, at) => this.#segments[index + at] === each),
      'the log holds what goes',
    )
    this.#segments.splice(index, old.length, segment)
  }

  /** Takes the first `count` segments out. */
  removeFirst(count: number): Segment[] {
    return this.#segments.splice(0, count)
  }

  /** Takes out every segment that begins at or after `offset`. */
  removeFrom(offset: number): Segment[] {
    const index = this.#segments.findIndex((segment) => segment.baseOffset >= offset)
    return index < 0 ? [] : this.#segments.splice(index)
  }
}
