import type { Batch } from '../../batch/batch.ts'
import { type LeaderChange, readControlRecord, readLeaderChange } from '../../batch/control-record.ts'
import { currentMagic } from '../../batch/format.ts'
import type { LogRecord } from '../../batch/log-record.ts'
import type { File } from '../../env/env.ts'
import type { DumpRow, DumpValue } from './dump-row.ts'
import { readBatches } from './read-batches.ts'

export interface SegmentDumpOptions {
  /** A row for each record too. */
  readonly records: boolean
  /** With the records' keys and values. */
  readonly payloads: boolean
}

/** The rows of a `.log` file: its first offset, then its batches, in the order they stand there. */
export async function* dumpSegment(
  file: File,
  baseOffset: number,
  options: SegmentDumpOptions,
): AsyncGenerator<DumpRow> {
  yield { kind: 'log', fields: { startingOffset: baseOffset } }
  const end = yield* dumpBatches(file, options)
  const restBytes = file.sizeSync() - end
  if (restBytes > 0) yield problem(end, `${restBytes} bytes at the end of the file are no whole batch`)
}

/** Returns where the last whole batch ends. */
async function* dumpBatches(file: File, options: SegmentDumpOptions): AsyncGenerator<DumpRow, number> {
  let end = 0
  for await (const { batch, position } of readBatches(file)) {
    const fault = batch.fault()
    // The numbers of a batch that is damaged may be beyond what can be read at all.
    yield* attempt(position, () => [
      { kind: 'batch', fields: batchFields(batch, position, fault === undefined) },
    ])
    if (fault !== undefined) yield problem(position, fault)
    // Of a damaged batch too: what can still be read may be all that is left.
    if (options.records) yield* attempt(position, () => recordRows(batch, options))
    end = position + batch.sizeBytes
  }
  return end
}

/** The rows that `read` gives up to where it fails, and then the reason. */
function* attempt(position: number, read: () => Iterable<DumpRow>): Generator<DumpRow> {
  try {
    yield* read()
  } catch (error) {
    yield problem(position, (error as Error).message)
  }
}

function batchFields(batch: Batch, position: number, isValid: boolean): Record<string, DumpValue> {
  return {
    ...(batch.magic < currentMagic ? { offset: batch.lastOffset } : batchHeaderFields(batch)),
    position,
    [batch.magic === 0 ? 'NoTimestampType' : batch.timestampType]: batch.maxTimestamp,
    size: batch.sizeBytes,
    magic: batch.magic,
    compresscodec: batch.compression,
    crc: batch.crc,
    isvalid: isValid,
  }
}

function batchHeaderFields(batch: Batch): Record<string, DumpValue> {
  return {
    baseOffset: batch.baseOffset,
    lastOffset: batch.lastOffset,
    count: batch.recordsCount,
    baseSequence: batch.baseSequence,
    lastSequence: batch.lastSequence,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
    deleteHorizonMs: batch.hasDeleteHorizon ? batch.deleteHorizonMs : null,
  }
}

function* recordRows(batch: Batch, { payloads }: SegmentDumpOptions): Generator<DumpRow> {
  for (const record of batch.records()) {
    const fields = { ...recordFields(batch, record), ...(batch.isControl ? controlFields(record) : {}) }
    const { key, value } = record
    yield { kind: 'record', fields, ...(payloads && !batch.isControl ? { payload: { key, value } } : {}) }
  }
}

function recordFields(batch: Batch, record: LogRecord): Record<string, DumpValue> {
  const { offset, timestamp, timestampType, keySizeBytes, valueSizeBytes } = record
  return {
    offset,
    [batch.magic === 0 ? 'NoTimestampType' : timestampType]: timestamp,
    keySize: keySizeBytes,
    valueSize: valueSizeBytes,
    ...(batch.magic < currentMagic ? legacyFields(batch) : modernFields(record)),
  }
}

function modernFields({ sequence, headerList }: LogRecord): Record<string, DumpValue> {
  return { sequence, headerKeys: headerList.map(({ key }) => key) }
}

/** A legacy message has a checksum of its own; that of one inside a compressed wrapper is not kept. */
function legacyFields(batch: Batch): Record<string, DumpValue> {
  return batch.compression === 'none' ? { isValid: batch.isValid(), crc: batch.crc } : {}
}

function controlFields(record: LogRecord): Record<string, DumpValue> {
  const control = readControlRecord(record)
  switch (control.type) {
    case 'ABORT':
    case 'COMMIT':
      return { endTxnMarker: control.type, coordinatorEpoch: control.coordinatorEpoch }
    case 'LEADER_CHANGE':
      return { LeaderChange: leaderChangeJson(readLeaderChange(record)) }
    default:
      return { controlType: control.type }
  }
}

/** As Kafka's own JSON converter writes it. */
function leaderChangeJson({ leaderId, voters, grantingVoters }: LeaderChange): string {
  const ids = (list: readonly number[]) => list.map((voterId) => ({ voterId }))
  return JSON.stringify({ version: 0, leaderId, voters: ids(voters), grantingVoters: ids(grantingVoters) })
}

function problem(position: number, reason: string): DumpRow {
  return { kind: 'problem', fields: { position, reason } }
}
