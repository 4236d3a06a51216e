import { describe, expect, test } from 'vitest'
import { FencedEpochError, SequenceError } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/log/log.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import { batchOf, namesIn, open, stillWorld, valuesIn, valuesOf } from './log-setup.ts'

/** An idempotent append of one record per value. */
const produce = (log: Log, sequence: number, values: readonly string[], { id = 7, epoch = 0 } = {}) =>
  log.append(
    values.map((value) => ({ value })),
    { producer: { id, epoch, sequence } },
  )

describe('a producer', () => {
  test('that repeats an append is answered with the offsets of the first time', async () => {
    const log = await open({ env: stillWorld().env })
    await log.append({ value: 'other' })
    const first = await produce(log, 0, ['a', 'b'])
    await produce(log, 2, ['c'])
    expect(await produce(log, 0, ['a', 'b'])).toEqual({ ...first, duplicate: true })
    expect(await produce(log, 2, ['c'])).toMatchObject({ baseOffset: 3, lastOffset: 3, duplicate: true })
    expect(await valuesIn(log)).toEqual(['other', 'a', 'b', 'c'])
  })

  test('that repeats an append before the first is done is answered when that is', async () => {
    const log = await open({ env: stillWorld().env })
    const [first, again] = await Promise.all([produce(log, 0, ['a']), produce(log, 0, ['a'])])
    expect(first).toMatchObject({ baseOffset: 0, duplicate: false })
    expect(again).toMatchObject({ baseOffset: 0, duplicate: true })
    expect(log.endOffset).toBe(1)
  })

  test('may repeat any of its last five appends, and no earlier one', async () => {
    const log = await open({ env: stillWorld().env })
    for (let sequence = 0; sequence < 6; sequence++) await produce(log, sequence, [`${sequence}`])
    for (let sequence = 1; sequence < 6; sequence++)
      expect(await produce(log, sequence, [`${sequence}`])).toMatchObject({
        baseOffset: sequence,
        duplicate: true,
      })
    await expect(produce(log, 0, ['0'])).rejects.toThrow(SequenceError)
  })

  test('may leave nothing out', async () => {
    const log = await open({ env: stillWorld().env })
    await produce(log, 0, ['a', 'b'])
    const error: unknown = await produce(log, 3, ['d']).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SequenceError)
    expect(error).toMatchObject({ code: 'ERR_SEQUENCE', producerId: 7, expected: 2, got: 3 })
    expect(await produce(log, 2, ['c'])).toMatchObject({ baseOffset: 2, duplicate: false })
  })

  test('of an older epoch is fenced off, and one of a newer begins with 0', async () => {
    const log = await open({ env: stillWorld().env })
    await produce(log, 0, ['a'], { epoch: 1 })
    await expect(produce(log, 1, ['old'], { epoch: 0 })).rejects.toThrow(FencedEpochError)
    await expect(produce(log, 1, ['new'], { epoch: 2 })).rejects.toThrow(SequenceError)
    await produce(log, 0, ['new'], { epoch: 2 })
    expect(await valuesIn(log)).toEqual(['a', 'new'])
  })

  test('has nothing to do with another', async () => {
    const log = await open({ env: stillWorld().env })
    await produce(log, 0, ['a'], { id: 1 })
    await produce(log, 0, ['b'], { id: 2 })
    await produce(log, 1, ['c'], { id: 1 })
    expect(await valuesIn(log)).toEqual(['a', 'b', 'c'])
    expect((await log.stats()).producers).toBe(2)
  })

  test('wraps its sequence to 0 after 2^31 - 1, inside of an append and between two', async () => {
    const log = await open({ env: stillWorld().env })
    await produce(log, 2 ** 31 - 2, ['a', 'b', 'c'])
    const records = []
    for await (const { sequence } of log.read()) records.push(sequence)
    expect(records).toEqual([2 ** 31 - 2, 2 ** 31 - 1, 0])
    await expect(produce(log, 2, ['e'])).rejects.toThrow(SequenceError)
    await produce(log, 1, ['d'])
    await produce(log, 2 ** 31 - 2, ['x'], { id: 8 })
    await produce(log, 2 ** 31 - 1, ['y'], { id: 8 })
    await produce(log, 0, ['z'], { id: 8 })
    expect(await produce(log, 2 ** 31 - 1, ['y'], { id: 8 })).toMatchObject({ duplicate: true })
  })

  test('is known for its refused append neither', async () => {
    const log = await open({ env: stillWorld().env })
    await expect(
      log.append({ value: 'a' }, { producer: { id: 7, epoch: 0, sequence: 0 }, expectedOffset: 5 }),
    ).rejects.toThrow('expected the log to end at 5')
    expect((await log.stats()).producers).toBe(0)
    expect(await produce(log, 0, ['a'])).toMatchObject({ duplicate: false })
  })

  test.each<[string, object]>([
    ['a negative id', { id: -1, epoch: 0, sequence: 0 }],
    ['half an id', { id: 0.5, epoch: 0, sequence: 0 }],
    ['no id', { epoch: 0, sequence: 0 }],
    ['a negative epoch', { id: 1, epoch: -1, sequence: 0 }],
    ['an epoch beyond 16 bits', { id: 1, epoch: 32768, sequence: 0 }],
    ['no epoch', { id: 1, sequence: 0 }],
    ['a negative sequence', { id: 1, epoch: 0, sequence: -1 }],
    ['a sequence beyond 32 bits', { id: 1, epoch: 0, sequence: 2 ** 31 }],
    ['no sequence', { id: 1, epoch: 0 }],
    ['a sequence in words', { id: 1, epoch: 0, sequence: '0' }],
  ])('with %s is refused as misuse', async (_, producer) => {
    const log = await open({ env: stillWorld().env })
    const given = { producer } as Parameters<Log['append']>[1]
    await expect(log.append({ value: 'a' }, given)).rejects.toThrow(/^producer\.(id|epoch|sequence) must be/)
    expect(log.endOffset).toBe(0)
  })
})

