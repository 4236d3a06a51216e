import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { type BatchPlan, startMs } from '../../property/log-operation.ts'
import type { ModelRecord } from '../../property/model-log.ts'
import type { Step } from './workload.ts'

const plain = { encoded: false, compression: 'none' } as const

/** What the appends of a step send, which are made at the same time. */
export function plansOf(step: Step, newValue: () => string): BatchPlan[] {
  const some = (count: number, fillerBytes = 0) =>
    Array.from({ length: count }, () => record(newValue(), fillerBytes))
  switch (step) {
    case 'append several':
      return [
        { ...plain, records: some(1) },
        { ...plain, records: some(2), compression: 'snappy' },
        // Does not go into the segment of the others.
        { ...plain, records: some(3, 300), producerId: 1 },
      ]
    case 'append compressed':
      return [{ ...plain, records: some(3, 200), compression: 'gzip' }]
    case 'append idempotent':
      return [{ ...plain, records: some(2), producerId: 1 }]
    case 'append transactional':
      return [{ ...plain, encoded: true, records: some(2), producerId: 11, isTransactional: true }]
    case 'abort':
      return [{ ...plain, encoded: true, records: [], producerId: 11, marker: 'ABORT' }]
    case 'roll':
      return [{ ...plain, records: some(1, 850) }]
    default:
      return [{ ...plain, records: some(1) }]
  }
}

/** Filled with what no codec makes much smaller, so that a batch of it is larger than a disk sector and can be torn. */
function record(value: string, fillerBytes: number): ModelRecord {
  const random = seededRandom(Number(/\d+/.exec(value)?.[0] ?? 0))
  const filler = random.bytes(fillerBytes).toString('base64')
  return { key: null, value: `${value} ${filler}`, headers: [], timestamp: startMs }
}
