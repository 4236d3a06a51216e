import type { LogRecord } from '../../batch/log-record.ts'
import type { RecordInput } from '../../batch/record-input.ts'
import type { EarthquakeRecord } from './earthquakes.ts'

/** Record `number` of the child process that is killed: its number as the key, and one earthquake after the other. */
export function recordFor(number: number, earthquakes: readonly EarthquakeRecord[]): RecordInput {
  return { ...earthquakes[number % earthquakes.length], key: String(number) }
}

/** The number of a record that is byte for byte what {@link recordFor} makes of it; undefined for any other. */
export function numberOf(record: LogRecord, earthquakes: readonly EarthquakeRecord[]): number | undefined {
  const number = Number(record.key?.toString())
  const earthquake = earthquakes[number % earthquakes.length]
  const isWhole = earthquake !== undefined && record.value?.equals(earthquake.value) === true
  return isWhole && record.timestamp === earthquake.timestamp ? number : undefined
}
