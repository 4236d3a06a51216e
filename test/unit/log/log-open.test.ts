import { describe, expect, test } from 'vitest'
import {
  ClosedError,
  CorruptionError,
  LockedError,
  NotALogError,
  ReadOnlyError,
} from '../../../src/base/errors.ts'
import { type Log, openLog } from '../../../src/log/log.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'
import { recordingFiles } from '../../../src/testing/recording-files.ts'
import {
  appendEach,
  batchOf,
  directory,
  flip,
  namesIn,
  open,
  putFile,
  stillWorld,
  valuesIn,
} from './log-setup.ts'

/** Options as a program without types might pass them. */
const refused = (options: Record<string, unknown>) =>
  openLog(directory, { env: memoryEnv(), ...options }).then(
    (log) => log.close(),
    (error: unknown) => error,
  )

describe('options', () => {
  test.each([
    [{ segmentByte: 1024 }, "unknown option 'segmentByte'; did you mean 'segmentBytes'?"],
    [{ 'segment.byte': 1024 }, "unknown option 'segment.byte'; did you mean 'segment.bytes'?"],
    [{ maxOpenFile: 10 }, "did you mean 'maxOpenFiles'?"],
    [{ readonly: true }, "did you mean 'readOnly'?"],
    [{ zzzzzzzz: true }, "unknown option 'zzzzzzzz'"],
    [{ segmentBytes: '1024' }, 'segmentBytes must be an integer from 1024 to 2147483647; got '],
    [{ durability: 'fsync' }, "durability must be one of 'sync', 'interval', 'os'; got 'fsync'"],
    [{ compression: 'zip' }, "compression must be one of 'none', 'gzip', 'snappy', 'lz4', 'zstd'"],
    [{ readOnly: 'yes' }, "readOnly must be true or false; got 'yes'"],
    [{ segmentBytes: 2048, 'segment.bytes': 2048 }, 'give it once'],
  ])('%j is refused as misuse', async (options, message) => {
    const error = await refused(options)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain(message)
  })

  test.each([
    [{ segmentBytes: 1023 }],
    [{ segmentBytes: 2 ** 31 }],
    [{ maxOpenFiles: 7 }],
    [{ retentionMs: -2 }],
    [{ syncIntervalMs: 0 }],
    [{ syncIntervalRecords: 0 }],
    [{ maxQueuedBytes: 1000 }],
    [{ indexBytesMax: 23 }],
    [{ 'max.message.bytes': -1 }],
    [{ reserveBytes: 1.5 }],
  ])('%j is out of range', async (options) => {
    const error = await refused(options)
    expect(error).toBeInstanceOf(RangeError)
    expect(String(error)).toMatch(/must be an integer from \d+ to \d+/)
  })

  test('a refused option has created nothing', async () => {
    const env = memoryEnv()
    await expect(openLog(directory, { env, segmentBytes: 1 })).rejects.toThrow(RangeError)
    expect(env.files.statSync('/data')).toBeUndefined()
  })

  test("Kafka's names are accepted in place of ours", async () => {
    const { env } = stillWorld()
    const log = await open({ env, 'segment.bytes': 1024, 'max.message.bytes': 600, 'flush.ms': 5 })
    await appendEach(log, 'x'.repeat(500), 'y'.repeat(500), 'z'.repeat(500))
    expect((await log.stats()).segments).toBe(3)
    await expect(log.append({ value: 'x'.repeat(600) })).rejects.toThrow('max.message.bytes = 600')
  })

  test.each([[''], [undefined], [null], [5]])('%j is no directory', async (path) => {
    await expect(openLog(path as string)).rejects.toThrow(TypeError)
  })
})

