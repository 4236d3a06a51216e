import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LogOptions } from '../../../src/log/log-options.ts'
import { type FileRecord, recordingFiles } from '../../../src/testing/recording-files.ts'
import { appendEach, directory, open, range, stillWorld, turns, valuesIn, valuesOf } from './log-setup.ts'

const segment = `${directory}/00000000000000000000.log`

/** A log whose calls on the files are recorded from now on. */
async function recorded(options: Omit<LogOptions, 'env'> = {}) {
  const { env, clock } = stillWorld()
  const files = recordingFiles(env.files)
  const log = await open({ env: { ...env, files }, ...options })
  files.take()
  return { env, clock, files, log }
}

/** The writes to and syncs of segments, in order, as `write 0` or `sync 0` with the base offset. */
function steps(records: readonly FileRecord[]): string[] {
  return records
    .filter(({ path, kind }) => path.endsWith('.log') && (kind === 'write' || kind === 'sync'))
    .map(({ path, kind }) => `${kind} ${Number.parseInt(basename(path), 10)}`)
}

describe('sync, unless told otherwise', () => {
  test('writes and syncs once for all appends of one turn', async () => {
    const { log, files } = await recorded()
    await Promise.all(valuesOf(50).map((value) => log.append({ value })))
    const records = files.take()
    expect(steps(records)).toEqual(['write 0', 'sync 0'])
    const [write] = records.filter(({ path, kind }) => path === segment && kind === 'write')
    expect(write?.bytes?.length).toBe((await log.stats()).sizeBytes)
    await appendEach(log, 'a', 'b')
    expect(steps(files.take())).toEqual(['write 0', 'sync 0', 'write 0', 'sync 0'])
  })

  test('gathers what arrives during a sync into the next group', async () => {
    const { log, files, env } = await recorded()
    const first = log.append({ value: 'first' })
    await turns(env, 1)
    const rest = valuesOf(20).map((value) => log.append({ value }))
    await Promise.all([first, ...rest])
    expect(steps(files.take())).toEqual(['write 0', 'sync 0', 'write 0', 'sync 0'])
  })

  test('acknowledges nothing before the sync is done, nor shows it', async () => {
    const { log, files } = await recorded()
    const append = log.append({ value: 'a' }).then(() => steps(files.records))
    expect(log.endOffset).toBe(0)
    expect(await append).toEqual(['write 0', 'sync 0'])
    expect(log.endOffset).toBe(1)
    expect((await log.stats()).recoveryPoint).toBe(1)
  })

  test('loses nothing acknowledged in a power cut', async () => {
    const { log, env } = await recorded({ segmentBytes: 1024 })
    const values = valuesOf(60, 40)
    for (const at of range(0, 12))
      await Promise.all(values.slice(5 * at, 5 * at + 5).map((value) => log.append({ value })))
    const unacknowledged = log.append({ value: 'late' })
    unacknowledged.catch(() => undefined)
    const after = await open({ env: env.crash(), segmentBytes: 1024 })
    expect(await valuesIn(after)).toEqual(values)
  })

  test('has the directory synced, from the top, before the first append is acknowledged', async () => {
    const { env } = stillWorld()
    const files = recordingFiles(env.files)
    const log = await open({ env: { ...env, files } }, '/some/where/log')
    await log.append({ value: 'a' })
    const synced = files.records.filter(({ kind }) => kind === 'syncDirectory').map(({ path }) => path)
    for (const path of ['/', '/some', '/some/where', '/some/where/log']) expect(synced).toContain(path)
    expect(await valuesIn(await open({ env: env.crash() }, '/some/where/log'))).toEqual(['a'])
  })

  test('has the directory synced with a new segment, before what is in it is acknowledged', async () => {
    const { log, files } = await recorded({ segmentBytes: 1024 })
    await appendEach(log, 'x'.repeat(900))
    files.take()
    await appendEach(log, 'y'.repeat(900))
    const records = files.take()
    const created = records.findIndex(({ kind, path }) => kind === 'open' && path.endsWith('1.log'))
    const syncs = records.findLastIndex(({ kind, path }) => kind === 'syncDirectory' && path === directory)
    expect(created).toBeGreaterThanOrEqual(0)
    expect(syncs).toBeGreaterThan(created)
    expect(steps(records)).toEqual(['write 1', 'sync 1'])
  })

  test('syncs the indexes and the snapshot of a segment with the first append to the next', async () => {
    const { log, files } = await recorded({ segmentBytes: 1024 })
    await appendEach(log, 'x'.repeat(900), 'y'.repeat(900))
    const synced = new Set(
      files
        .take()
        .filter(({ kind }) => kind === 'sync')
        .map(({ path }) => basename(path)),
    )
    for (const name of [
      '00000000000000000000.index',
      '00000000000000000000.timeindex',
      '00000000000000000001.snapshot',
    ])
      expect(synced).toContain(name)
  })
})

