import { describe, expect, test } from 'vitest'
import { CorruptionError } from '../../../src/base/errors.ts'
import type { PartitionLog } from '../../../src/log/partition-log.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import { logEndOffset, readPartitionFile } from '../../golden/kafka-directory.ts'
import {
  active,
  cutBy,
  edit,
  expectWhole,
  extend,
  flipAt,
  middle,
  type Past,
  pasts,
  remove,
  worldOf,
} from '../../golden/damaged-partition.ts'
import { openPartition, partitionDirectory, putBytes, takeBytes } from '../../golden/kafka-world.ts'

/** What opening a damaged partition does, damage by damage. The partition is the one that Kafka wrote. */

const activeBytes = 16488
/** The last batch begins here, with offset 1754. */
const lastBatchPosition = 15834

function contentOf(env: MemoryEnv): Record<string, string> {
  const names = env.files
    .listSync(partitionDirectory)
    .filter((name) => name !== '.lock')
    .sort()
  return Object.fromEntries(names.map((name) => [name, takeBytes(env, name).toString('hex')]))
}

/** Opens after the damage, expects everything to be there, and no less when it is opened once more. */
async function expectHealed(env: MemoryEnv): Promise<PartitionLog> {
  const log = await openPartition(env)
  await expectWhole(log)
  const { recovery } = log
  expect(recovery).toMatchObject({ cut: undefined, lost: undefined, quarantined: [] })
  await log.close()
  for (const name of ['index', 'timeindex', 'txnindex'].map((kind) => `${middle}.${kind}`))
    expect(takeBytes(env, name).equals(readPartitionFile(name))).toBe(true)
  const again = await openPartition(env)
  expect(again.recovery.cleanStop).toBe(true)
  await expectWhole(again)
  return log
}

/** Changes a file. */
type Damage = (env: MemoryEnv, name: string) => void

/** The log does not open, says where and what to do, and everything is as it was. */
async function expectFenced(env: MemoryEnv, file: string): Promise<void> {
  const before = contentOf(env)
  const error: unknown = await openPartition(env).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(CorruptionError)
  expect(error).toMatchObject({ code: 'ERR_CORRUPT', file: `${partitionDirectory}/${file}` })
  expect(String(error)).toContain('tidemark log repair')
  expect(contentOf(env)).toEqual(before)
}

