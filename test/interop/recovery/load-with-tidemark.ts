import { crc32c } from '../../../native-free/crc32c.ts'
import { TidemarkError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { nodeEnv } from '../../../src/env/node-env.ts'
import { FilePool } from '../../../src/log/file-pool.ts'
import { IndexCache } from '../../../src/log/index-cache.ts'
import { resolveLogConfig } from '../../../src/log/log-config.ts'
import { PartitionLog } from '../../../src/log/partition-log.ts'
import type { ProducerEntry } from '../../../src/log/producer-table.ts'
import type { AbortedTransaction } from '../../../src/log/transaction-index.ts'
import type { LoadAnswer, LoadRequest, Served } from './load-answer.ts'

/** How a log of ours is opened for a comparison. */
export interface TidemarkLoadOptions {
  /** The topic is compacted. Default false. */
  readonly allowGaps?: boolean
  /** Change nothing. Default false. */
  readonly readOnly?: boolean
  /** Know only what is in the partition's own directory, as an embedded log does. Default false. */
  readonly embedded?: boolean
}

/** Opens a partition directory as our broker does, and tells what is then served, as `LoadDirectories.java` does for Kafka. */
export async function loadWithTidemark(
  request: LoadRequest,
  options: TidemarkLoadOptions = {},
): Promise<LoadAnswer> {
  const pool = new FilePool(nodeEnv().files, 64)
  try {
    const partition = await openPartition(request, pool, options)
    return tell(partition, request.timestamps)
  } catch (error) {
    // Whatever else is thrown is a mistake of ours.
    if (!(error instanceof TidemarkError)) throw error
    return { refused: `${error.code} ${error.message}` }
  } finally {
    pool.dropDirectory(request.directory)
  }
}

/** A partition's log, opened with what the checkpoints of the log directory say. */
export function openPartition(
  { directory, recoveryPoint, startOffset }: LoadRequest,
  pool: FilePool,
  { allowGaps = false, readOnly = false, embedded = false }: TidemarkLoadOptions,
): Promise<PartitionLog> {
  const config = resolveLogConfig({
    allowGaps,
    segmentBytes: 1 << 20,
    indexBytesMax: 1 << 16,
    reserveBytes: 0,
  })
  return PartitionLog.open(directory, {
    ...{ env: nodeEnv(), config, pool, readOnly, indexCache: new IndexCache(1 << 24) },
    startOffsets: { load: () => startOffset, store: () => Promise.resolve() },
    ...(embedded ? {} : { recoveryPoint }),
  })
}

/** What a partition's log serves. */
export function tell(log: PartitionLog, timestamps: readonly number[]): Served {
  const { startOffset, endOffset, state, recovery } = log
  const { lost, quarantined } = recovery
  return {
    ...{
      startOffset,
      endOffset,
      stableOffset: Math.max(state.producers.firstUnstableOffset ?? endOffset, startOffset),
    },
    garbageBytes: state.segments.active.file().sizeSync() - state.segments.active.sizeBytes,
    epochs: state.epochs.entries.map((entry) => `${entry.epoch}@${entry.startOffset}`),
    producers: [...state.producers.entries()]
      .toSorted((a, b) => a.producerId - b.producerId)
      .map(producerText),
    aborted: orFault(() => log.abortedTransactions(startOffset, endOffset).map(abortedText)),
    lookups: timestamps.flatMap((timestamp) => orFault(() => [lookUp(log, timestamp)])),
    ...readAll(log),
    ...(lost === undefined ? {} : { lost: `${lost.fromOffset}..${lost.toOffset}` }),
    ...(quarantined.length === 0 ? {} : { keptCopies: true }),
  }
}

/** Of its batches the last, for no more than that is in a snapshot. */
function producerText(entry: ProducerEntry): string {
  const last = entry.batches.at(-1)
  return [
    `${entry.producerId} epoch ${entry.producerEpoch} coordinator ${entry.coordinatorEpoch}`,
    `at ${entry.lastTimestamp} open ${entry.currentTransactionFirstOffset}`,
    last === undefined ? 'none' : `${last.firstSequence}..${last.lastSequence} to ${last.lastOffset}`,
  ].join(' ')
}

function abortedText({ producerId, firstOffset, lastOffset, lastStableOffset }: AbortedTransaction): string {
  return `${producerId} ${firstOffset}..${lastOffset} stable ${lastStableOffset}`
}

function lookUp(log: PartitionLog, timestamp: number): string {
  const found = log.offsetForTimestamp(timestamp)
  return found === undefined ? 'none' : `${found.timestamp}@${found.offset}`
}

/** Batch by batch, so that each is found through the index. */
function readAll({ reader, startOffset, endOffset }: PartitionLog): Pick<Served, 'batches' | 'readFault'> {
  const batches: string[] = []
  try {
    for (let offset = startOffset; offset < endOffset; ) {
      const { buffer, nextOffset } = reader.readSync(offset, 1)
      if (nextOffset <= offset) return { batches, readFault: `nothing is read at offset ${offset}` }
      const batch = new Batch(buffer)
      batches.push(`${batch.baseOffset}..${batch.lastOffset} ${crc32c(buffer).toString(16)}`)
      offset = nextOffset
    }
    return { batches }
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    return { batches, readFault: `${error.code} ${error.message}` }
  }
}

function orFault(question: () => string[]): string[] {
  try {
    return question()
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    return [`fault ${error.code}`]
  }
}
