import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { LogRecord } from '../../../src/batch/log-record.ts'
import { OffsetOutOfRangeError } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/log/log.ts'
import { appendEach, open, range, stillWorld, turns, valuesOf } from './log-setup.ts'

/** Takes `count` records from a reader, as text. */
async function take(reader: AsyncIterator<LogRecord>, count: number): Promise<(string | undefined)[]> {
  const values: (string | undefined)[] = []
  while (values.length < count) {
    const { value, done } = await reader.next()
    if (done) break
    values.push(value?.value?.toString())
  }
  return values
}

/** Whether a promise has settled by itself after some turns of the event loop. */
async function isSettled(
  env: ReturnType<typeof stillWorld>['env'],
  promise: Promise<unknown>,
): Promise<boolean> {
  let settled = false
  promise.then(
    () => (settled = true),
    () => (settled = true),
  )
  await turns(env)
  return settled
}

async function started(
  ...values: string[]
): Promise<{ log: Log; env: ReturnType<typeof stillWorld>['env'] }> {
  const { env } = stillWorld()
  const log = await open({ env })
  await appendEach(log, ...values)
  return { log, env }
}

test('a follower waits at the end until something is appended', async () => {
  const { log, env } = await started('a', 'b')
  const reader = log.read({ follow: true })
  expect(await take(reader, 2)).toEqual(['a', 'b'])
  const next = reader.next()
  expect(await isSettled(env, next)).toBe(false)
  await log.append({ value: 'c' })
  expect((await next).value?.value?.toString()).toBe('c')
  await appendEach(log, 'd', 'e')
  expect(await take(reader, 2)).toEqual(['d', 'e'])
})

test('a follower may begin at the end, and at a time', async () => {
  const { log } = await started('a', 'b')
  const latest = take(log.read({ follow: true, from: 'latest' }), 2)
  const timed = take(log.read({ follow: true, from: { timestamp: 0 } }), 4)
  await appendEach(log, 'c', 'd')
  expect(await latest).toEqual(['c', 'd'])
  expect(await timed).toEqual(['a', 'b', 'c', 'd'])
})

test('several followers each see everything', async () => {
  const { env } = stillWorld()
  const log = await open({ env, segmentBytes: 1024 })
  const values = valuesOf(100, 50)
  const followers = range(0, 5).map((index) =>
    take(log.read({ follow: true, maxBytes: 1 + index * 200 }), 100),
  )
  await Promise.all(values.slice(0, 50).map((value) => log.append({ value })))
  await appendEach(log, ...values.slice(50))
  for (const seen of await Promise.all(followers)) expect(seen).toEqual(values)
})

test('a follower with an end stops there, whenever that comes', async () => {
  const { log, env } = await started('a')
  const reader = log.read({ follow: true, to: 3 })
  expect(await take(reader, 1)).toEqual(['a'])
  const rest = take(reader, 10)
  expect(await isSettled(env, rest)).toBe(false)
  await log.append([{ value: 'b' }, { value: 'c' }, { value: 'd' }])
  expect(await rest).toEqual(['b', 'c'])
})

test('a follower goes on where the log was cut and has grown again', async () => {
  const { log, env } = await started('a', 'b', 'c')
  const reader = log.read({ follow: true, maxBytes: 1 })
  expect(await take(reader, 1)).toEqual(['a'])
  await log.truncate(1)
  const next = take(reader, 2)
  expect(await isSettled(env, next)).toBe(false)
  await appendEach(log, 'new b', 'new c')
  expect(await next).toEqual(['new b', 'new c'])
})

test('a follower that waits beyond the place where the log is cut is told', async () => {
  const { log } = await started('a', 'b', 'c')
  const reader = log.read({ follow: true })
  await take(reader, 3)
  const next = reader.next()
  await log.truncate(1)
  await expect(next).rejects.toThrow(OffsetOutOfRangeError)
})

test('closing the log ends its followers, with or without an end of their own', async () => {
  const { log } = await started('a')
  const readers = [log.read({ follow: true }), log.read({ follow: true, to: 100 })]
  for (const reader of readers) await take(reader, 1)
  const ends = readers.map((reader) => reader.next())
  await log.close()
  expect(await Promise.all(ends)).toEqual([
    { value: undefined, done: true },
    { value: undefined, done: true },
  ])
})

describe('a signal', () => {
  test('ends a follower that waits', async () => {
    const { log } = await started('a')
    const controller = new AbortController()
    const reader = log.read({ follow: true, signal: controller.signal })
    await take(reader, 1)
    const next = reader.next()
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(next).rejects.toBe(reason)
    await log.append({ value: 'b' })
    await expect(reader.next()).rejects.toBe(reason)
  })

  test('keeps no listener of a follower that has gone on or was left', async () => {
    const { log } = await started('a')
    const { signal } = new AbortController()
    const listeners = () => getEventListeners(signal, 'abort').length
    for await (const { value } of log.read({ follow: true, signal })) {
      expect(listeners()).toBe(0)
      if (value?.toString() === 'c') break
      // The next one is waited for, and comes while that goes on.
      void log.append({ value: value?.toString() === 'a' ? 'b' : 'c' })
    }
    expect(listeners()).toBe(0)
    const reader = log.read({ follow: true, from: 'latest', signal })
    const next = reader.next()
    expect(listeners()).toBe(1)
    await reader.return?.()
    expect(await next).toEqual({ value: undefined, done: true })
    expect(listeners()).toBe(0)
  })
})

test('leaving a follower ends what it waits for', async () => {
  const { log } = await started()
  const record = log.read({ follow: true })
  const batch = log.readBatches({ follow: true })
  const waiting = [record.next(), batch.next()]
  await record[Symbol.asyncDispose]()
  await batch.return?.()
  expect(await Promise.all(waiting)).toEqual([
    { value: undefined, done: true },
    { value: undefined, done: true },
  ])
})

test('a follower that is asked several times at once gives each record once', async () => {
  const { log } = await started('a')
  const reader = log.read({ follow: true })
  const asked = [reader.next(), reader.next(), reader.next()]
  await appendEach(log, 'b', 'c')
  expect((await Promise.all(asked)).map(({ value }) => value?.offset)).toEqual([0, 1, 2])
})

test('a follower never sees what is not acknowledged', async () => {
  const { log, env } = await started()
  const reader = log.read({ follow: true })
  const next = reader.next()
  let acknowledged = false
  const append = log.append({ value: 'a' }).then(() => (acknowledged = true))
  const seen = next.then(() => acknowledged || log.endOffset === 1)
  expect(await seen).toBe(true)
  await append
  await turns(env, 1)
})
