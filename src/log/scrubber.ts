import type { PartitionLog } from './partition-log.ts'

/**
 * Reads sealed segments again from beginning to end, over and over, and verifies every checksum, so that damage is
 * found while there may still be another copy. What it finds is published on the `tidemark:log:damage` channel.
 */
export class Scrubber {
  readonly #log: PartitionLog
  #offset = 0

  constructor(log: PartitionLog) {
    this.#log = log
  }

  /** Verifies about `bytes` more. Resolves with the offset reached; 0 after the last sealed segment. */
  async scrub(bytes: number): Promise<number> {
    const { state, reader } = this.#log
    const end = Math.min(state.segments.active.baseOffset, state.endOffset)
    const from = Math.max(this.#offset, state.startOffset)
    if (from >= end) {
      this.#offset = 0
      return 0
    }
    // Also when this throws: the damage is known now, and what lies behind it is looked at the next time round.
    this.#offset = state.segments.floor(from).nextOffset
    const { slice } = await reader.read(from, bytes, end, { verify: 'all' })
    this.#offset = slice.nextOffset
    return this.#offset
  }
}
