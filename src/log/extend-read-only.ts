import { join } from 'node:path'
import { segmentFileName } from './file-names.ts'
import type { LogState } from './log-state.ts'
import { scanSegment } from './scan.ts'
import { Segment } from './segment.ts'
import type { SegmentStorage } from './segment-storage.ts'
import { learn } from './segment-scan.ts'

/** Takes up what another process has appended behind the end of `state`: whole batches, and the segments it started. */
export async function extendReadOnly(state: LogState, storage: SegmentStorage): Promise<void> {
  while (true) {
    const { active } = state.segments
    await takeUpBatches(state, storage, active)
    state.publish(active.nextOffset)
    const next = join(storage.directory, segmentFileName(active.nextOffset, '.log'))
    if (active.nextOffset === active.baseOffset || storage.files.statSync(next) === undefined) return
    state.segments.push(Segment.blank(storage, active.nextOffset))
  }
}

async function takeUpBatches(state: LogState, storage: SegmentStorage, segment: Segment): Promise<void> {
  const { producers, epochs } = state
  // Read across awaits: readers of the same pool must not have it closed meanwhile.
  const pin = storage.pool.pin(segment.path('.log'))
  try {
    await scanSegment(pin.file, {
      start: segment.sizeBytes,
      end: pin.file.sizeSync(),
      onBatch(batch) {
        if (batch.baseOffset !== segment.nextOffset) return 'it does not follow'
        learn(batch, { segment, producers, epochs })
        segment.verifiedBytes = segment.sizeBytes
        return undefined
      },
    })
  } finally {
    pin.release()
  }
}