describe('a directory', () => {
  test('is created with its parents, and holds the files of Kafka', async () => {
    const { env } = stillWorld()
    const log = await open({ env }, '/a/b/c')
    expect(log.directory).toBe('/a/b/c')
    expect([log.startOffset, log.endOffset]).toEqual([0, 0])
    const names = namesIn(env, '/a/b/c')
    for (const name of ['00000000000000000000.log', 'leader-epoch-checkpoint', 'partition.metadata', '.lock'])
      expect(names).toContain(name)
  })

  test('that holds nothing is no log to read', async () => {
    const env = memoryEnv()
    const reading = (path = directory) => openLog(path, { env, readOnly: true })
    await expect(reading()).rejects.toThrow(NotALogError)
    await expect(reading(`${directory}/missing`)).rejects.toThrow('holds no log: there is no such directory')
    putFile(env, 'notes.txt', 'hello')
    await expect(reading()).rejects.toThrow('holds no log: there is no .log file in it')
    await expect(reading(`${directory}/notes.txt`)).rejects.toThrow('holds no log: it is no directory')
    expect(namesIn(env)).toEqual(['notes.txt'])
  })

  test('has one writer at a time, and any number of readers', async () => {
    const { env } = stillWorld()
    const log = await open({ env })
    await appendEach(log, 'a')
    const error = await openLog(directory, { env }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(LockedError)
    expect(error).toMatchObject({ code: 'ERR_LOCKED', ownerPid: process.pid })
    expect(await valuesIn(await open({ env, readOnly: true }))).toEqual(['a'])
    expect(await valuesIn(await open({ env, readOnly: true }))).toEqual(['a'])
    await log.close()
    expect(await valuesIn(await open({ env }))).toEqual(['a'])
  })

  test('may be opened again after an opening that failed', async () => {
    const { env } = stillWorld()
    const log = await open({ env })
    await appendEach(log, 'a')
    await log.close()
    flip(env, '00000000000000000000.log', 65)
    await expect(openLog(directory, { env })).rejects.toThrow(CorruptionError)
    await expect(openLog(directory, { env })).rejects.toThrow(CorruptionError)
    flip(env, '00000000000000000000.log', 65)
    expect(await valuesIn(await open({ env }))).toEqual(['a'])
  })
})

describe('an opening that is given up', () => {
  test('before it began does nothing', async () => {
    const env = memoryEnv()
    const reason = new Error('not any more')
    await expect(openLog(directory, { env, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(env.files.statSync(directory)).toBeUndefined()
  })

  test.each([[true], [false]])(
    'while it scans ends and lets the directory go (readOnly: %s)',
    async (readOnly) => {
      const { env } = stillWorld()
      const log = await open({ env })
      await appendEach(log, 'a', 'b')
      const after = env.kill()
      const controller = new AbortController()
      const reason = new Error('not any more')
      const opening = openLog(directory, {
        env: after,
        readOnly,
        signal: controller.signal,
        onProgress: () => controller.abort(reason),
      })
      await expect(opening).rejects.toBe(reason)
      expect(await valuesIn(await open({ env: after }))).toEqual(['a', 'b'])
    },
  )
})

describe('a log that was closed', () => {
  async function closed(): Promise<Log> {
    const { env } = stillWorld()
    const log = await open({ env })
    await appendEach(log, 'a')
    await log.close()
    return log
  }

  test.each<[string, (log: Log) => unknown]>([
    ['append', (log) => log.append({ value: 'b' })],
    ['appendBatch', (log) => log.appendBatch(batchOf([{ value: 'b' }]))],
    ['read', (log) => log.read()],
    ['read and follow', (log) => log.read({ follow: true })],
    ['readBatches', (log) => log.readBatches()],
    ['get', (log) => log.get(0)],
    ['offsetForTimestamp', (log) => log.offsetForTimestamp(0)],
    ['stats', (log) => log.stats()],
    ['verify', (log) => log.verify()],
    ['truncate', (log) => log.truncate(0)],
    ['trim', (log) => log.trim(0)],
    ['applyRetention', (log) => log.applyRetention()],
    ['flush', (log) => log.flush()],
  ])('refuses %s', async (_, use) => {
    const log = await closed()
    await expect((async () => use(log))()).rejects.toThrow(ClosedError)
  })

  test('may be closed again, also while it closes', async () => {
    const { env } = stillWorld()
    const log = await open({ env })
    const append = log.append({ value: 'a' })
    let isFirstDone = false
    const first = log.close().then(() => (isFirstDone = true))
    await log.close()
    expect(isFirstDone).toBe(true)
    await first
    await log.close()
    expect(await append).toMatchObject({ baseOffset: 0 })
    expect((await open({ env })).recovery).toMatchObject({ cleanStop: true, endOffset: 1 })
  })

  test("has nothing more done to its directory, which may be somebody else's by now", async () => {
    const { env } = stillWorld()
    const files = recordingFiles(env.files)
    const log = await open({ env: { ...env, files } })
    await appendEach(log, 'a')
    await log.close()
    files.take()
    const next = await open({ env })
    await log.close()
    // A lock that is not its own any more is not released.
    expect(files.records.filter(({ kind }) => kind !== 'unlock')).toEqual([])
    await expect(openLog(directory, { env })).rejects.toThrow(LockedError)
    await next.append({ value: 'b' })
  })

  test('keeps its directory until the last append is done', async () => {
    const { env } = stillWorld()
    const log = await open({ env })
    const append = log.append({ value: 'a' })
    const closing = [log.close(), log.close()]
    await expect(openLog(directory, { env })).rejects.toThrow(LockedError)
    await Promise.all([...closing, append])
    expect((await open({ env })).endOffset).toBe(1)
  })

  test('takes no append that came after closing began, and all that came before', async () => {
    const { env } = stillWorld()
    const log = await open({ env })
    const before = log.append({ value: 'before' })
    const closing = log.close()
    await expect(log.append({ value: 'after' })).rejects.toThrow(ClosedError)
    await before
    await closing
    expect(await valuesIn(await open({ env }))).toEqual(['before'])
  })

  test('is what leaving an `await using` block makes of it', async () => {
    const { env } = stillWorld()
    let kept: Log
    {
      await using log = await openLog(directory, { env })
      await appendEach(log, 'a')
      kept = log
    }
    await expect(kept.append({ value: 'b' })).rejects.toThrow(ClosedError)
    expect((await open({ env })).recovery.cleanStop).toBe(true)
  })
})

test('a log that was opened to read refuses to be changed', async () => {
  const { env } = stillWorld()
  await appendEach(await open({ env }), 'a')
  const log = await open({ env, readOnly: true })
  await expect(log.append({ value: 'b' })).rejects.toThrow(ReadOnlyError)
  await expect(log.truncate(0)).rejects.toThrow(ReadOnlyError)
  await expect(log.trim(1)).rejects.toThrow(ReadOnlyError)
  await expect(log.applyRetention()).rejects.toThrow(ReadOnlyError)
  await expect(log.flush()).rejects.toThrow(ReadOnlyError)
  expect(await valuesIn(log)).toEqual(['a'])
})
