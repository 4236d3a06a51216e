import { join } from 'node:path'
import type { RecordInput } from '../../batch/record-input.ts'
import type { LogRecord } from '../../batch/log-record.ts'
import type { Files } from '../../env/env.ts'
import { readWhole } from '../../log/replace-file.ts'
import { packageRoot } from '../package-root.ts'

const dataBytesMax = 16 * 1024 * 1024

/** What is looked at in a line of the data: a GeoJSON feature. */
interface Earthquake {
  readonly id: string
  readonly properties: { readonly title: string; readonly time: number }
}

/** An earthquake as it is appended: its id, its time, and its line of the data as it is. */
export type EarthquakeRecord = RecordInput & {
  readonly key: string
  readonly value: Buffer
  readonly timestamp: number
}

/** A week of earthquakes, in the order of their times. */
export function loadEarthquakes(files: Files): EarthquakeRecord[] {
  const dataPath = join(packageRoot(), 'data', 'earthquakes', 'earthquakes.ndjson')
  const bytes = readWhole(files, dataPath, dataBytesMax)
  if (bytes === undefined) throw new Error(`the data of the quickstart is missing: ${dataPath}`)
  const lines = bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line) => {
    const { id, properties } = JSON.parse(line) as Earthquake
    return { key: id, value: Buffer.from(line), timestamp: properties.time }
  })
}

/** `M 1.2 - 10km N of Somewhere, California`. */
export function titleOf(record: LogRecord | undefined): string {
  if (record === undefined || record.value === null) return 'nothing'
  return (JSON.parse(record.value.toString()) as Earthquake).properties.title
}
