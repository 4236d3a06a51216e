import type { Segment } from './segment.ts'

/**
 * Bounds the memory that indexes of sealed segments take: the least recently used are dropped, and read again
 * when they are next needed. The active segment's are not in it.
 */
export class IndexCache {
  readonly #maxBytes: number
  #bytes = 0
  /** In the order of last use, with the size each was admitted with. */
  readonly #segments = new Map<Segment, number>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get sizeBytes(): number {
    return this.#bytes
  }

  admit(segment: Segment): void {
    this.expel(segment)
    const bytes = segment.indexBytes
    this.#segments.set(segment, bytes)
    this.#bytes += bytes
    for (const [oldest, size] of this.#segments) {
      if (this.#bytes <= this.#maxBytes || oldest === segment) break
      this.#segments.delete(oldest)
      this.#bytes -= size
      oldest.dropIndexes()
    }
  }

  touch(segment: Segment): void {
    const bytes = this.#segments.get(segment)
    if (bytes === undefined) return
    this.#segments.delete(segment)
    this.#segments.set(segment, bytes)
  }

  /** Takes a segment out without dropping its indexes: it is active now, or gone. */
  expel(segment: Segment): void {
    this.#bytes -= this.#segments.get(segment) ?? 0
    this.#segments.delete(segment)
  }
}
