import { describe, expect, test } from 'vitest'
import type { PartitionLog } from '../../../src/log/partition-log.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import { batchOf } from './log-setup.ts'
import { logEndOffset, readPartitionFile } from '../../golden/kafka-directory.ts'
import {
  kafkaWorld,
  openPartition,
  partitionDirectory,
  putBytes,
  takeBytes,
} from '../../golden/kafka-world.ts'
import { Batch } from '../../../src/batch/batch.ts'

/** What becomes of the leader epochs after an unclean stop, with and without batches that say something of them. */

const name = 'leader-epoch-checkpoint'
const put = (env: MemoryEnv, ...entries: string[]) =>
  putBytes(env, name, Buffer.from(`0\n${entries.length}\n${entries.map((each) => `${each}\n`).join('')}`))
const textIn = (env: MemoryEnv) => takeBytes(env, name).toString()

/** Everything can be read: no batch is refused for the epoch it carries. */
async function readAll(log: PartitionLog): Promise<void> {
  for (let next = log.startOffset; next < log.endOffset; )
    next = (await log.reader.read(next, 100_000)).slice.nextOffset
}

async function killedWorld(): Promise<MemoryEnv> {
  const env = kafkaWorld()
  await openPartition(env)
  return env.kill()
}

/** Kafka's own say that epoch 0 begins at 0, 2 at 818 and 5 at 1356. */
const changes: readonly (readonly string[])[] = [
  // Another epoch.
  ['1 0', '2 818', '5 1356'],
  ['0 0', '3 818', '5 1356'],
  ['0 0', '1 818', '5 1356'],
  ['0 0', '2 818', '4 1356'],
  ['0 0', '2 818', '7 1356'],
  // Another offset: far away, and by one batch.
  ['0 0', '2 118', '5 1356'],
  ['0 0', '2 898', '5 1356'],
  ['0 0', '2 828', '5 1356'],
  ['0 0', '2 812', '5 1356'],
  ['0 0', '2 818', '5 1056'],
  ['0 0', '2 818', '5 1656'],
  ['0 0', '2 818', '5 1757'],
  ['0 0', '2 818', '5 9356'],
  // In the middle of a batch.
  ['0 0', '2 819', '5 1356'],
]

describe.each(['killed', 'foreign'])('a %s log', (past) => {
  test.each(changes)('with the epochs %s, %s, %s goes by its batches', async (...entries) => {
    const env = past === 'killed' ? await killedWorld() : kafkaWorld()
    put(env, ...entries)
    const log = await openPartition(env)
    expect(textIn(env)).toBe(readPartitionFile(name).toString())
    // Of a foreign log nothing is known to be durable: its last batches may begin an epoch that the checkpoint has not.
    if (past === 'killed') expect(log.recovery.rebuilt).toContain(name)
    expect(log.recovery).toMatchObject({ cut: undefined, lost: undefined, endOffset: logEndOffset })
    await readAll(log)
  })

  test('with the right epochs has nothing made again', async () => {
    const env = past === 'killed' ? await killedWorld() : kafkaWorld()
    const { recovery } = await openPartition(env)
    expect(recovery.rebuilt).toEqual([])
    expect(recovery.scannedSegments).toBe(past === 'killed' ? 1 : 4)
    expect(textIn(env)).toBe(readPartitionFile(name).toString())
  })

  test('in which the epoch of a single batch was changed is not believed over the checkpoint', async () => {
    const env = past === 'killed' ? await killedWorld() : kafkaWorld()
    const segment = '00000000000000001090.log'
    const bytes = takeBytes(env, segment)
    const position = positionOf(bytes, 1356)
    bytes.writeInt32BE(4, position + 12)
    putBytes(env, segment, bytes)
    const opened = openPartition(env)
    const refused = past === 'killed' ? opened.then(readAll) : opened
    await expect(refused).rejects.toThrow('carries leader epoch 4 where 5 led')
    expect(textIn(env)).toBe(readPartitionFile(name).toString())
  })
})

function positionOf(bytes: Buffer, offset: number): number {
  let position = 0
  while (new Batch(bytes, position).lastOffset < offset) position += new Batch(bytes, position).sizeBytes
  return position
}

describe('an epoch in which nothing was written yet', () => {
  test('survives a kill', async () => {
    const env = kafkaWorld()
    await (await openPartition(env)).beginEpoch(9)
    const log = await openPartition(env.kill())
    expect(log.leaderEpoch).toBe(9)
    expect(log.state.epochs.entries.at(-1)).toEqual({ epoch: 9, startOffset: logEndOffset })
  })

  test('survives a kill and a checkpoint that is wrong elsewhere', async () => {
    const env = kafkaWorld()
    await (await openPartition(env)).beginEpoch(9)
    const after = env.kill()
    put(after, '0 0', '3 818', '5 1356', `9 ${logEndOffset}`)
    const log = await openPartition(after)
    expect(textIn(after)).toBe(`0\n4\n0 0\n2 818\n5 1356\n9 ${logEndOffset}\n`)
    expect(log.leaderEpoch).toBe(9)
  })

  test('begins where the log ends when a power cut took what had been written in it', async () => {
    const env = kafkaWorld()
    for (const path of ['/', '/kafka', partitionDirectory]) env.files.syncDirectorySync(path)
    const log = await openPartition(env)
    await log.beginEpoch(9)
    await log.append(new Batch(batchOf([{ value: 'not synced' }])))
    const again = await openPartition(env.crash())
    expect(again.leaderEpoch).toBe(9)
    expect(again.state.epochs.entries.at(-1)).toEqual({ epoch: 9, startOffset: again.endOffset })
  })
})

describe('a log of a later epoch that was trimmed to its end', () => {
  test('goes on in that epoch after a kill', async () => {
    const env = kafkaWorld()
    const log = await openPartition(env)
    await log.trim(logEndOffset)
    const again = await openPartition(env.kill())
    expect([again.startOffset, again.endOffset, again.leaderEpoch]).toEqual([logEndOffset, logEndOffset, 5])
    await again.append(new Batch(batchOf([{ value: 'next' }])))
    expect(again.reader.readBatch(logEndOffset)?.partitionLeaderEpoch).toBe(5)
  })

  test('and of which nothing else is left goes on in it, too', async () => {
    const env = kafkaWorld()
    putBytes(env, 'log-start-offset-checkpoint', Buffer.from('0\n1\nfixture 0 5000\n'))
    const log = await openPartition(env)
    expect([log.startOffset, log.endOffset, log.leaderEpoch]).toEqual([5000, 5000, 5])
  })
})
