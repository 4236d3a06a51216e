import type { GrowingOutput } from './growing-output.ts'

/** {@link Lz4Block.decompress}: the block breaks the format. */
export const MALFORMED = -1
/** {@link Lz4Block.decompress}: the block expands beyond what is allowed. */
export const OVERFLOW = -2

/** The most bytes {@link Lz4Block.compress} takes at once: positions inside fit 16 bits. */
export const LZ4_BLOCK_BYTES = 64 * 1024

/** The LZ4 block format: sequences of literals and matches, without length, checksum or end mark. */
export interface Lz4Block {
  /**
   * Compresses `source[start, end)`, at most {@link LZ4_BLOCK_BYTES} and not empty, to `target` from `targetStart`
   * on, where there is room for `end - start` bytes. Returns the size of the result, or 0, with nothing useful in
   * `target`, when that would not be below `end - start`.
   */
  compress(source: Uint8Array, start: number, end: number, target: Uint8Array, targetStart: number): number

  /**
   * Appends to `output`, which must have `maxBytes` remaining, what the block `source[start, end)` expands to.
   * Returns its size, or {@link MALFORMED} or {@link OVERFLOW} with `output` unchanged.
   */
  decompress(source: Uint8Array, start: number, end: number, output: GrowingOutput, maxBytes: number): number
}

/** No block of `size` bytes expands further: a length byte stands for 255 bytes at the most. */
export const lz4ExpansionBytesMax = (size: number): number => 255 * size
