import { describe, expect, test } from 'vitest'
import type { Log } from '../../../src/log/log.ts'
import type { LogOptions } from '../../../src/log/log-options.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import {
  appendEach,
  batchOf,
  bytesOf,
  directory,
  namesIn,
  offsetsIn,
  open,
  range,
  startMs,
  stillWorld,
  valuesIn,
  valuesOf,
} from './log-setup.ts'

const basesIn = (env: MemoryEnv) =>
  namesIn(env)
    .filter((name) => name.endsWith('.log'))
    .map((name) => Number.parseInt(name, 10))

const name = (baseOffset: number, kind: string) => `${String(baseOffset).padStart(20, '0')}${kind}`

async function started(options: Omit<LogOptions, 'env'>) {
  const { env, clock } = stillWorld()
  return { env, clock, log: await open({ env, ...options }) }
}

describe('a new segment is started', () => {
  test('when the batch does not fit, to the byte', async () => {
    const { env, log } = await started({ segmentBytes: 1024 })
    // 512 bytes each: 61 for the header and 9 around the value.
    const value = 'x'.repeat(512 - 70)
    await appendEach(log, value, value)
    expect(basesIn(env)).toEqual([0])
    await appendEach(log, 'x')
    expect(basesIn(env)).toEqual([0, 2])
    expect(bytesOf(env, name(0, '.log'))).toHaveLength(1024)
  })

  test.each([1, 2, 7])(
    'exactly when an index is full, whatever is written at once: %d',
    async (groupCount) => {
      // Room for two entries in the time index, one of them for the final one; each batch but a first would add one.
      const { env, log } = await started({ indexBytesMax: 36, indexIntervalBytes: 0 })
      for (let group = 0; group < 28 / groupCount; group++) {
        const appends = range(0, groupCount).map((index) =>
          log.append({ value: 'x', timestamp: startMs + group * 100 + index }),
        )
        await Promise.all(appends)
      }
      // The first batch has no entry, the second and the third fill the index.
      expect(basesIn(env)).toEqual(range(0, 10).map((segment) => segment * 3))
      for (const base of basesIn(env).slice(0, -1))
        expect(bytesOf(env, name(base, '.timeindex'))).toHaveLength(24)
    },
  )

  test.each([1, 5])(
    'when a record is later than the first one by segmentMs, %d at once',
    async (groupCount) => {
      const { env, log } = await started({ segmentMs: 100 })
      for (let first = 0; first < 20; first += groupCount) {
        const appends = range(first, first + groupCount).map((index) =>
          log.append({ value: 'x', timestamp: startMs + index * 30 }),
        )
        await Promise.all(appends)
      }
      // 0, 30, 60 and 90 ms are within 100 ms; 120 begins the next.
      expect(basesIn(env)).toEqual([0, 4, 8, 12, 16])
    },
  )

  test('for the part of a group that does not fit', async () => {
    const { env, log } = await started({ segmentBytes: 1024 })
    const values = valuesOf(9, 300)
    await Promise.all(values.map((value) => log.append({ value })))
    expect(basesIn(env)).toEqual([0, 2, 4, 6, 8])
    expect(await valuesIn(log)).toEqual(values)
  })

  test('when the batch is too far from the first in time', async () => {
    const { env, log } = await started({ segmentMs: 1000 })
    const at = (timestamp: number) => log.append({ value: 'x', timestamp })
    await at(startMs - 5000)
    await at(startMs - 4000)
    expect(basesIn(env)).toEqual([0])
    await at(startMs - 3999)
    expect(basesIn(env)).toEqual([0, 2])
    await at(startMs - 2999)
    await at(startMs - 9000)
    expect(basesIn(env)).toEqual([0, 2])
    await at(startMs - 2998)
    expect(basesIn(env)).toEqual([0, 2, 5])
  })

  test('as late as it would have been had the log not been closed in between', async () => {
    for (const stop of ['close', 'kill'] as const) {
      const { env, log } = await started({ segmentMs: 1000 })
      await log.append({ value: 'x', timestamp: startMs - 5000 })
      await log.append({ value: 'x', timestamp: startMs - 4500 })
      if (stop === 'close') await log.close()
      const world = stop === 'close' ? env : env.kill()
      const again = await open({ env: world, segmentMs: 1000 })
      await again.append({ value: 'x', timestamp: startMs - 4000 })
      expect(basesIn(world)).toEqual([0])
      await again.append({ value: 'x', timestamp: startMs - 3999 })
      expect(basesIn(world)).toEqual([0, 3])
    }
  })

  test('by the time of what is left after a cut', async () => {
    const { env, log } = await started({ segmentMs: 1000 })
    await log.append({ value: 'x', timestamp: startMs - 5000 })
    await log.truncate(0)
    await log.append({ value: 'x', timestamp: startMs - 3000 })
    await log.append({ value: 'x', timestamp: startMs - 2500 })
    expect(basesIn(env)).toEqual([0])
    await log.append({ value: 'x', timestamp: startMs })
    expect(basesIn(env)).toEqual([0, 2])
    // Back into the first segment, which had been sealed.
    await log.truncate(1)
    await log.append({ value: 'x', timestamp: startMs - 2000 })
    expect(basesIn(env)).toEqual([0])
    await log.append({ value: 'x', timestamp: startMs - 1999 })
    expect(basesIn(env)).toEqual([0, 2])
  })

  test('when an index is full', async () => {
    const { env, log } = await started({ indexBytesMax: 36, indexIntervalBytes: 0 })
    await appendEach(log, ...valuesOf(12))
    // The time index has room for 3 entries, one of them the last that a seal writes, and grows by the clock.
    expect(basesIn(env).length).toBeGreaterThan(1)
    for (const base of basesIn(env).slice(0, -1)) {
      expect(bytesOf(env, name(base, '.index')).length).toBeLessThanOrEqual(36)
      expect(bytesOf(env, name(base, '.timeindex')).length).toBeLessThanOrEqual(36)
    }
    expect(await offsetsIn(log)).toEqual(range(0, 12))
  })

  test('never when there is nothing in the one before', async () => {
    const { env, log } = await started({ segmentBytes: 1024, segmentMs: 1 })
    await log.append({ value: 'x'.repeat(1024 - 70), timestamp: startMs - 10_000 })
    expect(basesIn(env)).toEqual([0])
  })
})

