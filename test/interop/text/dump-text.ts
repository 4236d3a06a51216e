import { readFileSync } from 'node:fs'
import type { Batch } from '../../../src/batch/batch.ts'
import { readControlRecord } from '../../../src/batch/control-record.ts'
import { iterateBatches } from '../../../src/batch/iterate-batches.ts'
import type { LogRecord } from '../../../src/batch/log-record.ts'
import type { Decoded } from '../../../src/log/decoded.ts'
import { parseSegmentFileName, type SegmentFileKind } from '../../../src/log/file-names.ts'
import { OffsetIndex } from '../../../src/log/offset-index.ts'
import { decodeProducerSnapshot } from '../../../src/log/producer-snapshot.ts'
import type { ProducerEntry } from '../../../src/log/producer-table.ts'
import { TimeIndex } from '../../../src/log/time-index.ts'
import { TransactionIndex } from '../../../src/log/transaction-index.ts'

/** What is said of a file: the lines after the one that names it. */
type Describe = (bytes: Buffer, baseOffset: number) => Iterable<string>

const describers: Readonly<Record<SegmentFileKind, Describe>> = {
  '.log': describeLog,
  '.index': (bytes, base) => entries(valueOf(OffsetIndex.decode(base, bytes)), ['offset', 'position']),
  '.timeindex': (bytes, base) => entries(valueOf(TimeIndex.decode(base, bytes)), ['timestamp', 'offset']),
  '.txnindex': (bytes) =>
    entries(valueOf(TransactionIndex.decode(bytes)), [
      ...['producerId', 'firstOffset', 'lastOffset', 'lastStableOffset'],
    ]).map((line) => `version: 0 ${line}`),
  '.snapshot': (bytes) => valueOf(decodeProducerSnapshot(bytes)).map(producerLine),
}

/**
 * Files of segments, decoded by our readers, in the words of Kafka's `DumpLogSegments --deep-iteration
 * --print-data-log`: what it prints of them before it complains.
 */
export function dumpText(directory: string, names: Iterable<string>): string {
  const lines: string[] = []
  for (const name of names) {
    const parsed = parseSegmentFileName(name)
    if (parsed === undefined) throw new RangeError(`${name} is no file of a segment`)
    lines.push(`Dumping ${directory}/${name}`)
    const bytes = readFileSync(`${directory}/${name}`)
    if (bytes.length === 0 && parsed.kind === '.index') lines.push(`${directory}/${name} is empty.`)
    lines.push(...describers[parsed.kind](bytes, parsed.baseOffset))
  }
  return lines.map((line) => `${line}\n`).join('')
}

function valueOf<T>(decoded: Decoded<T>): T {
  if (decoded.fault !== undefined) throw new Error(decoded.fault)
  return decoded.value
}

function entries<T extends object>(
  index: { readonly entryCount: number; entry(number: number): T },
  fields: readonly string[],
): string[] {
  return Array.from({ length: index.entryCount }, (_, number) => {
    const values = Object.entries(index.entry(number)).filter(([name]) => fields.includes(name))
    return values.map(([name, value]) => `${name}: ${value}`).join(' ')
  })
}

function* describeLog(bytes: Buffer, baseOffset: number): Iterable<string> {
  yield `Log starting offset: ${baseOffset}`
  for (const batch of iterateBatches(bytes)) {
    yield batchLine(batch)
    for (const record of batch.records()) yield recordLine(batch, record)
  }
}

function batchLine(batch: Batch): string {
  const horizon = batch.hasDeleteHorizon ? `OptionalLong[${batch.deleteHorizonMs}]` : 'OptionalLong.empty'
  return [
    `baseOffset: ${batch.baseOffset} lastOffset: ${batch.lastOffset} count: ${batch.recordsCount}`,
    `baseSequence: ${batch.baseSequence} lastSequence: ${batch.lastSequence}`,
    `producerId: ${batch.producerId} producerEpoch: ${batch.producerEpoch}`,
    `partitionLeaderEpoch: ${batch.partitionLeaderEpoch}`,
    `isTransactional: ${batch.isTransactional} isControl: ${batch.isControl} deleteHorizonMs: ${horizon}`,
    `position: ${batch.start} ${batch.timestampType}: ${batch.maxTimestamp} size: ${batch.sizeBytes}`,
    `magic: ${batch.magic} compresscodec: ${batch.compression} crc: ${batch.crc} isvalid: ${batch.isValid()}`,
  ].join(' ')
}

function recordLine(batch: Batch, record: LogRecord): string {
  const line = [
    `| offset: ${record.offset} ${record.timestampType}: ${record.timestamp}`,
    `keySize: ${record.keySizeBytes} valueSize: ${record.valueSizeBytes} sequence: ${record.sequence}`,
    `headerKeys: [${record.headerList.map(({ key }) => key).join(',')}]`,
  ].join(' ')
  return line + (batch.isControl ? controlText(record) : dataText(record))
}

function controlText(record: LogRecord): string {
  const control = readControlRecord(record)
  return 'coordinatorEpoch' in control
    ? ` endTxnMarker: ${control.type} coordinatorEpoch: ${control.coordinatorEpoch}`
    : ` ${control.type}`
}

function dataText({ key, value }: LogRecord): string {
  return (
    (key === null ? '' : ` key: ${key.toString()}`) + (value === null ? '' : ` payload: ${value.toString()}`)
  )
}

function producerLine(entry: ProducerEntry): string {
  const open = entry.currentTransactionFirstOffset
  const line = [
    `producerId: ${entry.producerId} producerEpoch: ${entry.producerEpoch} coordinatorEpoch: ${entry.coordinatorEpoch}`,
    `currentTxnFirstOffset: ${open < 0 ? 'OptionalLong.empty' : `OptionalLong[${open}]`}`,
    `lastTimestamp: ${entry.lastTimestamp}`,
  ].join(' ')
  const last = entry.batches.at(-1)
  if (last === undefined) return line
  return (
    `${line} firstSequence: ${last.firstSequence} lastSequence: ${last.lastSequence} lastOffset: ${last.lastOffset} ` +
    `offsetDelta: ${last.lastOffset - last.firstOffset} timestamp: ${last.timestamp}`
  )
}
