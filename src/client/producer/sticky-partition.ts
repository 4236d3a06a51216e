/** A partition that records without a key may go to, and how many batches wait for it. */
export interface PartitionLoad {
  readonly partition: number
  readonly queuedCount: number
}

/**
 * Where records without a key go (KIP-794): to one partition until it has had `stickyBytes`, then to another, so that batches
 * are full and partitions get the same share of bytes. The next one is drawn by lot, with better odds for those that have
 * less waiting for them: a slow broker gets less.
 */
export class StickyPartition {
  readonly #stickyBytes: number
  #partition: number | undefined
  #appendedBytes = 0

  constructor(stickyBytes: number) {
    this.#stickyBytes = Math.max(1, stickyBytes)
  }

  /** The one to go to, `undefined` if it is to be drawn. */
  get partition(): number | undefined {
    return this.#partition
  }

  /** Whether it has had its share, so that the next batch is for another. */
  get hasHadItsShare(): boolean {
    return this.#appendedBytes >= this.#stickyBytes
  }

  add(bytes: number): void {
    this.#appendedBytes += bytes
  }

  moveTo(partition: number): void {
    this.#partition = partition
    this.#appendedBytes = 0
  }
}

/**
 * Draws one of `loads`, which must not be empty: each weighs the longest queue plus one, less its own.
 *
 * @param chance from 0 up to 1, exclusive
 */
export function drawPartition(loads: readonly PartitionLoad[], chance: number): number {
  const longest = loads.reduce((most, { queuedCount }) => Math.max(most, queuedCount), 0)
  const weightOf = ({ queuedCount }: PartitionLoad): number => longest + 1 - queuedCount
  const total = loads.reduce((sum, load) => sum + weightOf(load), 0)
  let left = Math.floor(chance * total)
  for (const load of loads) {
    left -= weightOf(load)
    if (left < 0) return load.partition
  }
  return loads.at(-1)?.partition ?? 0
}