describe('os', () => {
  test('acknowledges without any sync', async () => {
    const { log, files } = await recorded({ durability: 'os' })
    await appendEach(log, 'a', 'b', 'c')
    expect(files.take().filter(({ kind }) => kind === 'sync')).toEqual([])
    expect(log.endOffset).toBe(3)
    expect((await log.stats()).recoveryPoint).toBe(0)
  })

  test('survives a kill, and may lose the end in a power cut', async () => {
    const { log, env } = await recorded({ durability: 'os' })
    await appendEach(log, 'a', 'b')
    await log.flush()
    await appendEach(log, 'c', 'd')
    const killed = env.kill()
    const again = await open({ env: killed, durability: 'os' })
    expect(await valuesIn(again)).toEqual(['a', 'b', 'c', 'd'])
    await appendEach(again, 'e')
    // Recovery has synced what it found, the append after it has not been.
    expect(await valuesIn(await open({ env: killed.crash() }))).toEqual(['a', 'b', 'c', 'd'])
  })

  test('loses what was not flushed when the power is cut, and nothing before', async () => {
    const { log, env } = await recorded({ durability: 'os' })
    await appendEach(log, 'a', 'b')
    await log.flush()
    expect((await log.stats()).recoveryPoint).toBe(2)
    await appendEach(log, 'c')
    const after = await open({ env: env.crash() })
    expect(await valuesIn(after)).toEqual(['a', 'b'])
    expect(await after.append({ value: 'new' })).toMatchObject({ baseOffset: 2 })
  })

  test('syncs a segment that is full in the background', async () => {
    const { log, env, files } = await recorded({ durability: 'os', segmentBytes: 1024 })
    await appendEach(log, 'x'.repeat(900), 'y'.repeat(900))
    await turns(env)
    expect(steps(files.take())).toContain('sync 0')
    expect((await log.stats()).recoveryPoint).toBeGreaterThanOrEqual(1)
  })

  test('syncs when it is closed', async () => {
    const { log, env } = await recorded({ durability: 'os' })
    await appendEach(log, 'a', 'b')
    await log.close()
    const after = await open({ env: env.crash() })
    expect(await valuesIn(after)).toEqual(['a', 'b'])
    expect(after.recovery.cleanStop).toBe(true)
  })
})

describe('interval', () => {
  test('syncs after syncIntervalMs, and not before', async () => {
    const { log, files, clock } = await recorded({ durability: 'interval', syncIntervalMs: 100 })
    await appendEach(log, 'a', 'b')
    await clock.runFor(99)
    expect(steps(files.records)).toEqual(['write 0', 'write 0'])
    expect((await log.stats()).recoveryPoint).toBe(0)
    await clock.runFor(1)
    await turns(stillWorld().env)
    expect(steps(files.records)).toEqual(['write 0', 'write 0', 'sync 0'])
    expect((await log.stats()).recoveryPoint).toBe(2)
  })

  test('goes on syncing, interval after interval', async () => {
    const { log, files, clock, env } = await recorded({ durability: 'interval', syncIntervalMs: 100 })
    for (const value of ['a', 'b', 'c']) {
      await appendEach(log, value)
      await clock.runFor(100)
      await turns(env)
    }
    expect(steps(files.records)).toEqual(range(0, 3).flatMap(() => ['write 0', 'sync 0']))
  })

  test('has nothing to sync when nothing was appended', async () => {
    const { files, clock } = await recorded({ durability: 'interval', syncIntervalMs: 100 })
    await clock.runFor(1000)
    expect(files.records.filter(({ kind }) => kind === 'sync' || kind === 'write')).toEqual([])
  })

  test('syncs after syncIntervalRecords', async () => {
    const { log, files, env } = await recorded({ durability: 'interval', syncIntervalRecords: 5 })
    await appendEach(log, 'a', 'b')
    await log.append([{ value: 'c' }, { value: 'd' }])
    await turns(env)
    expect(steps(files.records)).not.toContain('sync 0')
    await appendEach(log, 'e')
    await turns(env)
    expect(steps(files.take()).filter((step) => step === 'sync 0')).toHaveLength(1)
    expect((await log.stats()).recoveryPoint).toBe(5)
    await appendEach(log, ...valuesOf(4))
    await turns(env)
    expect(steps(files.take())).not.toContain('sync 0')
  })

  test('knows the names of Kafka', async () => {
    const { log, env } = await recorded({ durability: 'interval', 'flush.messages': 1 })
    await appendEach(log, 'a')
    await turns(env)
    expect((await log.stats()).recoveryPoint).toBe(1)
  })
})

describe('flush', () => {
  test('makes durable what was appended before', async () => {
    const { log, env } = await recorded({ durability: 'os', segmentBytes: 1024 })
    const values = valuesOf(10, 300)
    await appendEach(log, ...values)
    await log.flush()
    expect((await log.stats()).recoveryPoint).toBe(10)
    expect(await valuesIn(await open({ env: env.crash() }))).toEqual(values)
  })

  test('shares a sync that has not begun, and waits for no other', async () => {
    const { log, files, env } = await recorded({ durability: 'os' })
    await appendEach(log, 'a')
    files.take()
    const first = log.flush()
    await turns(env, 0)
    await Promise.all([first, log.flush(), log.flush(), log.flush()])
    expect(steps(files.take()).length).toBeLessThanOrEqual(2)
    await log.flush()
    expect(steps(files.take())).toEqual([])
  })

  test('covers an append that came while another flush was under way', async () => {
    const { log, env } = await recorded({ durability: 'os' })
    await appendEach(log, 'a')
    const first = log.flush()
    const append = log.append({ value: 'b' })
    await append
    await Promise.all([first, log.flush()])
    expect(await valuesIn(await open({ env: env.crash() }))).toEqual(['a', 'b'])
  })
})

test('the power may be cut again while what it cost is being recovered', async () => {
  const { log, env } = await recorded({ segmentBytes: 1024 })
  const values = valuesOf(10, 300)
  await appendEach(log, ...values)
  let world = env.crash()
  for (let time = 0; time < 5; time++) {
    const opening = open({ env: world, segmentBytes: 1024 }).catch(() => undefined)
    await turns(world, time)
    world = world.crash()
    await opening
  }
  expect(await valuesIn(await open({ env: world }))).toEqual(values)
})
