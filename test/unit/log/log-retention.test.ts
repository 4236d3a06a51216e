import { describe, expect, test } from 'vitest'
import { crc32cRange } from '../../../native-free/crc32c.ts'
import { OffsetOutOfRangeError } from '../../../src/base/errors.ts'
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
  putFile,
  range,
  startMs,
  stillWorld,
  turns,
  valuesOf,
} from './log-setup.ts'

const minute = 60_000

/** Nine records, three to a segment, a minute apart, the last one of now. */
async function filled(options: Omit<LogOptions, 'env'> = {}) {
  const { env, clock } = stillWorld()
  const log = await open({ env, segmentBytes: 1024, ...options })
  for (const [index, value] of valuesOf(9, 270).entries())
    await log.append({ value, timestamp: startMs - (8 - index) * minute })
  expect(logsIn(env)).toEqual([0, 3, 6])
  return { env, clock, log }
}

const namesOf = (env: MemoryEnv, suffix: string) => namesIn(env).filter((name) => name.endsWith(suffix))
const logsIn = (env: MemoryEnv) => namesOf(env, '.log').map((name) => Number.parseInt(name, 10))

/** The batch as a producer sends it that knows no time. */
function withoutTimestamp(batch: Buffer): Buffer {
  batch.writeBigInt64BE(-1n, 27)
  batch.writeBigInt64BE(-1n, 35)
  batch.writeUInt32BE(crc32cRange(batch, 21, batch.length), 17)
  return batch
}

describe('retention', () => {
  test('keeps everything unless told otherwise', async () => {
    const { log } = await filled()
    expect(await log.applyRetention()).toBe(0)
    expect(log.startOffset).toBe(0)
  })

  test('by time deletes the segments that are too old, with the producers and indexes of theirs', async () => {
    const { log, env } = await filled({ retentionMs: 3 * minute })
    expect(await log.applyRetention()).toBe(1)
    expect(log.startOffset).toBe(3)
    expect(logsIn(env)).toEqual([3, 6])
    expect(namesOf(env, '.index')).toEqual(['00000000000000000003.index'])
    expect(namesOf(env, '.snapshot')).toEqual([
      '00000000000000000003.snapshot',
      '00000000000000000006.snapshot',
    ])
    expect(await offsetsIn(log)).toEqual(range(3, 9))
    expect(() => log.read({ from: 2 })).toThrow(OffsetOutOfRangeError)
  })

  test('by size leaves at least that much', async () => {
    const { log, env } = await filled({ retentionBytes: 1500 })
    expect(await log.applyRetention()).toBe(1)
    expect((await log.stats()).sizeBytes).toBeGreaterThanOrEqual(1500)
    expect(logsIn(env)).toEqual([3, 6])
  })

  test('takes the active segment too, and offsets go on', async () => {
    const { log, env, clock } = await filled({ retentionMs: minute })
    clock.advance(2 * minute)
    expect(await log.applyRetention()).toBe(3)
    expect([log.startOffset, log.endOffset]).toEqual([9, 9])
    expect(logsIn(env)).toEqual([9])
    expect(await log.applyRetention()).toBe(0)
    expect(await log.append({ value: 'next' })).toMatchObject({ baseOffset: 9 })
    expect(await offsetsIn(log)).toEqual([9])
  })

  test('without timestamps goes by when a file was last changed', async () => {
    const { env, clock } = stillWorld()
    const log = await open({ env, segmentBytes: 1024, retentionMs: minute })
    for (const value of valuesOf(9, 270)) {
      await log.appendBatch(withoutTimestamp(batchOf([{ value }])), { check: 'checksum' })
      clock.advance(minute / 4)
    }
    expect((await log.stats()).maxTimestamp).toBeUndefined()
    expect(await log.applyRetention()).toBe(1)
    env.files.setModifiedSync(`${directory}/00000000000000000003.log`, startMs)
    expect(await log.applyRetention()).toBe(1)
  })

  test('is looked at now and then', async () => {
    const { env, clock, log } = await filled({ retentionMs: 10 * minute, retentionCheckMs: 5 * minute })
    const startAfter = async (durationMs: number) => {
      await clock.runFor(durationMs)
      await turns(env)
      return log.startOffset
    }
    expect(await startAfter(5 * minute - 1)).toBe(0)
    expect(await startAfter(1)).toBe(3)
    expect(await startAfter(5 * minute - 1)).toBe(3)
    expect(await startAfter(1)).toBe(6)
    expect(await startAfter(5 * minute)).toBe(9)
  })

  test('is what it was after the log was closed, killed, or lost its power', async () => {
    for (const stop of ['close', 'kill', 'crash'] as const) {
      const { log, env } = await filled({ retentionMs: 3 * minute })
      await log.applyRetention()
      await log.flush()
      if (stop === 'close') await log.close()
      const again = await open({ env: stop === 'close' ? env : env[stop](), segmentBytes: 1024 })
      expect([again.startOffset, again.endOffset]).toEqual([3, 9])
      expect(await offsetsIn(again)).toEqual(range(3, 9))
    }
  })
})

