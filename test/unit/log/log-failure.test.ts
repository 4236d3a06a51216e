import { describe, expect, test } from 'vitest'
import { PoisonedError, StorageError } from '../../../src/base/errors.ts'
import type { LogOptions } from '../../../src/log/log-options.ts'
import { type FaultRule, faultyFiles } from '../../../src/testing/faulty-files.ts'
import { appendEach, namesIn, open, stillWorld, turns, valuesIn, valuesOf } from './log-setup.ts'

/** A log with some records, on files that will fail as told. */
async function started(options: Omit<LogOptions, 'env'> = {}) {
  const { env, clock } = stillWorld()
  const files = faultyFiles(env.files)
  const log = await open({ env: { ...env, files }, ...options })
  await appendEach(log, 'a', 'b')
  return { env, clock, files, log }
}

const onLog: Partial<FaultRule> = { kind: 'write', path: /\.log$/ }
const outcomes = async (appends: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(appends)).map((each) => (each.status === 'rejected' ? each.reason : each.status))

describe('a write that fails', () => {
  test.each(['EIO', 'EROFS', 'EINTR'] as const)(
    'with %s is told with its cause, and leaves nothing',
    async (fault) => {
      const { log, files, env } = await started()
      const { sizeBytes } = await log.stats()
      files.use([{ ...onLog, fault }])
      const error: unknown = await log.append({ value: 'c' }).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(StorageError)
      expect(error).toMatchObject({ code: 'ERR_STORAGE', retriable: false, cause: { code: fault } })
      expect(String(error)).toContain('00000000000000000000.log')
      expect((await log.stats()).sizeBytes).toBe(sizeBytes)
      expect(await log.append({ value: 'd' })).toMatchObject({ baseOffset: 2 })
      expect(await valuesIn(log)).toEqual(['a', 'b', 'd'])
      expect(await valuesIn(await open({ env: env.kill() }))).toEqual(['a', 'b', 'd'])
    },
  )

  test('fails all that were written with it, and all that wait', async () => {
    const { log, files } = await started({ maxMessageBytes: 2 ** 30 })
    files.use([{ ...onLog, fault: 'EIO' }])
    const large = Buffer.alloc(5 * 1024 * 1024)
    // More than one write takes: the last of them waits behind the write that fails.
    const results = await outcomes([large, large, large].map((value) => log.append({ value })))
    for (const result of results)
      expect(result).toMatchObject({ code: 'ERR_STORAGE', cause: { code: 'EIO' } })
    await appendEach(log, 'c')
    expect(await valuesIn(log)).toEqual(['a', 'b', 'c'])
  })

  test('leaves the producers as they were', async () => {
    const { log, files } = await started()
    const produce = (sequence: number) =>
      log.append({ value: `${sequence}` }, { producer: { id: 1, epoch: 0, sequence } })
    await produce(0)
    files.use([{ ...onLog, fault: 'EIO' }])
    expect(await outcomes([produce(1), produce(2)])).toEqual([
      expect.any(StorageError),
      expect.any(StorageError),
    ])
    expect(await produce(1)).toMatchObject({ duplicate: false, baseOffset: 3 })
    expect(await produce(0)).toMatchObject({ duplicate: true, baseOffset: 2 })
  })

  test('after it was begun is undone', async () => {
    const { log, files, env } = await started()
    const { sizeBytes } = await log.stats()
    for (const shortBytes of [1, 30, 61, 70]) {
      files.use([
        { ...onLog, fault: { shortBytes } },
        { ...onLog, fault: 'EIO', nth: 2 },
      ])
      await expect(log.append([{ value: 'c'.repeat(20) }])).rejects.toThrow(StorageError)
      expect(env.files.statSync(`${log.directory}/00000000000000000000.log`)?.sizeBytes).toBe(sizeBytes)
    }
    await appendEach(log, 'd')
    expect(await valuesIn(log)).toEqual(['a', 'b', 'd'])
  })

  test('that cannot be undone poisons the log', async () => {
    const { log, files, env } = await started()
    files.use([
      { ...onLog, fault: { shortBytes: 30 } },
      { ...onLog, fault: 'EIO', nth: 2 },
      { kind: 'truncate', path: /\.log$/, fault: 'EIO' },
    ])
    const error: unknown = await log.append({ value: 'c'.repeat(20) }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(PoisonedError)
    expect(error).toMatchObject({ cause: { code: 'EIO' } })
    await expect(log.append({ value: 'd' })).rejects.toBe(error)
    expect(await valuesIn(log)).toEqual(['a', 'b'])
    await log.close()
    const again = await open({ env })
    expect(again.recovery.cut).toMatchObject({ bytes: 30 })
    expect(await valuesIn(again)).toEqual(['a', 'b'])
  })

  test('is none as long as it is only short', async () => {
    const { log, files } = await started()
    const values = valuesOf(5, 50)
    let calls = 0
    files.use(({ kind, path }) => {
      if (kind !== 'write' || !path.endsWith('.log')) return undefined
      calls++
      return calls <= 10 ? { shortBytes: 7 * calls } : undefined
    })
    await Promise.all(values.map((value) => log.append({ value })))
    expect(calls).toBeGreaterThan(5)
    expect(await valuesIn(log)).toEqual(['a', 'b', ...values])
  })
})

describe('a sync that fails', () => {
  test('poisons the log, with its cause, for all that wait and all that come', async () => {
    const { log, files } = await started()
    files.use([{ kind: 'sync', path: /\.log$/, fault: 'EIO' }])
    const first = log.append({ value: 'c' })
    const second = log.append({ value: 'd' })
    const [one, two] = await outcomes([first, second])
    expect(one).toBeInstanceOf(PoisonedError)
    expect(one).toMatchObject({ code: 'ERR_POISONED', retriable: false, cause: { code: 'EIO' } })
    expect(two).toBe(one)
    for (const refused of [
      () => log.append({ value: 'e' }),
      () => log.flush(),
      () => log.truncate(0),
      () => log.trim(1),
      () => log.applyRetention(),
    ])
      await expect(refused()).rejects.toBe(one)
  })

  test('leaves the reading of what was acknowledged, and of nothing else', async () => {
    const { log, files } = await started()
    files.use([{ kind: 'sync', path: /\.log$/, fault: 'EIO' }])
    await expect(log.append({ value: 'c' })).rejects.toThrow(PoisonedError)
    expect(await valuesIn(log)).toEqual(['a', 'b'])
    expect(log.endOffset).toBe(2)
    expect(log.get(1)?.value?.toString()).toBe('b')
  })

  test('is over once the log is opened again, which finds out what the disk holds', async () => {
    const { log, files, env } = await started()
    files.use([{ kind: 'sync', path: /\.log$/, fault: 'EIO' }])
    await expect(log.append({ value: 'c' })).rejects.toThrow(PoisonedError)
    await log.close()
    const again = await open({ env })
    expect(again.recovery.cleanStop).toBe(false)
    // What was not acknowledged may be there, as the page cache has it. Then it has to stay, like all that is served.
    const values = await valuesIn(again)
    expect(values.slice(0, 2)).toEqual(['a', 'b'])
    await appendEach(again, 'd')
    expect(await valuesIn(await open({ env: env.crash() }))).toEqual([...values, 'd'])
  })

  test('of the directory does so too', async () => {
    const { log, files } = await started({ segmentBytes: 1024 })
    files.use([{ kind: 'syncDirectory', fault: 'EIO' }])
    await expect(log.append({ value: 'x'.repeat(900) })).rejects.toThrow(PoisonedError)
  })

  test('in the background is told to the next who appends', async () => {
    const { log, files, clock, env } = await started({ durability: 'interval', syncIntervalMs: 100 })
    files.use([{ kind: 'sync', path: /\.log$/, fault: 'EIO' }])
    await clock.runFor(100)
    await turns(env)
    await expect(log.append({ value: 'c' })).rejects.toThrow(PoisonedError)
    expect(await valuesIn(log)).toEqual(['a', 'b'])
  })

  test('as the log is closed is told, and the next open trusts nothing', async () => {
    const { log, files, env } = await started({ durability: 'os' })
    files.use([{ kind: 'sync', path: /\.log$/, fault: 'EIO' }])
    await expect(log.close()).rejects.toThrow(PoisonedError)
    expect(namesIn(env)).not.toContain('tidemark-clean-shutdown')
    expect(namesIn(env)).not.toContain('.lock')
    expect((await open({ env })).recovery.cleanStop).toBe(false)
  })
})

describe('a new segment that cannot be started', () => {
  test.each<[string, FaultRule]>([
    ['its file', { kind: 'open', path: /0002\.log$/, fault: 'EMFILE' }],
    ['the snapshot', { kind: 'open', path: /0002\.snapshot$/, fault: 'EIO' }],
    ['the index', { kind: 'write', path: /\.timeindex$/, fault: 'EIO' }],
  ])('for %s fails the append, and works again later', async (_, rule) => {
    const { log, files, env } = await started({ segmentBytes: 1024 })
    const value = 'x'.repeat(900)
    files.use([rule])
    const error: unknown = await log.append({ value }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StorageError)
    expect(error).toMatchObject({ cause: { code: rule.fault } })
    expect(namesIn(env).filter((name) => name.endsWith('.log'))).toHaveLength(1)
    await appendEach(log, 'small')
    await appendEach(log, value)
    expect(await valuesIn(log)).toEqual(['a', 'b', 'small', value])
    expect((await log.stats()).segments).toBe(2)
    await log.close()
    expect(await valuesIn(await open({ env, segmentBytes: 1024 }))).toEqual(['a', 'b', 'small', value])
  })
})

test('a start offset that cannot be stored is not moved', async () => {
  const { log, files } = await started()
  files.use([{ kind: 'write', path: /log-start-offset-checkpoint/, fault: 'EIO' }])
  await expect(log.trim(1)).rejects.toThrow(StorageError)
  expect(log.startOffset).toBe(0)
  await log.trim(1)
  expect(await valuesIn(log)).toEqual(['b'])
})

test('a cut that fails half way poisons the log', async () => {
  const { log, files, env } = await started()
  files.use([{ kind: 'truncate', path: /\.log$/, fault: 'EIO' }])
  await expect(log.truncate(1)).rejects.toThrow(PoisonedError)
  await expect(log.append({ value: 'c' })).rejects.toThrow(PoisonedError)
  await log.close()
  const again = await open({ env })
  expect(['a', 'b'].slice(0, again.endOffset)).toEqual(await valuesIn(again))
})
