import { describe, expect, test } from 'vitest'
import { OffsetOutOfRangeError } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/log/log.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import {
  appendEach,
  bytesOf,
  namesIn,
  offsetsIn,
  open,
  range,
  stillWorld,
  turns,
  valuesIn,
  valuesOf,
} from './log-setup.ts'

/** Batches of 3 records, 5 to a segment: the segments begin at 0, 15, 30, 45. */
async function filled() {
  const { env, clock } = stillWorld()
  const log = await open({ env, segmentBytes: 1024, indexIntervalBytes: 100 })
  for (const [batch, value] of valuesOf(20, 38).entries()) {
    clock.advance(10)
    await log.append(range(0, 3).map((index) => ({ value: `${value}${index + batch}` })))
  }
  expect(logsIn(env)).toEqual([0, 15, 30, 45])
  return { env, clock, log }
}

const logsIn = (env: MemoryEnv) =>
  namesIn(env)
    .filter((name) => name.endsWith('.log'))
    .map((name) => Number.parseInt(name, 10))

async function stopped(log: Log, env: MemoryEnv, stop: 'none' | 'close' | 'kill' | 'crash'): Promise<Log> {
  if (stop === 'none') return log
  if (stop === 'close') await log.close()
  return open({ env: stop === 'close' ? env : env[stop](), segmentBytes: 1024, indexIntervalBytes: 100 })
}

describe.each([['none'], ['close'], ['kill'], ['crash']] as const)('a cut, and then %s', (stop) => {
  test.each(range(0, 61).map((offset) => [offset]))('at %d takes whole batches', async (offset) => {
    const { log, env } = await filled()
    const before = await valuesIn(log)
    const end = Math.floor(offset / 3) * 3
    expect(await log.truncate(offset)).toBe(end)
    expect(log.endOffset).toBe(end)
    const after = await stopped(log, env, stop)
    expect(after.endOffset).toBe(end)
    expect(await valuesIn(after)).toEqual(before.slice(0, end))
    expect(await after.append([{ value: 'new' }, { value: 'er' }])).toMatchObject({ baseOffset: end })
    expect(await valuesIn(after)).toEqual([...before.slice(0, end), 'new', 'er'])
  })
})

test('what is outside of the log is refused', async () => {
  const { log } = await filled()
  await log.trim(20)
  for (const offset of [-1, 0, 19, 61])
    await expect(log.truncate(offset)).rejects.toThrow(OffsetOutOfRangeError)
  for (const offset of [Number.NaN, 20.5, '30', undefined])
    await expect(log.truncate(offset as number)).rejects.toThrow(TypeError)
  expect(log.endOffset).toBe(60)
})

test('the segments behind the cut are deleted, and so are their snapshots', async () => {
  const { log, env, clock } = await filled()
  await log.truncate(20)
  expect(logsIn(env)).toEqual([0, 15])
  const snapshots = namesIn(env).filter((name) => name.endsWith('.snapshot'))
  expect(snapshots.map((name) => Number.parseInt(name, 10))).toEqual([0, 15])
  await clock.runFor(60_000)
  await turns(env)
  expect(namesIn(env).filter((name) => name.endsWith('.deleted'))).toEqual([])
})

test('the time index knows nothing of what was cut', async () => {
  const { log, clock } = await filled()
  const latest = clock.nowMs()
  expect(log.offsetForTimestamp(latest)).toMatchObject({ offset: 57 })
  await log.truncate(20)
  expect(log.offsetForTimestamp(latest)).toBeUndefined()
  expect((await log.stats()).maxTimestamp).toBe(latest - 140)
  expect(log.offsetForTimestamp(latest - 140)).toMatchObject({ offset: 15 })
})

test.each([['none'], ['close'], ['kill'], ['crash']] as const)(
  'a batch that the start of the log falls into goes as a whole, then %s',
  async (stop) => {
    const { log, env } = await filled()
    await log.trim(19)
    expect(await log.truncate(20)).toBe(19)
    expect([log.startOffset, log.endOffset]).toEqual([19, 19])
    const after = await stopped(log, env, stop)
    expect([after.startOffset, after.endOffset]).toEqual([19, 19])
    expect(await after.append({ value: 'new' })).toMatchObject({ baseOffset: 19 })
    expect(await offsetsIn(after)).toEqual([19])
  },
)

test('the leader goes on in its epoch', async () => {
  const { log, env } = await filled()
  await log.truncate(0)
  await appendEach(log, 'a')
  expect(bytesOf(env, 'leader-epoch-checkpoint').toString()).toBe('0\n1\n0 0\n')
  const { value } = await log.readBatches().next()
  expect(value.partitionLeaderEpoch).toBe(0)
})

test('an append that comes during a cut stands behind it', async () => {
  const { log } = await filled()
  const [end, append] = await Promise.all([log.truncate(6), log.append({ value: 'after' })])
  expect([end, append.baseOffset]).toEqual([6, 6])
  expect((await valuesIn(log)).at(-1)).toBe('after')
  expect(log.endOffset).toBe(7)
})

test('cutting again and again leaves what was not cut', async () => {
  const { log, env } = await filled()
  let expected = await valuesIn(log)
  for (const offset of [57, 45, 44, 31, 30, 16, 3]) {
    const end = await log.truncate(offset)
    expected = expected.slice(0, end)
    const values = valuesOf(4, 60 + offset)
    await appendEach(log, ...values)
    expected.push(...values)
    expect(await valuesIn(log)).toEqual(expected)
  }
  await log.close()
  expect(await valuesIn(await open({ env }))).toEqual(expected)
})
