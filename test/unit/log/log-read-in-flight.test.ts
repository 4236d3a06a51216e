import { describe, expect, test } from 'vitest'
import { ClosedError, OffsetOutOfRangeError } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/log/log.ts'
import type { ReadOptions } from '../../../src/log/log-options.ts'
import { HeldReads } from './held-reads.ts'
import { appendEach, filled, open, range, stillWorld, valuesOf } from './log-setup.ts'

describe('a reader on its way', () => {
  const firstOf = async (log: Log, options: ReadOptions = {}) => {
    const reader = log.read({ maxBytes: 1, ...options })
    expect((await reader.next()).value).toMatchObject({ offset: 0 })
    return reader
  }

  test('is told when the log was cut before it', async () => {
    const { log } = await filled()
    const reader = log.read({ from: 40, maxBytes: 1 })
    await reader.next()
    await reader.next()
    await log.truncate(20)
    await expect(reader.next()).rejects.toThrow(OffsetOutOfRangeError)
  })

  test('ends where the log was cut behind it, and sees nothing that came after', async () => {
    const { log } = await filled()
    const reader = await firstOf(log)
    await log.truncate(20)
    const offsets = []
    for await (const { offset } of reader) offsets.push(offset)
    expect(offsets).toEqual(range(1, 20))
  })

  test('reads what stands there now when the log was cut and has grown again', async () => {
    const { log } = await filled()
    const reader = await firstOf(log)
    await log.truncate(2)
    await appendEach(log, 'new 2', 'new 3')
    const values = []
    for await (const { value } of reader) values.push(value?.toString())
    expect(values).toEqual(['1', 'new 2', 'new 3'])
  })

  test('is told when what it was to read next was trimmed away', async () => {
    const { log } = await filled()
    const reader = await firstOf(log)
    await reader.next()
    await log.trim(30)
    const error: unknown = await reader.next().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(OffsetOutOfRangeError)
    expect(error).toMatchObject({ offset: 2, startOffset: 30, endOffset: 60 })
  })

  test('goes on when what was trimmed lies behind it', async () => {
    const { log, clock } = await filled()
    const reader = log.read({ from: 40, maxBytes: 1 })
    await reader.next()
    await log.trim(35)
    await clock.runFor(120_000)
    const offsets = []
    for await (const { offset } of reader) offsets.push(offset)
    expect(offsets).toEqual(range(41, 60))
  })

  test('is told when the log is closed', async () => {
    const { log } = await filled()
    const reader = await firstOf(log)
    await reader.next()
    await log.close()
    await expect(reader.next()).rejects.toThrow(ClosedError)
  })

  describe('with a read under way', () => {
    /** A log of 4 large records, and a read of them that has begun and is held up. */
    async function reading() {
      const { env } = stillWorld()
      const files = new HeldReads(env.files)
      const log = await open({ env: { ...env, files }, fileDeleteDelayMs: 0 })
      // Larger than what is read at once without a trip through the thread pool.
      await appendEach(log, ...valuesOf(4, 100_000))
      const release = files.hold()
      const result = log.read({ from: 1, maxBytes: 1_000_000 }).next()
      return { log, result, release }
    }

    test('finishes what it has begun when that is trimmed away, and is told so then', async () => {
      const { log, result, release } = await reading()
      await log.trim(4)
      release()
      expect((await result).value).toMatchObject({ offset: 1 })
    })

    test('that must go on reading is told when that was trimmed away', async () => {
      const { env } = stillWorld()
      const files = new HeldReads(env.files)
      const log = await open({ env: { ...env, files }, fileDeleteDelayMs: 0 })
      await appendEach(log, ...valuesOf(4, 100_000))
      const reader = log.read({ maxBytes: 70_000 })
      const releaseFirst = files.hold()
      const first = reader.next()
      releaseFirst()
      // The next read begins as soon as the first one is done.
      const release = files.hold()
      await first
      const result = reader.next()
      await log.trim(4)
      release()
      await expect(result).rejects.toThrow(OffsetOutOfRangeError)
    })

    test('is given nothing that was read ahead and then cut off', async () => {
      const { env } = stillWorld()
      const log = await open({ env })
      await appendEach(log, ...valuesOf(4, 100_000))
      const reader = log.read({ maxBytes: 70_000 })
      await reader.next()
      await log.truncate(1)
      await appendEach(log, 'new')
      expect((await reader.next()).value?.value?.toString()).toBe('new')
    })

    test('is given nothing that was read ahead and then trimmed away', async () => {
      const { env } = stillWorld()
      const log = await open({ env })
      await appendEach(log, ...valuesOf(4, 100_000))
      const reader = log.read({ maxBytes: 70_000 })
      await reader.next()
      await log.trim(4)
      await expect(reader.next()).rejects.toThrow(OffsetOutOfRangeError)
    })

    test('is told that the log was cut before it', async () => {
      const { log, result, release } = await reading()
      await log.truncate(0)
      release()
      await expect(result).rejects.toThrow(OffsetOutOfRangeError)
    })

    test('reads what stands there after a cut', async () => {
      const { log, result, release } = await reading()
      await log.truncate(1)
      await appendEach(log, 'new')
      release()
      expect((await result).value?.value?.toString()).toBe('new')
    })

    test('finishes what it has begun when the log is closed, or is told so', async () => {
      const { log, result, release } = await reading()
      await log.close()
      release()
      const [outcome] = await Promise.allSettled([result])
      if (outcome?.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ClosedError)
      else expect(outcome?.value.value).toMatchObject({ offset: 1 })
    })
  })

  test('may ask for several records at once and gets each once', async () => {
    const { log } = await filled()
    const reader = log.read({ maxBytes: 1 })
    const asked = await Promise.all(range(0, 62).map(() => reader.next()))
    expect(asked.map(({ value }) => value?.offset)).toEqual([...range(0, 60), undefined, undefined])
    const batches = log.readBatches({ maxBytes: 1 })
    const all = await Promise.all(range(0, 31).map(() => batches.next()))
    expect(all.map(({ value }) => value?.baseOffset)).toEqual([
      ...range(0, 30).map((batch) => 2 * batch),
      undefined,
    ])
  })

  test('ends when its signal says so, even with records in hand', async () => {
    const { log } = await filled()
    const controller = new AbortController()
    const reader = log.read({ signal: controller.signal })
    await reader.next()
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(reader.next()).rejects.toBe(reason)
    await expect(log.read({ signal: controller.signal }).next()).rejects.toBe(reason)
    await expect(log.readBatches({ signal: controller.signal }).next()).rejects.toBe(reason)
  })

  test('ends with `return` and gives nothing more', async () => {
    const { log } = await filled()
    const reader = await firstOf(log)
    expect(await reader.return?.()).toEqual({ value: undefined, done: true })
    expect(await reader.next()).toEqual({ value: undefined, done: true })
    const batches = log.readBatches()
    await batches.next()
    await batches.return?.()
    expect(await batches.next()).toEqual({ value: undefined, done: true })
  })
})
