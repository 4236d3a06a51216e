import type { DurablePoint } from './durable-point.ts'
import type { Segment } from './segment.ts'
import { writeFully } from './write-fully.ts'

const chunkBytes = 1024 * 1024

/**
 * Writes what lies beyond the durable point once more, as it is. A sync that failed, of this process or of one before
 * it, may have left pages that the kernel takes for written though the disk does not hold them: no later sync would
 * write those, and a power cut would take them after they were served. To be synced by the caller.
 *
 * Where no durable point is known nothing is written: that would be the whole log.
 */
export function rewriteTail(segment: Segment, durable: DurablePoint): void {
  if (durable.baseOffset < 0 || segment.baseOffset < durable.baseOffset) return
  const start = segment.baseOffset === durable.baseOffset ? durable.sizeBytes : 0
  if (start >= segment.sizeBytes) return
  const file = segment.fileForWriting()
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, segment.sizeBytes - start))
  for (let position = start; position < segment.sizeBytes; ) {
    const length = Math.min(chunk.length, segment.sizeBytes - position)
    const count = file.readSync(chunk, 0, length, position)
    if (count === 0) return
    writeFully(file, [chunk.subarray(0, count)], position)
    position += count
  }
}
