import { describe, expect, test } from 'vitest'
import { InvalidRecordError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { encodeEndTransactionMarker } from '../../../src/batch/control-record.ts'
import type { Log } from '../../../src/log/log.ts'
import type { LogOptions } from '../../../src/log/log-options.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import { batchOf, namesIn, open, range, startMs, stillWorld, turns } from './log-setup.ts'

const deleteRetentionMs = 1000

function settingsOf(given: LogOptions = {}): LogOptions {
  return {
    ...{ cleanupPolicy: 'compact', allowGaps: true, segmentBytes: 1024, indexIntervalBytes: 200 },
    deleteRetentionMs,
    ...given,
  }
}

async function compactedLog(given: LogOptions = {}) {
  const world = stillWorld()
  const options = settingsOf({ env: world.env, ...given })
  return { log: await open(options), options, ...world }
}

/** What is left: offset, key and value of each record. */
async function recordsIn(log: Log): Promise<string[]> {
  const found: string[] = []
  for await (const { offset, key, value } of log.read())
    found.push(`${offset} ${String(key)}=${value === null ? 'null' : value.toString().trimEnd()}`)
  return found
}

async function batchesIn(log: Log): Promise<Batch[]> {
  const found: Batch[] = []
  for await (const { bytes } of log.readBatches()) found.push(new Batch(Buffer.from(bytes)))
  return found
}

/** Each by itself; about eight to a segment. */
async function put(
  log: Log,
  ...records: readonly (readonly [key: string, value: string | null])[]
): Promise<void> {
  for (const [key, value] of records) await log.append({ key, value: value && value.padEnd(50) })
}

/** So large that what comes before is in sealed segments. */
async function seal(log: Log): Promise<void> {
  await log.append({ key: 'seal', value: 'x'.repeat(900) })
}

/** A pass has begun to write. */
async function begun(env: MemoryEnv): Promise<void> {
  while (!namesIn(env).some((name) => name.endsWith('.cleaned'))) await turns(env, 1)
}

describe('compaction keeps', () => {
  test('the last record of every key, at its offset', async () => {
    const { log, env } = await compactedLog()
    for (const index of range(0, 60)) await put(log, [`k${index % 5}`, `v${index}`])
    await seal(log)
    const report = await log.compact()
    const left = (await recordsIn(log)).slice(0, -1)
    expect(left).toEqual(range(55, 60).map((index) => `${index} k${index % 5}=v${index}`))
    expect(report).toMatchObject({ isComplete: true, keys: 5, firstDirtyOffset: 60 })
    expect(report).toMatchObject({ recordsKept: 5, recordsDropped: 55, tombstonesDropped: 0 })
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore / 5)
    expect(namesIn(env).filter((name) => /cleaned|swap/.test(name))).toEqual([])
    expect(log.endOffset).toBe(61)
  })

  test('everything in the active segment', async () => {
    const { log } = await compactedLog()
    await put(log, ['a', '1'], ['a', '2'])
    expect(await log.compact()).toMatchObject({ recordsDropped: 0, segmentsBefore: 0 })
    expect(await recordsIn(log)).toEqual(['0 a=1', '1 a=2'])
  })

  test('what the newest record of the key supersedes only when that is in a sealed segment too', async () => {
    const { log } = await compactedLog()
    await put(log, ['a', '1'])
    await seal(log)
    await put(log, ['a', '2'])
    await log.compact()
    expect((await recordsIn(log))[0]).toBe('0 a=1')
  })

  test('the bytes of a batch that loses nothing', async () => {
    const { log } = await compactedLog()
    await put(log, ['a', '1'], ['b', '1'], ['a', '2'])
    await seal(log)
    const before = await batchesIn(log)
    await log.compact()
    const after = await batchesIn(log)
    expect(after.map(({ bytes }) => bytes)).toEqual([1, 2, 3].map((index) => before[index]?.bytes))
  })

  test('gaps that later passes, readers and lookups take as they are', async () => {
    const { log, clock } = await compactedLog()
    for (const index of range(0, 40)) {
      clock.advance(10)
      await put(log, [index % 7 === 0 ? `once ${index}` : 'often', `${index}`])
    }
    await seal(log)
    await log.compact()
    const once = range(0, 6).map((index) => 7 * index)
    expect(await recordsIn(log)).toEqual([
      ...once.map((index) => `${index} once ${index}=${index}`),
      ...['39 often=39'],
      `40 seal=${'x'.repeat(900)}`,
    ])
    expect(log.get(8)?.offset).toBe(14)
    expect(log.offsetForTimestamp(startMs + 90)?.offset).toBe(14)
    expect((await log.compact()).recordsDropped).toBe(0)
    await log.compact()
    expect(log.get(36)?.offset).toBe(39)
  })
})

