import { describe, expect, test } from 'vitest'
import { DiskFullError } from '../../../src/base/errors.ts'
import { openLog } from '../../../src/log/log.ts'
import type { LogOptions } from '../../../src/log/log-options.ts'
import { faultyFiles } from '../../../src/testing/faulty-files.ts'
import { appendEach, directory, namesIn, open, startMs, stillWorld, valuesIn, valuesOf } from './log-setup.ts'

const mebibyte = 1024 * 1024

/** A log on a disk that is filled to the last byte. */
async function full(options: Omit<LogOptions, 'env'> = {}) {
  const { env, clock } = stillWorld({ capacityBytes: 2 * mebibyte })
  const log = await open({ env, segmentBytes: 65536, ...options })
  const values: string[] = []
  let error: unknown
  while (error === undefined) {
    const value = `${values.length}.`.padEnd(30_000, 'x')
    error = await log.append({ value, timestamp: startMs - 10_000 }).then(
      () => void values.push(value),
      (reason: unknown) => reason,
    )
  }
  return { env, clock, log, values, error }
}

test('an append to a full disk is refused as one that may be tried again', async () => {
  const { log, values, error } = await full()
  expect(error).toBeInstanceOf(DiskFullError)
  expect(error).toMatchObject({ code: 'ERR_DISK_FULL', retriable: true })
  expect(values.length).toBeGreaterThan(40)
  expect(log.endOffset).toBe(values.length)
  await expect(log.append({ value: 'tiny' })).rejects.toThrow(DiskFullError)
})

test('the reserve is given up, so that what must be written still can be', async () => {
  const { env, log, values } = await full()
  expect(namesIn(env)).not.toContain('tidemark-reserve')
  expect(env.files.freeBytesSync('/')).toBeGreaterThan(200 * 1024)
  expect(await valuesIn(log)).toEqual(values)
  await log.trim(10)
  expect(log.startOffset).toBe(10)
  expect(await valuesIn(log)).toEqual(values.slice(10))
  await log.close()
  const again = await open({ env, segmentBytes: 65536 })
  expect(again.recovery.cleanStop).toBe(true)
  expect(await valuesIn(again)).toEqual(values.slice(10))
})

test('writing goes on by itself once there is room', async () => {
  const { env, log, values } = await full()
  env.files.capacityBytes += mebibyte
  expect(await log.append({ value: 'again' })).toMatchObject({ baseOffset: values.length })
  expect(namesIn(env)).toContain('tidemark-reserve')
  expect((await valuesIn(log)).at(-1)).toBe('again')
})

test('room for a reserve, but not for more, is not enough', async () => {
  const { env, log } = await full()
  // The reserve takes 256 KiB, and 64 KiB more are to be free before writing begins again.
  env.files.capacityBytes += 320 * 1024 - env.files.freeBytesSync('/')
  await expect(log.append({ value: 'again' })).rejects.toThrow(DiskFullError)
  expect(namesIn(env)).not.toContain('tidemark-reserve')
  env.files.capacityBytes += 100
  await log.append({ value: 'again' })
})

test('retention makes room', async () => {
  const { env, log, values } = await full({ retentionBytes: 500_000, fileDeleteDelayMs: 0 })
  expect(await log.applyRetention()).toBeGreaterThan(5)
  expect(await log.append({ value: 'again' })).toMatchObject({ baseOffset: values.length })
  expect(namesIn(env)).toContain('tidemark-reserve')
})

test('a log that must be recovered on a full disk says so, and opens when there is room', async () => {
  const { env, values } = await full()
  const after = env.kill()
  after.files.capacityBytes = 0
  await expect(openLog(directory, { env: after, segmentBytes: 65536 })).rejects.toThrow(DiskFullError)
  expect(await valuesIn(await open({ env: after, readOnly: true }))).toEqual(values)
  after.files.capacityBytes = 3 * mebibyte
  expect(await valuesIn(await open({ env: after, segmentBytes: 65536 }))).toEqual(values)
})

test('a log whose disk has room for all but the reserve opens, and is read and trimmed', async () => {
  const { env, log, values } = await full()
  await log.close()
  env.files.capacityBytes += 20 * 1024 - env.files.freeBytesSync('/')
  const again = await open({ env, segmentBytes: 65536, fileDeleteDelayMs: 0 })
  expect(await valuesIn(again)).toEqual(values)
  await expect(again.append({ value: 'x' })).rejects.toThrow(DiskFullError)
  await again.trim(40)
  expect(await again.append({ value: 'x' })).toMatchObject({ baseOffset: values.length })
})

