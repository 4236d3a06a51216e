import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mirror } from '../../../../src/client/mirror/mirror.ts'
import type { Tidemark } from '../../../../src/embedded/tidemark.ts'
import { dyingCluster } from './dying-cluster.ts'
import { contents, twoClusters } from './two-clusters.ts'

const partitions = 2
const recordCount = 100_000
const killCount = 30

const seed = process.env['TIDEMARK_SEED']
const runOptions = seed === undefined ? {} : { seed: Number(seed) }

/** Batches of the three kinds that there are, all values different. */
async function feed(cluster: Tidemark): Promise<void> {
  await cluster.admin().createTopics([{ name: 'orders', partitions }])
  for (const [index, compression] of (['none', 'gzip', 'lz4'] as const).entries()) {
    await using producer = cluster.producer({ compression, batchSize: 4096 << index })
    const count = Math.ceil(recordCount / 3)
    const records = Array.from({ length: count }, (_, at) => ({
      ...{ topic: 'orders', partition: at % partitions, key: `k${at % 100}`, value: `${index}:${at}` },
      ...{ timestamp: 1_700_000_000_000 + at, headers: { h: `${at % 3}` } },
    }))
    await producer.sendAll(records)
  }
  // Offsets of the copies are others than those of the source.
  await cluster.admin().deleteRecords([{ topic: 'orders', partition: 1, beforeOffset: 10 }])
}

const death = fc.record({
  // The first records, notes, and windows of thousands: all are to be hit.
  afterCount: fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: 20, max: Math.floor((2 * recordCount) / killCount) }),
  ),
  isLastWritten: fc.boolean(),
})

test(`a mirror of ${recordCount} records that is killed ${killCount} times loses none and doubles none`, async () => {
  const deaths = fc.array(death, { minLength: killCount, maxLength: killCount })
  await fc.assert(
    fc.asyncProperty(deaths, async (all) => {
      const { from, to } = await twoClusters()
      await feed(from)
      const options = { from, topics: ['orders'], settleMs: 20, maxPendingBytes: 64 * 1024 }
      let killed = 0
      for (const each of all) {
        const run = new Mirror({ ...options, to: dyingCluster(to, each) }).run()
        await run.then(
          () => undefined,
          (error: unknown) => {
            expect(error).toMatchObject({ message: 'killed' })
            killed++
          },
        )
      }
      await new Mirror({ ...options, to }).run()
      expect(killed).toBeGreaterThanOrEqual(20)
      for (let partition = 0; partition < partitions; partition++)
        expect(await contents(to, 'orders', partition)).toEqual(await contents(from, 'orders', partition))
    }),
    // Smaller ways to fail would take as long each.
    { numRuns: 1, endOnFailure: true, ...runOptions },
  )
})
