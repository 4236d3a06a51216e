import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Batch } from '../../../src/batch/batch.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { patchProducer } from '../../../src/batch/patch.ts'
import type { RecordInput } from '../../../src/batch/record-input.ts'
import { sizeBound } from '../../../src/batch/record-size.ts'

const seed = process.env.TIDEMARK_SEED === undefined ? {} : { seed: Number(process.env.TIDEMARK_SEED) }
const bytes = fc.option(fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 300 })))

test('no batch of one record takes more than its bound, nor much less', () => {
  const record: fc.Arbitrary<RecordInput> = fc.record({
    ...{ key: bytes, value: bytes, timestamp: fc.nat() },
    headers: fc.array(fc.tuple(fc.string(), bytes), { maxLength: 5 }),
  })
  fc.assert(
    fc.property(record, (given) => {
      const size = encodeBatch([given], { now: 0 }).length
      const headerCount = Array.isArray(given.headers) ? given.headers.length : 0
      expect(size).toBeLessThanOrEqual(sizeBound(given))
      expect(size).toBeGreaterThan(sizeBound(given) - 40 - 10 * headerCount)
    }),
    seed,
  )
})

test('a batch under another producer is what it would be had it been encoded so', () => {
  const records = [{ key: 'k', value: 'v', timestamp: 5 }]
  const stamp = { producerId: 2 ** 40, producerEpoch: 3, baseSequence: 77 }
  const batch = encodeBatch(records, { now: 0, producerId: 1, producerEpoch: 0, baseSequence: 0 })
  patchProducer(new Batch(batch), stamp)
  expect(batch).toEqual(encodeBatch(records, { now: 0, ...stamp }))
})
