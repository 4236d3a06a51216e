/**
 * Scratch buffers that batches are built in, kept between batches so that the encoder neither allocates nor clears
 * memory each time. A buffer is in one hand at a time: whoever took it, until it is returned.
 */

const initialBytes = 16 * 1024
/** Larger ones are left to the garbage collector: one huge batch must not hold its memory forever. */
const keptBytesMax = 1024 * 1024
const keptCount = 4

const kept: Buffer[] = []

/** A buffer of at least 16 KiB, with anything in it. */
export function takeScratch(): Buffer {
  return kept.pop() ?? Buffer.allocUnsafeSlow(initialBytes)
}

/** Gives a buffer from {@link takeScratch} or {@link growScratch} back. Its taker must not touch it again. */
export function returnScratch(scratch: Buffer): void {
  if (kept.length < keptCount && scratch.length <= keptBytesMax) kept.push(scratch)
}

/** A scratch buffer of at least `minimumBytes` that begins with the first `usedBytes` of `scratch`, which is given up. */
export function growScratch(scratch: Buffer, usedBytes: number, minimumBytes: number): Buffer {
  const grown = Buffer.allocUnsafeSlow(Math.max(minimumBytes, scratch.length * 2))
  scratch.copy(grown, 0, 0, usedBytes)
  // The outgrown one is not kept: it would take the place of the larger one when that is returned.
  return grown
}