describe.each(pasts)('%s, then', (past) => {
  test('a torn tail of 40 bytes: cut, and told', async () => {
    const env = await worldOf(past)
    extend(env, `${active}.log`, takeBytes(env, `${active}.log`).subarray(0, 40))
    const log = await openPartition(env)
    expect(log.recovery).toMatchObject({
      cleanStop: false,
      cut: { file: `${partitionDirectory}/${active}.log`, position: activeBytes, bytes: 40 },
      lost: undefined,
      quarantined: [],
      endOffset: logEndOffset,
    })
    if (past === 'closed') expect(log.recovery.distrusted).toBe(`${active}.log changed size`)
    await expectWhole(log)
    expect(takeBytes(env, `${active}.log`).equals(readPartitionFile(`${active}.log`))).toBe(true)
  })

  test('4096 zeros behind the last batch: cut, and told', async () => {
    const env = await worldOf(past)
    extend(env, `${active}.log`, Buffer.alloc(4096))
    const log = await openPartition(env)
    expect(log.recovery.cut).toMatchObject({ position: activeBytes, bytes: 4096 })
    await expectWhole(log)
  })

  test('the last batch short of 10 bytes: dropped, and told as lost where it had been durable', async () => {
    const env = await worldOf(past)
    cutBy(env, `${active}.log`, 10)
    const log = await openPartition(env)
    expect(log.recovery).toMatchObject({
      cut: { position: lastBatchPosition, bytes: activeBytes - lastBatchPosition - 10 },
      lost: past === 'foreign' ? undefined : { fromOffset: 1754, toOffset: 1764 },
      endOffset: 1754,
    })
    expect(log.recovery.quarantined).toHaveLength(past === 'foreign' ? 0 : 1)
    await expectWhole(log, 1754)
    await log.close()
    expect(env.files.listSync(partitionDirectory)).not.toContain('00000000000000001764.snapshot')
    expect((await openPartition(env)).endOffset).toBe(1754)
  })

  test('the last batch gone to the byte: told as lost where it had been durable', async () => {
    const env = await worldOf(past)
    cutBy(env, `${active}.log`, activeBytes - lastBatchPosition)
    const log = await openPartition(env)
    expect(log.recovery).toMatchObject({
      cut: undefined,
      lost: past === 'foreign' ? undefined : { fromOffset: 1754, toOffset: 1764 },
    })
    await expectWhole(log, 1754)
  })

  test('a bit that flipped in the last batch: fenced where it had been durable', async () => {
    const env = await worldOf(past)
    flipAt(env, `${active}.log`, activeBytes - 5)
    if (past !== 'foreign') return expectFenced(env, `${active}.log`)
    const log = await openPartition(env)
    expect(log.recovery.cut).toMatchObject({ position: lastBatchPosition })
    await expectWhole(log, 1754)
  })

  test('a bit that flipped in a middle segment: never served, nothing deleted', async () => {
    const env = await worldOf(past)
    flipAt(env, `${middle}.log`, 29_900)
    if (past === 'foreign') return expectFenced(env, `${middle}.log`)
    const log = await openPartition(env)
    expect(log.endOffset).toBe(logEndOffset)
    const damaged = Array.from({ length: logEndOffset }, (_, offset) => offset).filter((offset) => {
      try {
        log.reader.readBatch(offset)
        return false
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptionError)
        expect(String(error)).toContain('tidemark log repair')
        return true
      }
    })
    expect(damaged.length).toBeGreaterThan(0)
    expect(damaged.length).toBeLessThan(15)
    expect(damaged[0]).toBe(793)
  })

  test.each<[string, Damage]>([
    ['missing', remove],
    ['empty', (env, name) => putBytes(env, name, Buffer.alloc(0))],
    ['cut in the middle of an entry', (env, name) => cutBy(env, name, 5)],
    [
      'extended with zeros',
      (env, name) => extend(env, name, Buffer.alloc(65_520 - takeBytes(env, name).length)),
    ],
    ['full of ones', (env, name) => putBytes(env, name, Buffer.alloc(96, 0xff))],
  ])('an index that is %s: made again', async (_, damage) => {
    for (const kind of ['.index', '.timeindex']) {
      const env = await worldOf(past)
      damage(env, middle + kind)
      await expectHealed(env)
    }
  })

  test('a transaction index that is cut in the middle of an entry: made again', async () => {
    for (const base of ['00000000000000000000', middle]) {
      const env = await worldOf(past)
      cutBy(env, `${base}.txnindex`, 5)
      await expectHealed(env)
    }
  })

  test.each<[string, (env: MemoryEnv) => void]>([
    ['the newest producer snapshot damaged', (env) => flipAt(env, '00000000000000001764.snapshot', 20)],
    ['the newest producer snapshot missing', (env) => remove(env, '00000000000000001764.snapshot')],
    [
      'the newest producer snapshot empty',
      (env) => putBytes(env, '00000000000000001764.snapshot', Buffer.alloc(0)),
    ],
    [
      'all producer snapshots missing',
      (env) => {
        for (const name of env.files.listSync(partitionDirectory))
          if (name.endsWith('.snapshot')) remove(env, name)
      },
    ],
    [
      'all producer snapshots damaged',
      (env) => {
        for (const name of env.files.listSync(partitionDirectory))
          if (name.endsWith('.snapshot')) flipAt(env, name, 30)
      },
    ],
    ['the epochs missing', (env) => remove(env, 'leader-epoch-checkpoint')],
    ['the epochs empty', (env) => putBytes(env, 'leader-epoch-checkpoint', Buffer.alloc(0))],
    ['the epochs in words', (env) => putBytes(env, 'leader-epoch-checkpoint', Buffer.from('0\n1\nzero 0\n'))],
    ['the epochs miscounted', (env) => putBytes(env, 'leader-epoch-checkpoint', Buffer.from('0\n5\n0 0\n'))],
    [
      'the epochs of another version',
      (env) => putBytes(env, 'leader-epoch-checkpoint', Buffer.from('9\n1\n0 0\n')),
    ],
    ['the epochs cut', (env) => cutBy(env, 'leader-epoch-checkpoint', 3)],
  ])('%s: made again from the batches', async (_, damage) => {
    const env = await worldOf(past)
    damage(env)
    await expectHealed(env)
    expect(takeBytes(env, 'leader-epoch-checkpoint')).toEqual(readPartitionFile('leader-epoch-checkpoint'))
    expect(takeBytes(env, '00000000000000001764.snapshot')).toEqual(
      readPartitionFile('00000000000000001764.snapshot'),
    )
  })

  test('a middle segment gone: fenced', async () => {
    const env = await worldOf(past)
    remove(env, `${middle}.log`)
    await expectFenced(env, '00000000000000001090.log')
  })

  test('the last segment gone: fenced where that is known', async () => {
    const env = await worldOf(past)
    remove(env, `${active}.log`)
    if (past !== 'foreign') return expectFenced(env, `${active}.log`)
    expect((await openPartition(env)).endOffset).toBe(1627)
  })

  test('the first segment gone: told as lost where it is known that it was there', async () => {
    const env = await worldOf(past)
    remove(env, '00000000000000000000.log')
    // Retention takes segments from the front, and a crash may come before anything says so: that is no damage.
    const { recovery } = await openPartition(env)
    expect(recovery).toMatchObject({ startOffset: 565, endOffset: logEndOffset })
    expect(recovery.lost).toEqual(past === 'closed' ? { fromOffset: 0, toOffset: 565 } : undefined)
    if (past === 'closed') expect(recovery.distrusted).toBe('the number of segments changed')
  })

  test('a middle segment shortened to the end of a batch: fenced', async () => {
    const env = await worldOf(past)
    cutBy(env, `${middle}.log`, 65050 - 29168)
    await expectFenced(env, '00000000000000001090.log')
  })

  test('a middle segment shortened to the middle of a batch: fenced', async () => {
    const env = await worldOf(past)
    cutBy(env, `${middle}.log`, 10)
    await expectFenced(env, `${middle}.log`)
  })

  test('files that nobody knows, and directories: kept and not looked at', async () => {
    const env = await worldOf(past)
    for (const name of ['notes.txt', '.hidden', '00000000000000000565.foo', 'a.log', '565.log', 'x.tmp'])
      putBytes(env, name, Buffer.from(name))
    env.files.makeDirectorySync(`${partitionDirectory}/sub.log`)
    await expectHealed(env)
    for (const name of ['notes.txt', '.hidden', '00000000000000000565.foo', 'a.log', '565.log', 'x.tmp'])
      expect(takeBytes(env, name).toString()).toBe(name)
  })

  test('index files without a segment: removed', async () => {
    const env = await worldOf(past)
    for (const kind of ['.index', '.timeindex', '.txnindex'])
      putBytes(env, `00000000000000000700${kind}`, Buffer.alloc(24))
    const log = await openPartition(env)
    await expectWhole(log)
    expect(env.files.listSync(partitionDirectory).filter((name) => name.includes('0700'))).toEqual([])
  })
})