describe('a sealed segment', () => {
  /** Batches of several records, producers among them, over some segments. */
  async function sealed(options: Omit<LogOptions, 'env'> = {}) {
    const world = await started({ segmentBytes: 4096, indexIntervalBytes: 300, ...options })
    const { log, clock } = world
    const sequences = [0, 0, 0, 0]
    for (let batch = 0; batch < 60; batch++) {
      clock.advance((batch * 7) % 11)
      const records = range(0, 1 + (batch % 3)).map((index) => ({
        value: `${batch}.${index}`.padEnd(60, 'x'),
      }))
      const id = batch % 4
      const sequence = sequences[id] ?? 0
      await log.append(records, { producer: { id, epoch: 0, sequence } })
      sequences[id] = sequence + records.length
      await log.append({ value: `${batch}`, timestamp: startMs - batch })
    }
    expect((await log.stats()).segments).toBeGreaterThan(3)
    return world
  }

  test('has its indexes and the snapshot of its end on the disk', async () => {
    const { env, log } = await sealed()
    const bases = basesIn(env)
    for (const [index, base] of bases.slice(0, -1).entries()) {
      expect(namesIn(env)).toEqual(
        expect.arrayContaining([
          name(base, '.index'),
          name(base, '.timeindex'),
          name(bases[index + 1] ?? 0, '.snapshot'),
        ]),
      )
      expect(bytesOf(env, name(base, '.index')).length).toBeGreaterThan(0)
      expect(namesIn(env)).not.toContain(name(base, '.txnindex'))
    }
    expect(bytesOf(env, name(0, '.timeindex')).length % 12).toBe(0)
    await log.close()
  })

  test('has the index bytes that a scan of it makes', async () => {
    const { env, log } = await sealed()
    const isDerived = (file: string) => /\.(index|timeindex|snapshot)$/.test(file)
    const bases = basesIn(env)
    const active = name(bases.at(-1) ?? 0, '')
    const derived = namesIn(env).filter((file) => isDerived(file) && !file.startsWith(active.slice(0, 20)))
    const written = new Map(derived.map((file) => [file, bytesOf(env, file)]))
    expect(written.size).toBeGreaterThan(6)
    await log.close()
    for (const file of namesIn(env))
      if (isDerived(file) || file.startsWith('tidemark')) env.files.removeSync(`${directory}/${file}`)
    const again = await open({ env, segmentBytes: 4096, indexIntervalBytes: 300 })
    expect(again.recovery.scannedSegments).toBe(bases.length)
    await again.close()
    for (const [file, bytes] of written) {
      // Snapshots are made again where a segment was not yet taken to be whole: at the end.
      if (file.endsWith('.snapshot')) continue
      expect({ file, bytes: bytesOf(env, file) }).toEqual({ file, bytes })
    }
  })

  test('finds every offset and time by its indexes as by a scan', async () => {
    const { env, log } = await sealed()
    const all: { offset: number; timestamp: number }[] = []
    for await (const { offset, timestamp } of log.read()) all.push({ offset, timestamp })
    await log.close()
    const again = await open({ env, indexCacheBytes: 0 })
    for (const { offset } of all) expect(again.get(offset)?.offset).toBe(offset)
    for (const timestamp of new Set(all.map((each) => each.timestamp)))
      expect(again.offsetForTimestamp(timestamp)).toEqual(all.find((each) => each.timestamp >= timestamp))
  })

  test('has its indexes in memory only once they are used', async () => {
    const { env, log } = await sealed()
    await log.close()
    const again = await open({ env, segmentBytes: 4096, indexIntervalBytes: 300 })
    const before = (await again.stats()).indexBytes
    again.get(0)
    const after = (await again.stats()).indexBytes
    expect(after - before).toBe(
      bytesOf(env, name(0, '.index')).length + bytesOf(env, name(0, '.timeindex')).length,
    )
  })
})