describe('producers are remembered', () => {
  /** A log over several segments, and what its producer would repeat. */
  async function produced(env: MemoryEnv): Promise<Log> {
    const log = await open({ env, segmentBytes: 1024 })
    for (let sequence = 0; sequence < 20; sequence++) await produce(log, sequence, valuesOf(1, 200))
    expect((await log.stats()).segments).toBeGreaterThan(3)
    return log
  }

  async function expectKnown(env: MemoryEnv): Promise<void> {
    const log = await open({ env, segmentBytes: 1024 })
    expect(await produce(log, 19, valuesOf(1, 200))).toMatchObject({ baseOffset: 19, duplicate: true })
    await expect(produce(log, 25, ['gap'])).rejects.toThrow(SequenceError)
    expect(await produce(log, 20, ['next'])).toMatchObject({ baseOffset: 20, duplicate: false })
  }

  const removeSnapshots = (env: MemoryEnv) => {
    for (const name of namesIn(env))
      if (name.endsWith('.snapshot')) env.files.removeSync(`/data/orders-0/${name}`)
  }

  test('after a clean stop', async () => {
    const { env } = stillWorld()
    await (await produced(env)).close()
    await expectKnown(env)
  })

  test('after a kill', async () => {
    const { env } = stillWorld()
    await produced(env)
    await expectKnown(env.kill())
  })

  test('after a power cut', async () => {
    const { env } = stillWorld()
    await produced(env)
    await expectKnown(env.crash())
  })

  test('after a clean stop when all snapshots are gone', async () => {
    const { env } = stillWorld()
    await (await produced(env)).close()
    removeSnapshots(env)
    await expectKnown(env)
  })

  test('after a kill when all snapshots are gone', async () => {
    const { env } = stillWorld()
    await produced(env)
    const after = env.kill()
    removeSnapshots(after)
    await expectKnown(after)
  })

  test('of whom the segments are deleted, also after a kill', async () => {
    const { env } = stillWorld()
    const log = await open({ env, segmentBytes: 1024 })
    await produce(log, 0, ['early'], { id: 1 })
    for (const value of valuesOf(12, 200)) await log.append({ value })
    await log.trim(10)
    expect(log.startOffset).toBe(10)
    await log.trim(log.endOffset)
    expect((await log.stats()).segments).toBe(1)
    const again = await open({ env: env.kill(), segmentBytes: 1024 })
    expect((await again.stats()).producers).toBe(1)
    expect(await produce(again, 0, ['early'], { id: 1 })).toMatchObject({ baseOffset: 0, duplicate: true })
  })

  test('until they were silent for long enough', async () => {
    const { env, clock } = stillWorld()
    const log = await open({ env, producerIdExpirationMs: 3_600_000, retentionCheckMs: 60_000 })
    await produce(log, 0, ['a'], { id: 1 })
    clock.advance(1_800_000)
    await produce(log, 0, ['b'], { id: 2 })
    await clock.runFor(1_800_000)
    expect((await log.stats()).producers).toBe(1)
    // Of a producer that is forgotten every sequence is accepted.
    expect(await produce(log, 50, ['c'], { id: 1 })).toMatchObject({ duplicate: false })
    await expect(produce(log, 50, ['d'], { id: 2 })).rejects.toThrow(SequenceError)
  })

  test('as they were at the place where the log is cut', async () => {
    const { env } = stillWorld()
    const log = await produced(env)
    await log.truncate(10)
    await expect(produce(log, 19, ['x'])).rejects.toThrow(SequenceError)
    expect(await produce(log, 9, valuesOf(1, 200))).toMatchObject({ baseOffset: 9, duplicate: true })
    expect(await produce(log, 10, ['ten'])).toMatchObject({ baseOffset: 10, duplicate: false })
    await log.truncate(0)
    expect((await log.stats()).producers).toBe(0)
    expect(await produce(log, 0, ['zero'])).toMatchObject({ baseOffset: 0, duplicate: false })
  })
})

test('an encoded batch of a producer is treated as an append of it', async () => {
  const log = await open({ env: stillWorld().env })
  const batch = (baseSequence: number) =>
    batchOf([{ value: 'a' }, { value: 'b' }], { producerId: 7, producerEpoch: 0, baseSequence })
  await log.appendBatch(batch(0))
  expect(await log.appendBatch(batch(0))).toMatchObject({ baseOffset: 0, lastOffset: 1, duplicate: true })
  await expect(log.appendBatch(batch(3))).rejects.toThrow(SequenceError)
  expect(await produce(log, 2, ['c'])).toMatchObject({ baseOffset: 2 })
})