/** A log of ours knows sizes and checksums of the indexes, and so of damage that looks like none. */
describe.each(['closed', 'killed'] satisfies Past[])('%s, then', (past) => {
  test.each<[string, Damage]>([
    ['cut by an entry', (env, name) => cutBy(env, name, name.endsWith('.index') ? 8 : 12)],
    ['damaged in its first entry', (env, name) => flipAt(env, name, 3)],
    [
      'that of another segment',
      (env, name) => putBytes(env, name, readPartitionFile(name.replace(middle, active))),
    ],
  ])('an index that is %s: made again', async (_, damage) => {
    for (const kind of ['.index', '.timeindex']) {
      const env = await worldOf(past)
      damage(env, middle + kind)
      await expectHealed(env)
    }
  })

  test.each<[string, Damage]>([
    ['missing', remove],
    ['empty', (env, name) => putBytes(env, name, Buffer.alloc(0))],
    ['cut by an entry', (env, name) => cutBy(env, name, 34)],
    ['damaged', (env, name) => flipAt(env, name, 17)],
  ])('a transaction index that is %s: made again, no aborted transaction is missed', async (_, damage) => {
    // The first segment has no snapshot to begin with, and needs none.
    for (const base of ['00000000000000000000', middle]) {
      const env = await worldOf(past)
      damage(env, `${base}.txnindex`)
      await expectHealed(env)
    }
  })
})

describe('closed, then', () => {
  test('an index of the active segment that was changed: made again', async () => {
    for (const kind of ['.index', '.timeindex'])
      for (const damage of [remove, (env: MemoryEnv, name: string) => flipAt(env, name, 3)]) {
        const env = await worldOf('closed')
        damage(env, active + kind)
        await expectHealed(env)
        expect(takeBytes(env, active + kind)).toEqual(readPartitionFile(active + kind))
      }
  })

  test('a segment of the same size with other content at its end: fenced', async () => {
    const env = await worldOf('closed')
    edit(env, `${active}.log`, (bytes) => {
      bytes.writeBigInt64BE(1755n, lastBatchPosition)
      return bytes
    })
    await expectFenced(env, `${active}.log`)
  })

  test('a damaged clean-shutdown file: nothing is trusted, and nothing lost', async () => {
    for (const damage of [flipAt, cutBy]) {
      const env = await worldOf('closed')
      damage(env, 'tidemark-clean-shutdown', 30)
      const log = await openPartition(env)
      expect(log.recovery).toMatchObject({ cleanStop: false, distrusted: undefined })
      await expectWhole(log)
    }
  })
})