describe('a tombstone', () => {
  test('outlives what it deletes by delete.retention.ms, from the first pass on', async () => {
    const { log, clock } = await compactedLog()
    await put(log, ['a', '1'], ['b', '1'], ['a', null])
    await seal(log)
    clock.advance(5000)
    const first = await log.compact()
    expect((await recordsIn(log)).slice(0, 2)).toEqual(['1 b=1', '2 a=null'])
    expect(first.earliestDeleteHorizonMs).toBe(startMs + 6000)
    const [, tombstone] = await batchesIn(log)
    expect(tombstone?.deleteHorizonMs).toBe(startMs + 6000)
    expect([...(tombstone?.records() ?? [])].map(({ timestamp }) => timestamp)).toEqual([startMs])
    clock.advance(999)
    expect(await log.compact()).toMatchObject({
      tombstonesDropped: 0,
      earliestDeleteHorizonMs: startMs + 6000,
    })
    clock.advance(1)
    expect(await log.compact()).toMatchObject({ tombstonesDropped: 1, earliestDeleteHorizonMs: undefined })
    expect((await recordsIn(log)).slice(0, 1)).toEqual(['1 b=1'])
    expect(await recordsIn(log)).toHaveLength(2)
  })

  test('gets no horizon before the older records of its key are mapped', async () => {
    const { log, clock } = await compactedLog({ dedupeBufferBytes: 1024 })
    const keys = range(0, 60).map((index) => `k${index}`)
    for (const each of keys) await put(log, [each, 'value'])
    for (const each of keys) await put(log, [each, null])
    await seal(log)
    for (const expected of [31, 62, 93]) {
      const { firstDirtyOffset, keys: mapped, isComplete } = await log.compact()
      expect({ firstDirtyOffset, mapped, isComplete }).toEqual({
        firstDirtyOffset: expected,
        mapped: 31,
        isComplete: false,
      })
      const withHorizon = (await batchesIn(log)).filter((batch) => batch.hasDeleteHorizon)
      for (const batch of withHorizon) expect(batch.lastOffset).toBeLessThan(expected)
    }
    expect((await log.compact()).isComplete).toBe(true)
    clock.advance(1000)
    await log.compact()
    expect(await recordsIn(log)).toHaveLength(1)
  })
})

describe('a producer', () => {
  const producer = { id: 7, epoch: 0 }

  test('is known by its last sequence after all its records were superseded, and a restart', async () => {
    const { log, options } = await compactedLog()
    await log.append({ key: 'a', value: '1' }, { producer: { ...producer, sequence: 0 } })
    await log.append(
      [
        { key: 'a', value: '2' },
        { key: 'a', value: '3' },
      ],
      { producer: { ...producer, sequence: 1 } },
    )
    await put(log, ['a', '4'])
    await seal(log)
    await log.compact()
    const [header] = await batchesIn(log)
    expect(header).toMatchObject({
      recordsCount: 0,
      producerId: 7,
      baseOffset: 1,
      lastOffset: 2,
      lastSequence: 2,
    })
    await log.close()
    const again = await open(options)
    const repeated = again.append(
      [
        { key: 'a', value: '2' },
        { key: 'a', value: '3' },
      ],
      { producer: { ...producer, sequence: 1 } },
    )
    expect(await repeated).toMatchObject({ duplicate: true, baseOffset: 1, lastOffset: 2 })
    await expect(
      again.append({ key: 'a', value: '9' }, { producer: { ...producer, sequence: 9 } }),
    ).rejects.toThrow('expected sequence 3')
  })

  test('that has expired leaves nothing', async () => {
    const { log, clock, env } = await compactedLog({ producerIdExpirationMs: 1000, retentionCheckMs: 500 })
    await log.append({ key: 'a', value: '1' }, { producer: { ...producer, sequence: 0 } })
    await put(log, ['a', '2'])
    await seal(log)
    clock.advance(1500)
    await turns(env)
    await log.compact()
    expect((await batchesIn(log)).map(({ baseOffset }) => baseOffset)).toEqual([1, 2])
  })
})