describe('the files of a deleted segment', () => {
  test('stay under another name until fileDeleteDelayMs have passed', async () => {
    const { log, env, clock } = await filled({ retentionMs: 3 * minute, fileDeleteDelayMs: 5000 })
    await log.applyRetention()
    const deleted = ['index', 'log', 'timeindex'].map((kind) => `00000000000000000000.${kind}.deleted`)
    expect(namesOf(env, '.deleted')).toEqual(deleted)
    await clock.runFor(4999)
    expect(namesOf(env, '.deleted')).toEqual(deleted)
    await clock.runFor(1)
    await turns(env)
    expect(namesOf(env, '.deleted')).toEqual([])
  })

  test('go at once without a delay, and when the log is closed', async () => {
    const at = await filled({ retentionMs: 3 * minute, fileDeleteDelayMs: 0 })
    await at.log.applyRetention()
    expect(namesOf(at.env, '.deleted')).toEqual([])
    const later = await filled({ retentionMs: 3 * minute })
    await later.log.applyRetention()
    await later.log.close()
    expect(namesOf(later.env, '.deleted')).toEqual([])
  })

  test('that a crash left are removed when the log is opened, and told', async () => {
    const { log, env } = await filled({ retentionMs: 3 * minute })
    await log.applyRetention()
    const after = env.kill()
    const again = await open({ env: after, segmentBytes: 1024 })
    expect(again.recovery.removed.filter((name) => name.endsWith('.log.deleted'))).toEqual([
      '00000000000000000000.log.deleted',
    ])
    expect(namesOf(after, '.deleted')).toEqual([])
    expect(await offsetsIn(again)).toEqual(range(3, 9))
  })

  test('are those of Kafka too, and strangers are left alone', async () => {
    const { log, env } = await filled()
    await log.close()
    putFile(env, '00000000000000000100.timeindex.deleted', 'x')
    putFile(env, 'mine.deleted', 'x')
    putFile(env, 'mine.tmp', 'x')
    const again = await open({ env, segmentBytes: 1024 })
    expect(again.recovery.removed).toEqual(['00000000000000000100.timeindex.deleted'])
    expect(namesIn(env)).toEqual(expect.arrayContaining(['mine.deleted', 'mine.tmp']))
  })
})

describe('trim', () => {
  async function stopped(log: Log, env: MemoryEnv, stop: 'close' | 'kill' | 'crash'): Promise<Log> {
    if (stop === 'close') await log.close()
    return open({ env: stop === 'close' ? env : env[stop](), segmentBytes: 1024 })
  }

  test.each([
    [1, [0, 3, 6]],
    [3, [3, 6]],
    [5, [3, 6]],
    [8, [6]],
    [9, [9]],
  ])('to %d leaves the segments %j', async (offset, bases) => {
    for (const stop of ['close', 'kill', 'crash'] as const) {
      const { log, env } = await filled()
      await log.trim(offset)
      expect(logsIn(env)).toEqual(bases)
      expect([log.startOffset, log.endOffset]).toEqual([offset, 9])
      expect(await offsetsIn(log)).toEqual(range(offset, 9))
      const again = await stopped(log, env, stop)
      expect([again.startOffset, again.endOffset]).toEqual([offset, 9])
      expect(await offsetsIn(again)).toEqual(range(offset, 9))
      expect(await again.append({ value: 'next' })).toMatchObject({ baseOffset: 9 })
    }
  })

  test('back changes nothing, and ahead of the end is refused', async () => {
    const { log } = await filled()
    await log.trim(5)
    await log.trim(2)
    await log.trim(0)
    expect(log.startOffset).toBe(5)
    await expect(log.trim(10)).rejects.toThrow(OffsetOutOfRangeError)
    for (const offset of [Number.NaN, 1.5, '5', undefined])
      await expect(log.trim(offset as number)).rejects.toThrow(TypeError)
    expect(log.startOffset).toBe(5)
  })

  test('tells Kafka where the log starts, and where its epochs do', async () => {
    const { log, env } = await filled()
    await log.trim(5)
    expect(bytesOf(env, 'log-start-offset-checkpoint').toString()).toBe('0\n1\norders 0 5\n')
    expect(bytesOf(env, 'leader-epoch-checkpoint').toString()).toBe('0\n1\n0 5\n')
  })

  test('waits for the appends that came before', async () => {
    const { log } = await filled()
    const append = log.append({ value: 'last' })
    await append
    await Promise.all([log.append({ value: 'more' }), log.trim(10)])
    expect([log.startOffset, log.endOffset]).toEqual([10, 11])
  })

  test('of everything before what was not synced survives the loss of it', async () => {
    const { env } = stillWorld()
    const log = await open({ env, durability: 'os' })
    await appendEach(log, 'a', 'b', 'c')
    await log.trim(3)
    const again = await open({ env: env.crash() })
    expect([again.startOffset, again.endOffset]).toEqual([3, 3])
    expect(await again.append({ value: 'd', timestamp: startMs })).toMatchObject({ baseOffset: 3 })
  })
})
