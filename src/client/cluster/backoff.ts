/** How far a pause strays from its length, either way, so that clients that failed together do not come back together. */
const jitter = 0.2

/** More would be no number any more, and no pause at all where the first one is 0. */
const maxDoublings = 50

/** How pauses grow. */
export interface BackoffLimits {
  /** The pause after the first failure. */
  readonly firstMs: number
  /** No pause is longer, but for what it strays. */
  readonly maxMs: number
}

/**
 * The pause before something is tried again, as Kafka's clients make it (KIP-580): twice as long each time, up to a limit, and a
 * little off.
 *
 * @param failureCount failures so far, at least 1
 * @param chance from 0 to 1
 */
export function backoffMs(failureCount: number, { firstMs, maxMs }: BackoffLimits, chance: number): number {
  const plainMs = Math.min(firstMs * 2 ** Math.min(failureCount - 1, maxDoublings), maxMs)
  return plainMs * (1 - jitter + 2 * jitter * chance)
}

/** A number from 0 to 1, as good as {@link backoffMs} needs it. */
export function chanceFrom(random: { bytes(length: number): Buffer }): number {
  return random.bytes(1).readUint8() / 255
}
