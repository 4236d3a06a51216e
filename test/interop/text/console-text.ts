import type { LogRecord } from '../../../src/batch/log-record.ts'

/** What is printed of a record, whoever read it. */
export type PrintedRecord = Pick<
  LogRecord,
  'timestampType' | 'timestamp' | 'offset' | 'headerList' | 'key' | 'value'
>

/**
 * Records in the words of Kafka's console consumer, told to print timestamp, offset, headers, key and value, with
 * `<null>` for null: one line each.
 */
export function consoleText(records: Iterable<PrintedRecord>): string {
  return Array.from(records, (record) => `${consoleLine(record)}\n`).join('')
}

function consoleLine(record: PrintedRecord): string {
  const headers = record.headerList.map(({ key, value }) => `${key}:${text(value)}`).join(',')
  return [
    `${record.timestampType}:${record.timestamp}`,
    `Offset:${record.offset}`,
    headers === '' ? 'NO_HEADERS' : headers,
    text(record.key),
    text(record.value),
  ].join('\t')
}

function text(bytes: Buffer | null): string {
  return bytes === null ? '<null>' : bytes.toString()
}
