import { describe, expect, test } from 'vitest'
import { CorruptionError } from '../../../src/base/errors.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import {
  appendEach,
  bytesOf,
  change,
  directory,
  flip,
  namesIn,
  offsetsIn,
  open,
  putFile,
  range,
  stillWorld,
  valuesIn,
  valuesOf,
} from './log-setup.ts'

/** Damage in what lies before the start of the log: nobody can read it, so it is no reason not to open. */

const name = (baseOffset: number, kind = '.log') => `${String(baseOffset).padStart(20, '0')}${kind}`
const startFile = 'log-start-offset-checkpoint'
const putStart = (env: MemoryEnv, offset: number) => putFile(env, startFile, `0\n1\norders 0 ${offset}\n`)

const count = 10
const batchBytes = 270 + 70
const values = valuesOf(count, 270)

/** Ten batches of one record each that a process wrote and did not close: in one segment, or three to each. */
async function killed(segmentBytes: number): Promise<MemoryEnv> {
  const { env } = stillWorld()
  await appendEach(await open({ env, segmentBytes }), ...values)
  const after = env.kill()
  // Else nothing of the sealed segments would be read.
  after.files.removeSync(`${directory}/tidemark-seals`)
  return after
}

describe('in the segment that the log starts in', () => {
  const damages: readonly [string, number][] = [
    ['a record', 100],
    ['a checksum', 18],
    ['an offset', 6],
    ['a size', 9],
    ['a size, which becomes smaller', 11],
  ]

  test.each(damages)('%s that is damaged: passed over, and told', async (_, position) => {
    const env = await killed(1024 * 1024)
    putStart(env, 4)
    flip(env, name(0), batchBytes + position)
    const before = bytesOf(env, name(0))
    const log = await open({ env })
    const { recovery } = log
    expect(recovery).toMatchObject({ cut: undefined, lost: undefined, startOffset: 4, endOffset: count })
    expect(recovery.passedOver).toMatchObject([
      { file: `${directory}/${name(0)}`, position: batchBytes, bytes: batchBytes },
    ])
    expect(await valuesIn(log)).toEqual(values.slice(4))
    for (const offset of range(4, count)) expect(log.get(offset)?.offset).toBe(offset)
    expect(bytesOf(env, name(0))).toEqual(before)
    // The damage is no secret, and goes with the segment.
    expect((await log.verify()).ok).toBe(false)
    await log.trim(count)
    expect((await log.verify()).ok).toBe(true)
  })

  test('it is remembered over a clean stop and by the seal of the segment', async () => {
    const env = await killed(1024 * 1024)
    putStart(env, 4)
    flip(env, name(0), batchBytes + 9)
    const log = await open({ env })
    await log.close()
    const again = await open({ env, segmentBytes: 4096 })
    expect(again.recovery.cleanStop).toBe(true)
    expect(again.get(4)?.offset).toBe(4)
    await appendEach(again, ...valuesOf(4, 900))
    const sealed = await open({ env: env.kill(), segmentBytes: 4096 })
    expect(sealed.recovery).toMatchObject({ rebuilt: [], passedOver: [] })
    expect(sealed.get(4)?.offset).toBe(4)
    expect(await offsetsIn(sealed)).toEqual(range(4, count + 4))
    await sealed.trim(count)
  })

  test('what its producers had sent is still known, where a snapshot says so', async () => {
    const { env } = stillWorld()
    const log = await open({ env, segmentBytes: 1024 })
    const producer = { id: 7, epoch: 0, sequence: 0 }
    await log.append({ value: 'x'.repeat(270) }, { producer })
    await appendEach(log, ...values)
    const after = env.kill()
    after.files.removeSync(`${directory}/tidemark-seals`)
    after.files.removeSync(`${directory}/${name(3, '.index')}`)
    putStart(after, 2)
    flip(after, name(0), 100)
    const snapshot = bytesOf(after, name(3, '.snapshot'))
    const again = await open({ env: after, segmentBytes: 1024 })
    expect(bytesOf(after, name(3, '.snapshot'))).toEqual(snapshot)
    expect(again.recovery.passedOver).toHaveLength(1)
    expect(await again.append({ value: 'again' }, { producer })).toMatchObject({
      duplicate: true,
      baseOffset: 0,
    })
    await again.trim(count)
  })

  test('all of it is cut away: what follows does not stand behind the damage', async () => {
    const env = await killed(1024 * 1024)
    putStart(env, 4)
    flip(env, name(0), 3 * batchBytes + 9)
    const log = await open({ env })
    expect(await log.truncate(4)).toBe(4)
    await appendEach(log, 'new')
    expect(await valuesIn(log)).toEqual(['new'])
    const again = await open({ env: env.kill() })
    expect(again.recovery).toMatchObject({ startOffset: 4, endOffset: 5, passedOver: [] })
    expect(await valuesIn(again)).toEqual(['new'])
  })

  test('damage in the batch that the log starts in, or behind it: fenced', async () => {
    for (const batch of [4, 5]) {
      const env = await killed(1024 * 1024)
      putStart(env, 4)
      flip(env, name(0), batch * batchBytes + 100)
      await expect(open({ env })).rejects.toBeInstanceOf(CorruptionError)
    }
  })

  test('what a value holds is not taken for a batch of the log', async () => {
    const { env } = stillWorld()
    const log = await open({ env })
    await appendEach(log, 'first', 'second')
    const inner = bytesOf(env, name(0))
    await log.append({ value: inner })
    await appendEach(log, 'third', 'fourth')
    const after = env.kill()
    putStart(after, 4)
    // The header of the batch that holds the copies, so that nothing tells where it ends.
    change(after, name(0), (bytes) => bytes.fill(0xee, inner.length, inner.length + 61))
    const again = await open({ env: after })
    expect(await valuesIn(again)).toEqual(['fourth'])
    await again.trim(5)
  })
})

describe('in a segment before the one that the log starts in', () => {
  test('it is deleted with the segment, and told', async () => {
    const env = await killed(1024)
    const start = 5
    putStart(env, start)
    // A clean stop knows nothing of it, and neither do indexes that are not there.
    for (const kind of ['.index', '.timeindex']) env.files.removeSync(`${directory}/${name(0, kind)}`)
    change(env, name(0), (bytes) => bytes.fill(0, 400))
    const log = await open({ env, segmentBytes: 1024 })
    expect(log.recovery.passedOver).toMatchObject([{ file: `${directory}/${name(0)}`, position: batchBytes }])
    expect(log.recovery).toMatchObject({ startOffset: start, endOffset: count, lost: undefined })
    expect(await valuesIn(log)).toEqual(values.slice(start))
    expect(namesIn(env)).not.toContain(name(0))
  })

  test('a log opened read-only goes round it and changes nothing', async () => {
    const env = await killed(1024)
    putStart(env, 5)
    for (const kind of ['.index', '.timeindex']) env.files.removeSync(`${directory}/${name(0, kind)}`)
    change(env, name(0), (bytes) => bytes.fill(0, 400))
    const log = await open({ env, segmentBytes: 1024, readOnly: true })
    expect(await valuesIn(log)).toEqual(values.slice(5))
    expect(namesIn(env)).toContain(name(0))
  })
})