describe('a transaction', () => {
  const send = (log: Log, producerId: number, baseSequence: number, key: string, value: string) =>
    log.appendBatch(
      batchOf([{ key, value: value.padEnd(50) }], {
        producerId,
        producerEpoch: 0,
        baseSequence,
        isTransactional: true,
      }),
    )
  const end = (log: Log, producerId: number, type: 'COMMIT' | 'ABORT') =>
    log.appendBatch(
      encodeEndTransactionMarker({
        type,
        producerId,
        producerEpoch: 0,
        coordinatorEpoch: 0,
        timestampMs: startMs,
      }),
    )
  const offsetsOf = async (log: Log) => (await batchesIn(log)).map(({ baseOffset }) => baseOffset)

  test('that was aborted loses its data at once, and its marker in the pass after the horizon', async () => {
    const { log, clock, env } = await compactedLog()
    await put(log, ['a', 'old'])
    await send(log, 7, 0, 'a', 'aborted')
    await end(log, 7, 'ABORT')
    // Another transaction of the producer, so that nothing of the first is kept for its sequence.
    await send(log, 7, 1, 'b', 'committed')
    await end(log, 7, 'COMMIT')
    await seal(log)
    await log.compact()
    expect((await recordsIn(log)).slice(0, 2)).toEqual(['0 a=old', '3 b=committed'])
    expect(await offsetsOf(log)).toEqual([0, 2, 3, 4, 5])
    expect(namesIn(env)).toContain('00000000000000000000.txnindex')
    await log.compact()
    expect((await batchesIn(log))[1]).toMatchObject({
      isControl: true,
      deleteHorizonMs: startMs + deleteRetentionMs,
    })
    expect(namesIn(env)).not.toContain('00000000000000000000.txnindex')
    clock.advance(deleteRetentionMs)
    await log.compact()
    expect(await offsetsOf(log)).toEqual([0, 3, 4, 5])
  })

  test('that was committed keeps its marker while it has data', async () => {
    const { log, clock } = await compactedLog()
    await send(log, 7, 0, 'a', '1')
    await end(log, 7, 'COMMIT')
    await seal(log)
    for (const _ of range(0, 3)) {
      await log.compact()
      clock.advance(deleteRetentionMs)
    }
    expect(await offsetsOf(log)).toEqual([0, 1, 2])
  })

  test('that is open holds up compaction from its segment on', async () => {
    const { log } = await compactedLog()
    for (const index of range(0, 20)) await put(log, ['a', `${index}`])
    await send(log, 7, 0, 'a', 'open')
    for (const index of range(0, 20)) await put(log, ['a', `${index}`])
    await seal(log)
    const { firstDirtyOffset } = await log.compact()
    expect(firstDirtyOffset).toBeGreaterThan(8)
    expect(firstDirtyOffset).toBeLessThanOrEqual(20)
    expect(await recordsIn(log)).toHaveLength(1 + 42 - firstDirtyOffset)
    await end(log, 7, 'ABORT')
    await seal(log)
    expect(await log.compact()).toMatchObject({ isComplete: true })
    expect((await recordsIn(log)).map((each) => each.split(' ')[0])).toEqual(['40', '41', '43'])
  })
})