test('without a reserve a full disk is refused and tried again all the same', async () => {
  const { env, log, values } = await full({ reserveBytes: 0 })
  expect(namesIn(env)).not.toContain('tidemark-reserve')
  await expect(log.append({ value: 'x'.repeat(30_000) })).rejects.toThrow(DiskFullError)
  env.files.capacityBytes += mebibyte
  expect(await log.append({ value: 'again' })).toMatchObject({ baseOffset: values.length })
})

test('a quota that is used up is a full disk too', async () => {
  const { env } = stillWorld()
  const files = faultyFiles(env.files)
  const log = await open({ env: { ...env, files } })
  files.use([{ kind: 'write', path: /\.log$/, fault: 'EDQUOT' }])
  await expect(log.append({ value: 'a' })).rejects.toThrow(DiskFullError)
  await appendEach(log, 'b')
  expect(await valuesIn(log)).toEqual(['b'])
})

describe('what was half written when the disk was full', () => {
  test('is taken back', async () => {
    const { env } = stillWorld()
    const files = faultyFiles(env.files)
    const log = await open({ env: { ...env, files } })
    await appendEach(log, 'a')
    const { sizeBytes } = await log.stats()
    files.use([
      { kind: 'write', path: /\.log$/, fault: { shortBytes: 40 } },
      { kind: 'write', path: /\.log$/, fault: 'ENOSPC', nth: 2 },
    ])
    await expect(log.append({ value: 'x'.repeat(100) })).rejects.toThrow(DiskFullError)
    expect(env.files.statSync(`${log.directory}/00000000000000000000.log`)?.sizeBytes).toBe(sizeBytes)
  })

  test('of a new segment is taken back, and those that wait are told', async () => {
    const { env } = stillWorld()
    const files = faultyFiles(env.files)
    const log = await open({ env: { ...env, files }, segmentBytes: 1024 })
    await appendEach(log, ...valuesOf(3, 250))
    files.use([{ kind: 'write', path: /\.(index|snapshot)$/, fault: 'ENOSPC' }])
    const results = await Promise.allSettled(valuesOf(5, 250).map((value) => log.append({ value })))
    for (const result of results) expect(result).toMatchObject({ reason: { code: 'ERR_DISK_FULL' } })
    expect(namesIn(env).filter((name) => name.endsWith('.log'))).toHaveLength(1)
    await appendEach(log, ...valuesOf(5, 250))
    expect(await valuesIn(log)).toEqual([...valuesOf(3, 250), ...valuesOf(5, 250)])
  })
})

describe('others fill the disk while the reserve is held', () => {
  /** Three segments, and not a byte left. */
  async function crowdedOut(options: Omit<LogOptions, 'env'> = {}) {
    const { env } = stillWorld({ capacityBytes: 2 * mebibyte })
    const log = await open({ env, segmentBytes: 65536, fileDeleteDelayMs: 0, ...options })
    for (let at = 0; at < 6; at++) await log.append({ value: 'x'.repeat(30_000) })
    expect(namesIn(env)).toContain('tidemark-reserve')
    env.files.capacityBytes -= env.files.freeBytesSync('/')
    return { env, log }
  }

  test('a log that never met the full disk itself is trimmed, and writes again', async () => {
    const { log } = await crowdedOut()
    await log.trim(4)
    expect(log.startOffset).toBe(4)
    expect(await log.append({ value: 'x' })).toMatchObject({ baseOffset: 6 })
  })

  test('retention makes room', async () => {
    const { log } = await crowdedOut({ retentionBytes: 65536 })
    expect(await log.applyRetention()).toBe(1)
  })

  test('it closes cleanly and opens again', async () => {
    const { env, log } = await crowdedOut()
    await log.close()
    const again = await open({ env, segmentBytes: 65536 })
    expect(again.recovery.cleanStop).toBe(true)
  })

  test('it opens after a kill', async () => {
    const { env } = await crowdedOut()
    const again = await open({ env: env.kill(), segmentBytes: 65536 })
    expect(again.endOffset).toBe(6)
  })
})
