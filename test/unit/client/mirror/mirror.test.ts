import { describe, expect, test } from 'vitest'
import { Mirror } from '../../../../src/client/mirror/mirror.ts'
import { notesTopic } from '../../../../src/client/mirror/mirror-notes.ts'
import { readRange } from '../../../../src/client/mirror/read-range.ts'
import type { Tidemark } from '../../../../src/embedded/tidemark.ts'
import { nodeClock } from '../../../../src/env/node-clock.ts'
import { dyingCluster } from './dying-cluster.ts'
import { contents, expectEqual, recordsOf, twoClusters } from './two-clusters.ts'

async function feed(
  cluster: Tidemark,
  topic: string,
  partition: number,
  count: number,
  first = 0,
): Promise<void> {
  await using producer = cluster.producer()
  const records = Array.from({ length: count }, (_, index) => ({
    ...{ topic, partition, key: `k${(first + index) % 7}`, value: `v${first + index}` },
    timestamp: 1_700_000_000_000 + first + index,
  }))
  await producer.sendAll(records)
}

describe('a mirror', () => {
  test('copies records as they are, to the same partitions and offsets', async () => {
    const { from, to } = await twoClusters()
    await from.admin().createTopics([{ name: 'orders', partitions: 2, config: { 'retention.ms': -1 } }])
    await using producer = from.producer({ compression: 'gzip' })
    const timestamp = 1_700_000_000_000
    await producer.sendAll([
      { topic: 'orders', partition: 1, key: null, value: 'no key', timestamp },
      { topic: 'orders', partition: 1, key: 'k', value: null, timestamp: timestamp + 1 },
      { topic: 'orders', partition: 1, key: '', value: '', timestamp: 0 },
      {
        ...{
          topic: 'orders',
          partition: 1,
          key: Buffer.from([0, 255]),
          value: Buffer.from([254, 1]),
          timestamp,
        },
        headers: [
          ['a', '1'],
          ['b', null],
          ['a', '2'],
        ],
      },
    ])
    await feed(from, 'orders', 0, 3)

    const report = await new Mirror({ from, to, topics: ['orders'] }).run()

    await expectEqual(from, to, 'orders', 2)
    const copies = await recordsOf(to, 'orders', 1)
    expect(copies).toHaveLength(4)
    expect(copies[3]?.headerList.map(({ key }) => key)).toEqual(['a', 'b', 'a'])
    expect(copies.map(({ compression }) => compression)).toEqual(['gzip', 'gzip', 'gzip', 'gzip'])
    expect((await recordsOf(to, 'orders', 0)).map(({ compression }) => compression)).toEqual([
      'none',
      'none',
      'none',
    ])
    expect(report).toMatchObject({
      isStopped: false,
      partitions: [
        { topic: 'orders', partition: 0, recordCount: 3, copiedBytes: 12, sourceOffset: 3, targetOffset: 3 },
        { topic: 'orders', partition: 1, recordCount: 4, sourceOffset: 4, targetOffset: 4 },
      ],
    })
    const [{ configs } = { configs: [] }] = await to
      .admin()
      .describeConfigs([{ type: 'topic', name: 'orders' }])
    expect(configs.find(({ name }) => name === 'retention.ms')?.value).toBe('-1')
  })

  test('goes on where it was, and copies nothing twice', async () => {
    const { from, to } = await twoClusters()
    await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await feed(from, 'orders', 0, 10)
    const mirror = new Mirror({ from, to, topics: [/^ord/] })
    expect((await mirror.run()).partitions).toMatchObject([{ recordCount: 10 }])
    expect((await mirror.run()).partitions).toMatchObject([{ recordCount: 0, targetOffset: 10 }])
    await feed(from, 'orders', 0, 5, 10)
    expect((await mirror.run()).partitions).toMatchObject([{ recordCount: 5, targetOffset: 15 }])
    await expectEqual(from, to, 'orders')
  })

  test('translates offsets where the source begins later', async () => {
    const { from, to } = await twoClusters()
    await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await feed(from, 'orders', 0, 10)
    await from.admin().deleteRecords([{ topic: 'orders', partition: 0, beforeOffset: 4 }])
    await from
      .admin()
      .alterGroupOffsets('billing', [{ topic: 'orders', partition: 0, offset: 7, metadata: 'm' }])
    const report = await new Mirror({ from, to, topics: ['orders'], groups: [/bill/] }).run()
    expect(await contents(to, 'orders')).toEqual(await contents(from, 'orders'))
    expect(report).toMatchObject({ movedOffsetCount: 1, partitions: [{ sourceOffset: 10, targetOffset: 6 }] })
    expect(await to.admin().listGroupOffsets('billing')).toMatchObject([
      { topic: 'orders', partition: 0, offset: 3, metadata: 'm' },
    ])
  })

  test('moves groups forward only, and none that has members', async () => {
    const { from, to } = await twoClusters()
    await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await feed(from, 'orders', 0, 10)
    const at = (offset: number) => [{ topic: 'orders', partition: 0, offset }]
    await from.admin().alterGroupOffsets('ahead', at(3))
    await from.admin().alterGroupOffsets('active', at(3))
    await from.admin().alterGroupOffsets('unwanted', at(3))
    const warnings: string[] = []
    const onWarning = (message: string) => void warnings.push(message)
    const mirror = new Mirror({ from, to, topics: ['orders'], groups: ['ahead', 'active'], onWarning })
    const options = {
      groupId: 'active',
      topics: ['orders'],
      autoOffsetReset: 'earliest',
      autoCommit: false,
    } as const
    await new Mirror({ from, to, topics: ['orders'] }).run()
    await to.admin().alterGroupOffsets('ahead', at(9))
    await using member = to.consumer(options)
    for await (const _ of member) break
    expect((await mirror.run()).movedOffsetCount).toBe(0)
    expect(await to.admin().listGroupOffsets('ahead')).toMatchObject([{ offset: 9 }])
    expect(await to.admin().listGroupOffsets('active')).toEqual([])
    expect(await to.admin().listGroupOffsets('unwanted')).toEqual([])
    expect(warnings).toEqual([expect.stringMatching(/group 'active' is left as it is.*members/)])
  })

  test('follows until it is told to stop', async () => {
    const { from, to } = await twoClusters()
    await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await feed(from, 'orders', 0, 10)
    const mirror = new Mirror({ from, to, topics: ['orders'], follow: true })
    const stop = new AbortController()
    const running = mirror.run({ signal: stop.signal })
    const reader = to.consumer({ assignment: [{ topic: 'orders', partition: 0, offset: 0 }] })
    let count = 0
    for await (const _ of reader) {
      if (++count === 10) await feed(from, 'orders', 0, 10, 10)
      if (count === 20) break
    }
    stop.abort()
    expect(await running).toMatchObject({
      isStopped: true,
      partitions: [{ recordCount: 20, targetOffset: 20 }],
    })
    expect(mirror.progress().recordCount).toBe(20)
    expect((await new Mirror({ from, to, topics: ['orders'] }).run()).partitions).toMatchObject([
      { recordCount: 0 },
    ])
  })

  test('leaves out internal topics and its own unless they are named', async () => {
    const { from, to } = await twoClusters()
    await from.admin().createTopics([
      { name: 'orders', partitions: 1 },
      { name: notesTopic, partitions: 1 },
    ])
    await from.admin().alterGroupOffsets('g', [{ topic: 'orders', partition: 0, offset: 0 }])
    const report = await new Mirror({ from, to, topics: [/.*/] }).run()
    expect(report.partitions.map(({ topic }) => topic)).toEqual(['orders'])
    await expect(new Mirror({ from, to, topics: ['odrers'] }).run()).rejects.toThrow(
      /topic 'odrers' of the source/,
    )
  })

  test('gives a topic that has grown as many partitions', async () => {
    const { from, to } = await twoClusters()
    await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await feed(from, 'orders', 0, 3)
    const mirror = new Mirror({ from, to, topics: ['orders'] })
    await mirror.run()
    await from.admin().createPartitions([{ name: 'orders', count: 3 }])
    await feed(from, 'orders', 2, 3)
    await mirror.run()
    await expectEqual(from, to, 'orders', 3)
  })
})

