import { expect, test } from 'vitest'
import { PoisonedError, StorageError } from '../../../src/base/errors.ts'
import { readCleanShutdown, writeCleanShutdown } from '../../../src/log/clean-shutdown.ts'
import type { Log } from '../../../src/log/log.ts'
import { loseUnsynced } from '../../../src/testing/crash-chooser.ts'
import { faultyFiles } from '../../../src/testing/faulty-files.ts'
import { type FileCall, InterposedFiles } from '../../../src/testing/interposed-files.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import {
  appendEach,
  bytesOf,
  directory,
  flip,
  namesIn,
  open,
  putFile,
  stillWorld,
  valuesIn,
  valuesOf,
} from './log-setup.ts'

const name = 'tidemark-clean-shutdown'

/** A directory of three segments that was closed. */
async function closed() {
  const { env } = stillWorld()
  const log = await open({ env, segmentBytes: 1024 })
  await appendEach(log, ...valuesOf(9, 270))
  await log.trim(1)
  await log.close()
  return env
}

test('what a log was when it was closed is told by file and size', async () => {
  const env = await closed()
  const clean = readCleanShutdown(env.files, directory)
  expect(clean).toMatchObject({ startOffset: 1, endOffset: 9, lastBatch: { baseOffset: 6 } })
  expect(clean?.segments.map(({ baseOffset, nextOffset }) => [baseOffset, nextOffset])).toEqual([
    [0, 3],
    [3, 6],
    [6, 9],
  ])
  for (const { baseOffset, sizeBytes, digests } of clean?.segments ?? []) {
    const base = String(baseOffset).padStart(20, '0')
    expect(bytesOf(env, `${base}.log`)).toHaveLength(sizeBytes)
    expect(bytesOf(env, `${base}.index`)).toHaveLength(digests?.offsets.sizeBytes ?? -1)
    expect(bytesOf(env, `${base}.timeindex`)).toHaveLength(digests?.times.sizeBytes ?? -1)
    expect(digests?.transactions.sizeBytes).toBe(-1)
  }
  expect(Object.keys(clean?.sideFiles ?? {}).sort()).toEqual([
    '00000000000000000009.snapshot',
    'leader-epoch-checkpoint',
  ])
})

test('any bit that flips in it makes it count for nothing', async () => {
  const env = await closed()
  const { length } = bytesOf(env, name)
  for (let position = 0; position < length - 1; position += 7) {
    flip(env, name, position)
    expect(readCleanShutdown(env.files, directory)).toBeUndefined()
    flip(env, name, position)
  }
  expect(readCleanShutdown(env.files, directory)).toBeDefined()
})

test.each([[0], [5], [9], [10], [100], [-1]])('cut to %d bytes it counts for nothing', async (length) => {
  const env = await closed()
  putFile(env, name, bytesOf(env, name).subarray(0, length < 0 ? -1 : length))
  expect(readCleanShutdown(env.files, directory)).toBeUndefined()
  const log = await open({ env, segmentBytes: 1024 })
  expect(log.recovery.cleanStop).toBe(false)
  expect(await valuesIn(log)).toEqual(valuesOf(9, 270).slice(1))
})

test('one of another version counts for nothing', async () => {
  const env = await closed()
  const clean = readCleanShutdown(env.files, directory)
  await writeCleanShutdown(env.files, directory, { ...clean, version: 2 } as never)
  expect(readCleanShutdown(env.files, directory)).toBeUndefined()
})

test('it is the last thing that closing makes durable', async () => {
  const env = await closed()
  const after = env.crash()
  expect(namesIn(after)).toContain(name)
  const log = await open({ env: after, segmentBytes: 1024 })
  expect(log.recovery.cleanStop).toBe(true)
  expect(await valuesIn(log)).toEqual(valuesOf(9, 270).slice(1))
})

test('a log that was not changed since it was closed is still closed cleanly after a crash', async () => {
  const env = await closed()
  const log = await open({ env, segmentBytes: 1024 })
  expect(await valuesIn(log)).toEqual(valuesOf(9, 270).slice(1))
  await log.flush()
  await log.applyRetention()
  const { recovery } = await open({ env: env.crash(), segmentBytes: 1024 })
  expect(recovery).toMatchObject({ cleanStop: true, scannedBytes: 0, distrusted: undefined })
})

