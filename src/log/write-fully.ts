import { assert } from '../base/assert.ts'
import type { File } from '../env/env.ts'

/**
 * Writes all of `buffers`, one after the other, from `position` on. A short write is no failure by itself: the rest
 * is tried, and fails with the reason. What was written until then stays in the file.
 */
export function writeFully(
  file: Pick<File, 'writevSync'>,
  buffers: readonly Uint8Array[],
  position: number,
): void {
  let rest = buffers
  let at = position
  while (rest.length > 0) {
    const written = file.writevSync(rest, at)
    rest = without(rest, written)
    assert(written > 0 || rest.length === 0, 'a write that did not fail has written something')
    at += written
  }
}

/** What is left of `buffers` behind their first `count` bytes. */
function without(buffers: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skipped = 0
  for (const [index, buffer] of buffers.entries()) {
    if (skipped + buffer.length > count)
      return [buffer.subarray(count - skipped), ...buffers.slice(index + 1)]
    skipped += buffer.length
  }
  return []
}
