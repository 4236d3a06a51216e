import { describe, expect, onTestFinished, test } from 'vitest'
import { Batch } from '../../../src/batch/batch.ts'
import { FilePool } from '../../../src/log/file-pool.ts'
import { IndexCache } from '../../../src/log/index-cache.ts'
import { resolveLogConfig } from '../../../src/log/log-config.ts'
import { PartitionLog } from '../../../src/log/partition-log.ts'
import { StartOffsetFile } from '../../../src/log/start-offset-file.ts'
import { CountedMemory } from './counted-memory.ts'
import { HeldReads } from './held-reads.ts'
import { batchOf, directory, stillWorld, valuesOf } from './log-setup.ts'

/** A log of 10 batches of one record each. */
async function filledLog(recordBytes: number): Promise<{ log: PartitionLog; files: HeldReads }> {
  const { env } = stillWorld()
  const files = new HeldReads(env.files)
  files.makeDirectorySync(directory)
  const log = await PartitionLog.open(directory, {
    env: { ...env, files },
    config: resolveLogConfig({ reserveBytes: 0 }),
    pool: new FilePool(files, 8),
    indexCache: new IndexCache(1024 * 1024),
    startOffsets: new StartOffsetFile(files, directory),
  })
  onTestFinished(() => log.close())
  for (const value of valuesOf(10, recordBytes)) await log.append(new Batch(batchOf([{ value }])))
  return { log, files }
}

/** The value of the first record. */
function firstIn(buffer: Buffer): string {
  const [first] = new Batch(buffer).records()
  return first?.value?.toString('utf8', 0, 2) ?? 'none'
}

describe('memory that slices are read to', () => {
  test.each([
    ['at once', 1000, 30_000],
    ['through the thread pool', 30_000, 300_000],
    ['again, when the first batch is larger than was asked for', 30_000, 100],
    ['again and at length, when the first batch is larger than was asked for', 100_000, 70_000],
  ])('holds the slice alone: %s', async (_, recordBytes, maxBytes) => {
    const { log } = await filledLog(recordBytes)
    const memory = new CountedMemory()
    const { slice } = await log.reader.read(3, maxBytes, log.endOffset, { memory })
    expect(firstIn(slice.buffer)).toBe('3.')
    expect([...memory.out]).toEqual([slice.buffer.buffer])
    memory.giveBack(slice.buffer)
    expect(memory.out.size).toBe(0)
  })

  test('is given back when the log was cut, and grew again, while it was filled', async () => {
    const { log, files } = await filledLog(30_000)
    const memory = new CountedMemory()
    const release = files.hold()
    const read = log.reader.read(3, 300_000, 5, { memory })
    await log.truncate(3)
    for (const value of ['a.', 'b.']) await log.append(new Batch(batchOf([{ value }])))
    release()
    const { slice } = await read
    expect(firstIn(slice.buffer)).toBe('a.')
    expect([...memory.out]).toEqual([slice.buffer.buffer])
  })

  test('is not taken where there is nothing to read', async () => {
    const { log } = await filledLog(10)
    const memory = new CountedMemory()
    const { slice } = await log.reader.read(10, 1000, log.endOffset, { memory })
    expect([slice.buffer.length, memory.out.size]).toEqual([0, 0])
  })
})