describe('a compacted log', () => {
  test('takes no record without a key', async () => {
    const { log } = await compactedLog()
    const refused = log.append([{ key: 'a', value: '1' }, { value: '2' }, { key: null, value: '3' }])
    const errors = [1, 2].map((index) => ({
      index,
      message: 'a compacted log takes no record without a key',
    }))
    await expect(refused).rejects.toThrow(InvalidRecordError)
    await expect(refused).rejects.toMatchObject({ code: 'ERR_INVALID_RECORD', recordErrors: errors })
    await expect(log.appendBatch(batchOf([{ value: '1' }]))).rejects.toThrow(InvalidRecordError)
    expect(log.endOffset).toBe(0)
  })

  test('compacts itself when enough of it is dirty, and again when tombstones have served their time', async () => {
    const { log, clock, env } = await compactedLog({ compactionCheckMs: 100 })
    for (const index of range(0, 20)) await put(log, ['a', `${index}`])
    await put(log, ['a', null])
    await seal(log)
    expect(await recordsIn(log)).toHaveLength(22)
    clock.advance(100)
    await turns(env, 200)
    expect(await recordsIn(log)).toHaveLength(2)
    clock.advance(deleteRetentionMs)
    await turns(env, 200)
    expect(await recordsIn(log)).toHaveLength(1)
  })

  test('is left alone by retention unless the policy says delete, too', async () => {
    const options = { retentionBytes: 0, segmentMs: -1 }
    const { log } = await compactedLog(options)
    await put(log, ['a', '1'])
    await seal(log)
    expect(await log.applyRetention()).toBe(0)
    const { log: both } = await compactedLog({ ...options, cleanupPolicy: 'compact,delete' })
    await put(both, ['a', '1'])
    await seal(both)
    expect(await both.applyRetention()).toBe(2)
  })

  test('seals its segments early enough for max.compaction.lag.ms', async () => {
    const { log, clock } = await compactedLog({ maxCompactionLagMs: 1000, minCleanableDirtyRatio: 1 })
    await put(log, ['a', '1'])
    clock.advance(1001)
    await put(log, ['a', '2'])
    expect((await log.stats()).segments).toBe(2)
  })

  test('whose end was cut maps again what is appended there', async () => {
    const { log, clock } = await compactedLog()
    await put(log, ['a', '1'])
    await seal(log)
    await put(log, ['b', '1'])
    await seal(log)
    await log.compact()
    await log.truncate(2)
    await put(log, ['a', null])
    await seal(log)
    await log.compact()
    clock.advance(deleteRetentionMs)
    await log.compact()
    expect((await recordsIn(log)).map((each) => each.slice(0, 6))).toEqual(['1 seal', '3 seal'])
  })

  test('of another policy is not compacted by mistake', async () => {
    const { env } = stillWorld()
    const log = await open({ env })
    await expect(log.compact()).rejects.toThrow("cleanupPolicy: 'compact'")
  })
})

describe('while a pass runs', () => {
  test('appends go on, and readers go on where they were', async () => {
    const { log } = await compactedLog({ segmentBytes: 4096 })
    for (const index of range(0, 200)) await put(log, [`k${index % 50}`, `${index}`])
    const reading = log.read({ follow: true, maxBytes: 200 })
    for (const index of range(0, 60)) expect((await reading.next()).value?.offset).toBe(index)
    const pass = log.compact()
    for (const index of range(200, 220)) await put(log, [`k${index % 50}`, `${index}`])
    const report = await pass
    expect(report.recordsDropped).toBeGreaterThan(0)
    let last = 59
    while (last < 219) {
      const { offset } = (await reading.next()).value ?? { offset: -1 }
      expect(offset).toBeGreaterThan(last)
      last = offset
    }
    await reading.return?.()
  })

  test('a truncation ends it, and the log is whole', async () => {
    const { log, env } = await compactedLog()
    for (const index of range(0, 100)) await put(log, [`k${index % 5}`, `${index}`])
    const pass = log.compact()
    await begun(env)
    await log.truncate(30)
    expect(await pass).toMatchObject({ isComplete: false, firstDirtyOffset: 0 })
    expect(namesIn(env).filter((name) => /cleaned|swap/.test(name))).toEqual([])
    expect(log.endOffset).toBe(30)
    await put(log, ['k0', 'new'])
    await seal(log)
    await log.compact()
    expect((await recordsIn(log)).filter((each) => each.includes(' k0='))).toEqual(['30 k0=new'])
  })

  test('closing gives it up', async () => {
    const { log, env } = await compactedLog()
    for (const index of range(0, 100)) await put(log, [`k${index % 5}`, `${index}`])
    const pass = log.compact()
    await begun(env)
    const [outcome] = await Promise.allSettled([pass, log.close()])
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ERR_CLOSED' } })
    expect(namesIn(env).filter((name) => /cleaned|swap/.test(name))).toEqual([])
  })
})