test('there is nothing to be done when a log is closed that was not changed', async () => {
  const env = await closed()
  const before = bytesOf(env, name)
  const files = faultyFiles(env.files)
  const log = await open({ env: { ...env, files }, segmentBytes: 1024 })
  const [syncs, writes] = [files.count('syncDirectory'), files.count('write')]
  await log.close()
  expect([files.count('syncDirectory'), files.count('write')]).toEqual([syncs, writes])
  expect(bytesOf(env, name)).toEqual(before)
  expect((await open({ env, segmentBytes: 1024 })).recovery.cleanStop).toBe(true)
})

/** Notes of each call that changes something whether a power cut then would bring the clean-shutdown file back. */
class ChangesBesideIt extends InterposedFiles {
  readonly #env: MemoryEnv
  readonly seen: boolean[] = []

  constructor(env: MemoryEnv) {
    super(env.files)
    this.#env = env
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    if (['write', 'truncate', 'rename'].includes(call.kind))
      this.seen.push(this.#env.files.imagineCrash(loseUnsynced).listSync(directory).includes(name))
    return run(call)
  }
}

const changes: readonly (readonly [string, (log: Log) => Promise<unknown>])[] = [
  ['an append', (log) => log.append({ value: 'x' })],
  ['a truncation', (log) => log.truncate(5)],
  ['a trim', (log) => log.trim(2)],
  ['a trim of whole segments', (log) => log.trim(7)],
]

test.each(changes)('it is gone for good before %s changes anything', async (_, change) => {
  const env = await closed()
  const files = new ChangesBesideIt(env)
  const log = await open({ env: { ...env, files }, segmentBytes: 1024 })
  expect(log.recovery.cleanStop).toBe(true)
  files.seen.length = 0
  await change(log)
  expect(files.seen.length).toBeGreaterThan(0)
  expect(files.seen).not.toContain(true)
  expect((await open({ env: env.crash(), segmentBytes: 1024 })).recovery.cleanStop).toBe(false)
})

test('it is gone for good before indexes are made again', async () => {
  const env = await closed()
  flip(env, '00000000000000000006.timeindex', 3)
  const files = new ChangesBesideIt(env)
  const log = await open({ env: { ...env, files }, segmentBytes: 1024 })
  files.seen.length = 0
  expect(log.get(8)?.value?.toString()).toBe(valuesOf(9, 270)[8])
  expect(files.seen.length).toBeGreaterThan(0)
  expect(files.seen).not.toContain(true)
})

test('while it cannot be removed the log is not changed, and can be once it can', async () => {
  const env = await closed()
  const files = faultyFiles(env.files)
  const log = await open({ env: { ...env, files }, segmentBytes: 1024 })
  files.use([{ kind: 'remove', fault: 'EIO' }])
  await expect(log.append({ value: 'refused' })).rejects.toThrow(StorageError)
  expect(log.endOffset).toBe(9)
  await log.append({ value: 'taken' })
  await log.close()
  expect((await open({ env, segmentBytes: 1024 })).recovery).toMatchObject({ cleanStop: true, endOffset: 10 })
})

test('when it is not known whether it is gone the log takes no more writes', async () => {
  const env = await closed()
  const files = faultyFiles(env.files)
  const log = await open({ env: { ...env, files }, segmentBytes: 1024 })
  files.use([{ kind: 'syncDirectory', fault: 'EIO' }])
  await expect(log.append({ value: 'refused' })).rejects.toThrow(PoisonedError)
  await expect(log.append({ value: 'refused too' })).rejects.toThrow(PoisonedError)
  await expect(log.truncate(5)).rejects.toThrow(PoisonedError)
  await log.close()
  const again = await open({ env: env.crash(), segmentBytes: 1024 })
  expect(await valuesIn(again)).toEqual(valuesOf(9, 270).slice(1))
  expect(again.recovery.cleanStop).toBe(true)
})
