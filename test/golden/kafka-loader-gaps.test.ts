import { describe, expect, test } from 'vitest'
import { CorruptionError } from '../../src/base/errors.ts'
import type { PartitionLog } from '../../src/log/partition-log.ts'
import type { MemoryEnv } from '../../src/testing/memory-env.ts'
import {
  active,
  cutBy,
  expectWhole,
  extend,
  flipAt,
  middle,
  type Past,
  pasts,
  remove,
  worldOf,
} from './damaged-partition.ts'
import { logEndOffset, readPartitionFile } from './kafka-directory.ts'
import { openPartition, partitionDirectory, partitionFiles, putBytes, takeBytes } from './kafka-world.ts'

/**
 * The damage that the loader of Apache Kafka 4.0 was seen to let through, to make worse, or to fail over
 * (`data/golden/kafka-4.0/recovery-experiments.txt`), and what becomes of it here. What Kafka does follows the colon of
 * each name.
 */

/** Offset 793 begins the batch that holds this byte of the middle segment. */
const bytesIntoMiddle = 29_900
const firstDamaged = 793
const topBytes = 65_536

async function expectFenced(env: MemoryEnv, file: string): Promise<void> {
  const logs = partitionFiles.filter((name) => name.endsWith('.log') && hasFile(env, name))
  const before = logs.map((name) => takeBytes(env, name))
  const error: unknown = await openPartition(env).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(CorruptionError)
  expect(error).toMatchObject({ file: `${partitionDirectory}/${file}` })
  expect(String(error)).toContain('tidemark log repair')
  expect(logs.map((name) => takeBytes(env, name))).toEqual(before)
}

const hasFile = (env: MemoryEnv, name: string) => env.files.listSync(partitionDirectory).includes(name)

/** Everything is there, and the derived files are Kafka's own, to the byte. */
async function expectHealed(env: MemoryEnv): Promise<PartitionLog> {
  const log = await openPartition(env)
  await expectWhole(log)
  for (const kind of ['.index', '.timeindex', '.txnindex'])
    expect(takeBytes(env, middle + kind).equals(readPartitionFile(middle + kind))).toBe(true)
  return log
}

function offsetsRefused(log: PartitionLog): number[] {
  const refused: number[] = []
  for (let offset = 0; offset < log.endOffset; offset++)
    try {
      log.reader.readBatch(offset)
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptionError)
      refused.push(offset)
    }
  return refused
}

describe.each(pasts)('of a %s log', (past: Past) => {
  test('a bit flips in a middle segment, nothing known to be flushed: all later segments are deleted', async () => {
    const env = await worldOf(past)
    // As after a stop of which nothing is known.
    for (const name of ['tidemark-durable-point', 'tidemark-clean-shutdown', 'tidemark-seals'])
      remove(env, name)
    flipAt(env, `${middle}.log`, bytesIntoMiddle)
    await expectFenced(env, `${middle}.log`)
  })

  test('a bit flips in a middle segment that was flushed: not noticed', async () => {
    const env = await worldOf(past)
    flipAt(env, `${middle}.log`, bytesIntoMiddle)
    const log = await openPartition(env, { recoveryPoint: logEndOffset })
    expect(log.endOffset).toBe(logEndOffset)
    const refused = offsetsRefused(log)
    expect(refused[0]).toBe(firstDamaged)
    expect(refused.length).toBeLessThan(15)
  })

  test('a torn tail behind a clean stop: not noticed, and the next append lands behind it', async () => {
    const env = await worldOf(past)
    extend(env, `${active}.log`, takeBytes(env, `${active}.log`).subarray(0, 40))
    const log = await openPartition(env)
    expect(log.recovery.cut).toMatchObject({ bytes: 40 })
    await expectWhole(log)
  })

  test('zeros behind a clean stop: the broker does not start', async () => {
    const env = await worldOf(past)
    extend(env, `${active}.log`, Buffer.alloc(4096))
    const log = await openPartition(env)
    expect(log.recovery.cut).toMatchObject({ bytes: 4096 })
    await expectWhole(log)
  })

  test.each<[string, (env: MemoryEnv, name: string) => void]>([
    ['missing', remove],
    ['cut in the middle of an entry', (env, name) => cutBy(env, name, 5)],
    ['cut between entries', (env, name) => cutBy(env, name, 34)],
    ['empty', (env, name) => putBytes(env, name, Buffer.alloc(0))],
  ])('a transaction index is %s: not noticed, and aborted data becomes visible', async (_, damage) => {
    for (const base of ['00000000000000000000', middle]) {
      const env = await worldOf(past)
      damage(env, `${base}.txnindex`)
      await expectHealed(env)
    }
  })

  test('all producer snapshots are missing after a clean stop: what producers had sent is forgotten', async () => {
    const env = await worldOf(past)
    for (const name of partitionFiles.filter((each) => each.endsWith('.snapshot'))) remove(env, name)
    await expectHealed(env)
  })

  test('the leader epochs have a field that is no number: the broker does not start', async () => {
    const env = await worldOf(past)
    putBytes(env, 'leader-epoch-checkpoint', Buffer.from('0\n1\nzero 0\n'))
    await expectHealed(env)
    expect(takeBytes(env, 'leader-epoch-checkpoint')).toEqual(readPartitionFile('leader-epoch-checkpoint'))
  })

  test('a middle segment is missing: a hole that nobody is told of', async () => {
    const env = await worldOf(past)
    remove(env, `${middle}.log`)
    await expectFenced(env, '00000000000000001090.log')
  })

  test('a time index is missing: left empty, so that retention goes by the time of the file', async () => {
    const env = await worldOf(past)
    remove(env, `${middle}.timeindex`)
    await expectHealed(env)
  })

  test('an index is filled up with zeros: they are taken for entries', async () => {
    for (const kind of ['.index', '.timeindex']) {
      const env = await worldOf(past)
      extend(env, middle + kind, Buffer.alloc(topBytes - takeBytes(env, middle + kind).length))
      await expectHealed(env)
    }
  })

  test('an index is no multiple of its entries long: rounded down', async () => {
    const env = await worldOf(past)
    cutBy(env, `${middle}.index`, 3)
    await expectHealed(env)
  })
})
