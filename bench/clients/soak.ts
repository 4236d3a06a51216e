import { residentBytesOf } from '../brokers/process-cost.ts'
import type { LoadClient } from './load-client.ts'

/** Many records sent and read at the same time. */
export interface SoakJob {
  readonly doing: 'soak'
  readonly topic: string
  readonly recordCount: number
  readonly way: string
  /** Processes whose memory is looked at. */
  readonly pids: readonly number[]
}

/** What processes have resident after so many records, in the order of the job's pids. */
export interface MemorySample {
  readonly recordCount: number
  readonly residentBytes: readonly number[]
}

const sampleCount = 50

/** Sends records and reads them meanwhile, and looks at the memory of processes at even distances. */
export async function soak(
  client: LoadClient,
  value: Buffer,
  { topic, recordCount, way, pids }: SoakJob,
): Promise<MemorySample[]> {
  const samples: MemorySample[] = []
  const distance = recordCount / sampleCount
  const onRead = (readCount: number): void => {
    if (readCount < distance * (samples.length + 1)) return
    samples.push({ recordCount: readCount, residentBytes: pids.map(residentBytesOf) })
  }
  await Promise.all([
    client.produce(topic, value, recordCount),
    client.consume(topic, recordCount, way, onRead),
  ])
  return samples
}

/**
 * Bytes by which a process grows with each record: the slope of the line that fits best (least squares). The first fifth is
 * left out, in which code is compiled and heaps take their size.
 *
 * @param process its place in the job's pids
 */
export function growthOf(samples: readonly MemorySample[], process: number): number {
  const points = samples
    .slice(samples.length / 5)
    .map(({ recordCount, residentBytes }) => [recordCount, residentBytes[process] ?? Number.NaN] as const)
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, each) => sum + each, 0) / values.length
  const meanCount = meanOf(points.map(([count]) => count))
  const meanBytes = meanOf(points.map(([, bytes]) => bytes))
  const covariance = points.reduce(
    (sum, [count, bytes]) => sum + (count - meanCount) * (bytes - meanBytes),
    0,
  )
  const variance = points.reduce((sum, [count]) => sum + (count - meanCount) ** 2, 0)
  return covariance / variance
}
