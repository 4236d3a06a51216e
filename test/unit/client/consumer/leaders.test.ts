import { describe, expect, test } from 'vitest'
import { NoPositionError } from '../../../../src/base/errors.ts'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'
import { take, texts, until } from './rig.ts'
import { ScriptedCluster } from './scripted-cluster.ts'

const orders = { topic: 'orders', partition: 0 }

describe('when the leader', () => {
  test('moves, its successor is asked at once if the error tells who it is', async () => {
    using cluster = new ScriptedCluster()
    cluster.append(1)
    await using consumer = cluster.consumer()
    expect(await take(consumer, 1)).toHaveLength(1)
    cluster.leaderId = 2
    cluster.leaderEpoch = 1
    cluster.epochEnd = { leaderEpoch: 0, endOffset: 1 }
    cluster.append(1)
    cluster.onFetch = (_, address) =>
      address === 'a:1' ? { currentLeader: { leaderId: 2, leaderEpoch: 1 } } : undefined
    const metadataBefore = cluster.transport.log.filter((line) => line.startsWith('Metadata')).length
    expect(texts(await take(consumer, 1))).toEqual(['1'])
    expect(cluster.fetches.at(-1)?.address).toBe('b:2')
    expect(cluster.transport.log.filter((line) => line.startsWith('Metadata'))).toHaveLength(metadataBefore)
  })

  test('moves, its successor is looked for', async () => {
    using cluster = new ScriptedCluster()
    cluster.append(1)
    await using consumer = cluster.consumer()
    await take(consumer, 1)
    Object.assign(cluster, { leaderId: 2, leaderEpoch: 1, epochEnd: { leaderEpoch: 0, endOffset: 1 } })
    cluster.append(1)
    expect(texts(await take(consumer, 1))).toEqual(['1'])
  })

  test('cannot be reached, its successor is looked for', async () => {
    using cluster = new ScriptedCluster()
    cluster.append(1)
    await using consumer = cluster.consumer()
    await take(consumer, 1)
    cluster.transport.down.add('a:1')
    Object.assign(cluster, { leaderId: 2, leaderEpoch: 1, epochEnd: { leaderEpoch: 0, endOffset: 1 } })
    cluster.append(1)
    expect(texts(await take(consumer, 1))).toEqual(['1'])
  })

  test.each([
    'UNKNOWN_LEADER_EPOCH',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN_TOPIC_ID',
    'UNKNOWN_TOPIC_OR_PARTITION',
    'KAFKA_STORAGE_ERROR',
    'OFFSET_NOT_AVAILABLE',
    'CORRUPT_MESSAGE',
    'UNKNOWN_SERVER_ERROR',
  ] as const)('says %s for a while, it is asked again', async (name) => {
    using cluster = new ScriptedCluster()
    cluster.append(1)
    await using consumer = cluster.consumer()
    let failures = 0
    cluster.onFetch = () => (failures++ < 3 ? { errorCode: errorCodes[name], records: null } : undefined)
    expect(texts(await take(consumer, 1))).toEqual(['0'])
    expect(failures).toBeGreaterThan(3)
  })

  test('refuses for good, the loop hears it, and again, until something is done about it', async () => {
    using cluster = new ScriptedCluster()
    cluster.append(1)
    await using consumer = cluster.consumer()
    cluster.onFetch = () => ({ errorCode: errorCodes.TOPIC_AUTHORIZATION_FAILED, records: null })
    for (let round = 0; round < 2; round++) {
      const failure = await take(consumer, 1).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(KafkaError)
      expect(failure).toMatchObject({ kafkaName: 'TOPIC_AUTHORIZATION_FAILED' })
    }
    cluster.onFetch = undefined
    consumer.seek(orders, 0)
    expect(texts(await take(consumer, 1))).toEqual(['0'])
  })
})

describe('when the log of a new leader was cut', () => {
  /** Reads 5 records in epoch 3; then the other broker leads in epoch 4, and its log ends epoch 3 at `endOffset`. */
  async function cutAt(cluster: ScriptedCluster, endOffset: number, options: object) {
    cluster.leaderEpoch = 3
    cluster.append(5)
    const consumer = cluster.consumer(options)
    await take(consumer, 5)
    Object.assign(cluster, { leaderId: 2, leaderEpoch: 4, batches: [], endOffset: 0 })
    cluster.append(endOffset)
    cluster.append(3)
    cluster.epochEnd = { leaderEpoch: endOffset < 0 ? -1 : 3, endOffset }
    return consumer
  }

  test('reading goes on where the logs part', async () => {
    using cluster = new ScriptedCluster()
    await using consumer = await cutAt(cluster, 2, {})
    const [next] = await take(consumer, 1)
    expect(next).toMatchObject({ offset: 2, leaderEpoch: 4 })
    const asked = cluster.transport.log.filter((line) => line.startsWith('OffsetForLeaderEpoch'))
    expect(asked).toEqual(['OffsetForLeaderEpoch b:2'])
  })

  test("with 'none' the application decides", async () => {
    using cluster = new ScriptedCluster()
    await using consumer = await cutAt(cluster, 2, {
      assignment: [{ ...orders, offset: 0 }],
      autoOffsetReset: 'none',
    })
    const failure = await take(consumer, 1).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(NoPositionError)
    expect(String(failure)).toMatch(/cut at offset 2, and had been read up to 5/)
    consumer.seek(orders, 2)
    expect(await take(consumer, 1)).toMatchObject([{ offset: 2 }])
  })

  test('and had not lost what was read, reading goes on', async () => {
    using cluster = new ScriptedCluster()
    const strict = { assignment: [{ ...orders, offset: 0 }], autoOffsetReset: 'none' }
    await using consumer = await cutAt(cluster, 5, strict)
    expect(await take(consumer, 1)).toMatchObject([{ offset: 5 }])
  })
})