describe('what a log keeps open', () => {
  async function long(
    options: Omit<LogOptions, 'env'>,
  ): Promise<{ env: MemoryEnv; log: Log; values: string[] }> {
    const { env, log } = await started({ segmentBytes: 1024, indexIntervalBytes: 100, ...options })
    const values = valuesOf(300, 270)
    await Promise.all(values.map((value) => log.append({ value })))
    expect((await log.stats()).segments).toBe(100)
    return { env, log, values }
  }

  test('is at most maxOpenFiles, over a hundred segments', async () => {
    const { env, log, values } = await long({ maxOpenFiles: 8 })
    expect((await log.stats()).openFiles).toBeLessThanOrEqual(8)
    expect(await valuesIn(log)).toEqual(values)
    for (const [offset, value] of values.entries()) expect(log.get(offset)?.value?.toString()).toBe(value)
    expect((await log.stats()).openFiles).toBeLessThanOrEqual(8)
    await log.close()
    const again = await open({ env, maxOpenFiles: 8 })
    const readers = range(0, 20).map((index) => valuesIn(again, { from: index * 10, maxBytes: 200 }))
    for (const [index, read] of (await Promise.all(readers)).entries())
      expect(read).toEqual(values.slice(index * 10))
    expect((await again.stats()).openFiles).toBeLessThanOrEqual(8)
  })

  test('is nothing once it is closed', async () => {
    const { log } = await long({})
    await log.close()
    // Its directory can be taken away at once, as on Windows only one without open files can.
    expect(log.endOffset).toBe(300)
  })

  test('of indexes takes at most indexCacheBytes, and the active segment', async () => {
    const { env, log, values } = await long({ indexCacheBytes: 200 })
    await log.close()
    const again = await open({ env, indexCacheBytes: 200 })
    // The active segment's are read when they are first needed, and then stay.
    expect((await again.stats()).indexBytes).toBe(0)
    expect(again.get(values.length - 1)?.value?.toString()).toBe(values.at(-1))
    const active = (await again.stats()).indexBytes
    expect(active).toBeGreaterThan(0)
    for (const [offset, value] of values.entries()) {
      expect(again.get(offset)?.value?.toString()).toBe(value)
      expect((await again.stats()).indexBytes).toBeLessThanOrEqual(200 + active)
    }
    expect((await again.stats()).indexBytes).toBeGreaterThan(active)
  })

  test.each([0, 1, 13])(
    'of a log that was closed after %d records goes on as if it had not been',
    async (count) => {
      const options = { segmentBytes: 4096, indexIntervalBytes: 700, indexCacheBytes: 0 }
      const values = valuesOf(22, 270)
      const whole = await started(options)
      await appendEach(whole.log, ...values)
      await whole.log.close()
      const { env, log } = await started(options)
      await appendEach(log, ...values.slice(0, count))
      await log.close()
      const again = await open({ env, ...options })
      await appendEach(again, ...values.slice(count, 18))
      // For their indexes room would have to be made.
      for (const offset of [3, 13, 3, 0]) expect(again.get(offset)?.value?.toString()).toBe(values[offset])
      await appendEach(again, ...values.slice(18))
      await again.close()
      expect(basesIn(env).length).toBeGreaterThan(1)
      for (const base of basesIn(env))
        expect(bytesOf(env, name(base, '.index'))).toEqual(bytesOf(whole.env, name(base, '.index')))
      expect(bytesOf(env, name(basesIn(env).at(-1) ?? 0, '.index')).length).toBeGreaterThan(16)
    },
  )

  test('is no longer held of a segment that was active when the log was opened', async () => {
    const options = { segmentBytes: 2048, indexIntervalBytes: 100, indexCacheBytes: 0 }
    const { env, log } = await started(options)
    await appendEach(log, ...valuesOf(12, 270))
    await log.close()
    const again = await open({ env, ...options })
    await appendEach(again, ...valuesOf(20, 270))
    // One that was just read stays until the next is.
    for (const offset of [12, 0]) again.get(offset)
    const { indexBytes } = await again.stats()
    expect(basesIn(env)).toContain(6)
    for (const offset of [6, 12, 0]) again.get(offset)
    expect((await again.stats()).indexBytes).toBe(indexBytes)
  })

  test('keeps what is known of a sealed segment that a cut made active again', async () => {
    const { log } = await started({ segmentBytes: 8192, indexIntervalBytes: 100, indexCacheBytes: 0 })
    const values = valuesOf(200, 200)
    for (const value of values) await log.append({ value })
    await log.truncate(100)
    const cut = values.slice(0, 100)
    for (const value of valuesOf(60, 20)) {
      // Needs the indexes of other segments, which push each other out of memory.
      for (const offset of [3, 60, cut.length - 1])
        expect(log.get(offset)?.value?.toString()).toBe(cut[offset])
      await log.append({ value })
      cut.push(value)
    }
    expect(await valuesIn(log)).toEqual(cut)
  })
})

test('an encoded batch is never split, however many segments there are', async () => {
  const { env, log } = await started({ segmentBytes: 1024 })
  for (let batch = 0; batch < 5; batch++)
    await log.appendBatch(
      batchOf(range(0, 7).map((index) => ({ value: `${batch}.${index}`.padEnd(60, 'x') }))),
    )
  expect(basesIn(env)).toEqual([0, 7, 14, 21, 28])
  expect(await offsetsIn(log)).toEqual(range(0, 35))
})
