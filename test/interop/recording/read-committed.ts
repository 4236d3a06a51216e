import { Batch } from '../../../src/batch/batch.ts'
import { readControlRecord } from '../../../src/batch/control-record.ts'
import type { LogRecord } from '../../../src/batch/log-record.ts'
import type { PartitionLog } from '../../../src/log/partition-log.ts'

/**
 * What a consumer with `isolation.level=read_committed` makes of a log (KIP-98): it reads up to the last stable
 * offset, and from the first offset of an aborted transaction to its marker it drops what its producer wrote.
 */
export function* readCommitted(log: PartitionLog): Iterable<LogRecord> {
  const { startOffset, endOffset, reader, state } = log
  const stableOffset = state.producers.firstUnstableOffset ?? endOffset
  const waiting = log
    .abortedTransactions(startOffset, stableOffset)
    .toSorted((a, b) => a.firstOffset - b.firstOffset)
  const aborting = new Set<number>()
  for (let offset = startOffset; offset < stableOffset; ) {
    const { buffer, nextOffset } = reader.readSync(offset, 1, stableOffset)
    const batch = new Batch(buffer)
    while ((waiting[0]?.firstOffset ?? Number.POSITIVE_INFINITY) <= batch.lastOffset)
      aborting.add(waiting.shift()?.producerId ?? -1)
    if (batch.isControl) noteMarker(batch, aborting)
    else if (!(batch.isTransactional && aborting.has(batch.producerId)))
      for (const record of batch.records()) if (record.offset >= startOffset) yield record
    offset = nextOffset
  }
}

/** The marker of an abort ends what it aborts. */
function noteMarker(batch: Batch, aborting: Set<number>): void {
  for (const record of batch.records())
    if (readControlRecord(record).type === 'ABORT') aborting.delete(batch.producerId)
}