describe('a record in hand', () => {
  test('is not done because the leader has changed meanwhile', async () => {
    using cluster = new ScriptedCluster()
    cluster.append(1)
    cluster.append(1)
    cluster.onFetch = ({ fetchOffset }) => ({ records: cluster.batches[fetchOffset] ?? Buffer.alloc(0) })
    const commits: number[] = []
    cluster.onCommit = (offset) => commits.push(offset)
    const consumer = cluster.consumer({ groupId: 'g', autoCommitIntervalMs: 60_000 })
    for await (const { offset } of consumer) {
      if (offset !== 1) continue
      // What is fetched ahead finds the leader gone.
      Object.assign(cluster, { leaderId: 2, leaderEpoch: 1, epochEnd: { leaderEpoch: 0, endOffset: 2 } })
      cluster.transport.down.add('a:1')
      const isValidated = () => cluster.transport.log.some((line) => line.startsWith('OffsetForLeaderEpoch'))
      await until(isValidated)
      break
    }
    await consumer.close()
    expect(commits).toEqual([1])
  })
})

describe('damage in what was fetched', () => {
  test('is told with its place, after all that comes before it, and can be passed over', async () => {
    using cluster = new ScriptedCluster()
    cluster.append(3)
    cluster.append(2)
    cluster.append(1)
    const [, damaged] = cluster.batches
    damaged?.writeUInt8(0xff, damaged.length - 2)
    await using consumer = cluster.consumer()
    expect(await take(consumer, 3)).toHaveLength(3)
    for (let round = 0; round < 2; round++)
      await expect(take(consumer, 1)).rejects.toThrow(
        /orders-0: the batch at offset 3 is damaged.*seek past it/,
      )
    consumer.seek(orders, 5)
    expect(texts(await take(consumer, 1))).toEqual(['5'])
  })
})

describe('fetching ahead', () => {
  test('stops while the application takes nothing, and goes on when it does', async () => {
    using cluster = new ScriptedCluster()
    for (let batch = 0; batch < 10; batch++) cluster.append(10)
    cluster.onFetch = ({ fetchOffset }) => ({ records: cluster.batches[fetchOffset / 10] ?? Buffer.alloc(0) })
    await using consumer = cluster.consumer()
    let count = 0
    for await (const { offset } of consumer) {
      if (count === 0)
        for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
      // What is being handed out, and one answer ahead.
      if (count === 0) expect(cluster.fetches.map(({ fetchOffset }) => fetchOffset)).toEqual([0, 10])
      expect(offset).toBe(count)
      if (++count === 100) break
    }
    expect(consumer.metrics().bufferedBytes).toBeLessThanOrEqual(2 * (cluster.batches[0]?.length ?? 0))
  })

  test('forgets answers to questions that a seek has made pointless', async () => {
    using cluster = new ScriptedCluster()
    for (let batch = 0; batch < 4; batch++) cluster.append(1)
    await using consumer = cluster.consumer({ assignment: [{ ...orders, offset: 2 }] })
    let isFirst = true
    cluster.onFetch = () => {
      // While the broker is about to answer with what lies from offset 2 on.
      if (isFirst) consumer.seek(orders, 0)
      isFirst = false
      return undefined
    }
    expect(texts(await take(consumer, 4))).toEqual(['0', '1', '2', '3'])
  })

  test('never holds more than maxBufferedBytes and one answer', async () => {
    using cluster = new ScriptedCluster()
    for (let batch = 0; batch < 10; batch++) cluster.append(10)
    cluster.onFetch = ({ fetchOffset }) => ({ records: cluster.batches[fetchOffset / 10] ?? Buffer.alloc(0) })
    const largest = Math.max(...cluster.batches.map(({ length }) => length))
    await using consumer = cluster.consumer({ maxBufferedBytes: 1 })
    let count = 0
    for await (const _ of consumer) {
      expect(consumer.metrics().bufferedBytes).toBeLessThanOrEqual(largest)
      if (++count === 100) break
    }
  })
})
