import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Batch } from '../../../src/batch/batch.ts'
import { type ControlRecord, readControlRecord } from '../../../src/batch/control-record.ts'
import type { LogRecord } from '../../../src/batch/log-record.ts'

/** A file below `data/golden`, where what Kafka itself wrote is kept. */
export function readGolden(path: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`../../../data/golden/${path}`, import.meta.url)))
}

/** Bytes that Kafka wrote, and the lines that Kafka's readers printed of them. */
export interface Vector {
  readonly name: string
  readonly bytes: Buffer
  readonly lines: readonly string[]
}

/** Reads a file of vectors: a name in brackets, hex, and indented lines for each. */
export function readVectors(path: string): Vector[] {
  const sections = readGolden(path).toString().split(/^\[/m).slice(1)
  return sections.map((section) => {
    const [heading = '', hex = '', ...lines] = section.trimEnd().split('\n')
    return {
      name: heading.replace(/\] \d+ B$/, ''),
      bytes: Buffer.from(hex, 'hex'),
      lines: lines.map((line) => line.trim()).filter((line) => line !== ''),
    }
  })
}

/** The batch and its records in the words of the dumps. */
export function dumpBatch(batch: Batch): string[] {
  const lines = [dumpHeader(batch)]
  for (const record of batch.records()) {
    lines.push(dumpRecord(record))
    if (batch.isControl) lines.push(dumpControl(readControlRecord(record)))
  }
  return lines
}

function dumpHeader(batch: Batch): string {
  const isLegacy = batch.magic < 2
  return [
    `batch base=${batch.baseOffset} last=${batch.lastOffset} ple=${batch.partitionLeaderEpoch}`,
    `magic=${batch.magic} crc=${batch.crc.toString(16).padStart(8, '0')} valid=${batch.isValid()}`,
    `codec=${batch.compression} ts=${batch.magic === 0 ? 'NoTimestampType' : batch.timestampType}`,
    `txn=${batch.isTransactional} ctl=${batch.isControl}`,
    `horizon=${batch.hasDeleteHorizon ? `OptionalLong[${batch.deleteHorizonMs}]` : 'OptionalLong.empty'}`,
    `pid=${batch.producerId} epoch=${batch.producerEpoch} seq=${batch.baseSequence}..${batch.lastSequence}`,
    `count=${isLegacy ? null : batch.recordsCount} maxTs=${batch.maxTimestamp} size=${batch.sizeBytes}`,
  ].join(' ')
}

function dumpRecord(record: LogRecord): string {
  const headers = record.headerList.map(({ key, value }) => `${key}=${value?.toString() ?? null};`)
  return [
    `rec off=${record.offset} ts=${record.timestamp} seq=${record.sequence}`,
    `k=${dumpBytes(record.key)} v=${dumpBytes(record.value)} h=[${headers.join('')}] size=${record.sizeBytes}`,
  ].join(' ')
}

/** Long ones by their size, others as text, or as hex where they are not printable. */
function dumpBytes(bytes: Buffer | null): string {
  if (bytes === null) return 'null'
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    return bytes.length > 16 ? `<${bytes.length}B>` : `"${bytes.toString()}"`
  }
  return bytes.length > 16 ? `<${bytes.length}B>` : `0x${bytes.toString('hex')}`
}

function dumpControl(control: ControlRecord): string {
  const epoch = 'coordinatorEpoch' in control ? ` coordEpoch=${control.coordinatorEpoch}` : ''
  return `control ${control.type}${epoch}`
}
