import * as fc from 'fast-check'
import { test } from 'vitest'
import { type CompactionOperation, type CompactionPlan, runCompactionPlan } from './compaction-simulation.ts'

const record = fc.record({
  key: fc.integer({ min: 0, max: 8 }),
  value: fc.option(fc.nat(999), { nil: null, freq: 3 }),
})

const append = fc.record({
  do: fc.constant('append' as const),
  records: fc.array(record, { minLength: 1, maxLength: 6 }),
  compression: fc.constantFrom('none', 'none', 'gzip', 'snappy', 'lz4'),
  producer: fc.integer({ min: 0, max: 3 }),
  isTransactional: fc.boolean(),
})

const end = fc.record({
  do: fc.constant('end' as const),
  producer: fc.integer({ min: 1, max: 3 }),
  type: fc.constantFrom('COMMIT' as const, 'ABORT' as const),
})

const crash = fc.record({
  do: fc.constant('crash' as const),
  afterCalls: fc.integer({ min: 0, max: 120 }),
  end: fc.oneof(fc.constantFrom('kill' as const, 'lose' as const, 'keep' as const), fc.nat()),
})

const operation: fc.Arbitrary<CompactionOperation> = fc.oneof(
  { weight: 12, arbitrary: append },
  { weight: 4, arbitrary: end },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('compact' as const) }) },
  { weight: 2, arbitrary: crash },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 1500 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('truncate' as const), records: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('repeat' as const), producer: fc.integer({ min: 1, max: 3 }) }),
  },
)

const plan: fc.Arbitrary<CompactionPlan> = fc.record({
  segmentBytes: fc.constantFrom(1024, 2048),
  dedupeBufferBytes: fc.constantFrom(1024, 1024 * 1024),
  entryOrder: fc.constantFrom('journaled' as const, 'free' as const),
  operations: fc.array(operation, { minLength: 10, maxLength: 60, size: 'max' }),
})

const seed = process.env['TIDEMARK_SEED']
const numRuns = Number(process.env['TIDEMARK_RUNS'] ?? 150)

test('whatever is appended, ended, crashed and compacted, the last record of every key is there, and nothing aborted', async () => {
  await fc.assert(fc.asyncProperty(plan, runCompactionPlan), {
    numRuns,
    ...(seed !== undefined && { seed: Number(seed) }),
  })
})
