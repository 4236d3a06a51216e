import { expect, test } from 'vitest'
import { readCleanShutdown, writeCleanShutdown } from '../../../src/log/clean-shutdown.ts'
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