test('a range is read from its start up to its end, and not beyond', async () => {
  const { from } = await twoClusters()
  await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
  await feed(from, 'orders', 0, 10)
  const reading = { clock: nodeClock(), isolationLevel: 'read_committed' } as const
  const offsets: number[] = []
  const range = { topic: 'orders', partition: 0, start: 2, end: 5 }
  for await (const { offset } of readRange(from, range, reading)) offsets.push(offset)
  expect(offsets).toEqual([2, 3, 4])
})

describe('a mirror refuses', () => {
  test('a target that holds records of others', async () => {
    const { from, to } = await twoClusters()
    for (const cluster of [from, to]) {
      await cluster.admin().createTopics([{ name: 'orders', partitions: 1 }])
      await feed(cluster, 'orders', 0, 3)
    }
    await expect(new Mirror({ from, to, topics: ['orders'] }).run()).rejects.toThrow(
      /orders-0: the target holds records, and nothing says that they were mirrored/,
    )
    expect(await recordsOf(to, 'orders')).toHaveLength(3)
  })

  test('a target that others have written to since', async () => {
    const { from, to } = await twoClusters()
    await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await feed(from, 'orders', 0, 3)
    const mirror = new Mirror({ from, to, topics: ['orders'] })
    await mirror.run()
    await feed(to, 'orders', 0, 1)
    await expect(mirror.run()).rejects.toThrow(
      /orders-0: the target ends at 4, but no more than 3 is of this mirror/,
    )
  })

  test('a source that was deleted and created anew; a target that was begins again', async () => {
    const { from, to } = await twoClusters()
    const mirror = new Mirror({ from, to, topics: ['orders'] })
    await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await feed(from, 'orders', 0, 3)
    await mirror.run()
    await to.admin().deleteTopics(['orders'])
    expect((await mirror.run()).partitions).toMatchObject([{ recordCount: 3, targetOffset: 3 }])
    await from.admin().deleteTopics(['orders'])
    await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await feed(from, 'orders', 0, 5)
    await expect(mirror.run()).rejects.toThrow(/deleted and created anew/)
  })

  test('what came after an unclean end and is not what was planned', async () => {
    const { from, to } = await twoClusters()
    await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await feed(from, 'orders', 0, 3)
    const options = { from, topics: ['orders'], settleMs: 10 }
    // It dies after it has noted what it is about to copy.
    const dying = dyingCluster(to, { afterCount: 1, isLastWritten: false })
    await expect(new Mirror({ ...options, to: dying }).run()).rejects.toThrow('killed')
    await feed(to, 'orders', 0, 1, 1)
    await expect(new Mirror({ ...options, to }).run()).rejects.toThrow(
      /orders-0: record 0 of the target is not record 0 of the source: others have written to the target/,
    )
  })

  test('to go on once somebody writes to the target at the same time', async () => {
    const { from, to } = await twoClusters()
    await from.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await feed(from, 'orders', 0, 10)
    const stop = new AbortController()
    const running = new Mirror({ from, to, topics: ['orders'], follow: true }).run({ signal: stop.signal })
    const ended = expect(running).rejects.toThrow(
      /orders-0: a record was written at offset 11 of the target, not 10: others are writing to it/,
    )
    for await (const { offset } of to.consumer({
      assignment: [{ topic: 'orders', partition: 0, offset: 0 }],
    }))
      if (offset === 9) break
    await feed(to, 'orders', 0, 1)
    await feed(from, 'orders', 0, 1)
    await ended
  })

  test('to mirror a cluster to itself, and nothing at all', async () => {
    const { from, to } = await twoClusters()
    expect(() => new Mirror({ from, to: from, topics: ['orders'] })).toThrow(TypeError)
    expect(() => new Mirror({ from, to, topics: [] })).toThrow(TypeError)
  })
})
