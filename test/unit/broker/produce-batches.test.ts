import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Batch } from '../../../src/batch/batch.ts'
import { type CompressionName, compress, compressionId } from '../../../src/batch/compression.ts'
import { type EncodeOptions, encodeBatch } from '../../../src/batch/encode-batch.ts'
import {
  attributesPosition,
  batchLengthPosition,
  crcPosition,
  logOverhead,
  recordBatchOverhead,
} from '../../../src/batch/format.ts'
import { iterateBatches } from '../../../src/batch/iterate-batches.ts'
import { expandedBytesMax } from '../../../src/broker/stored-batch.ts'
import { topicConfigKey } from '../../../src/cluster/znodes.ts'
import { errorCodes } from '../../../src/wire/error-codes.ts'
import { produceRequest, produceResponse } from '../../../src/wire/messages/00-produce.ts'
import { openBroker, type TestBroker } from './open-broker.ts'

const mebibyte = 1024 * 1024
const codecs = ['none', 'gzip', 'snappy', 'lz4'] as const

/** A broker with the topic `orders`. */
async function withTopic(config: Readonly<Record<string, string>> = {}): Promise<TestBroker> {
  const tested = await openBroker()
  await tested.broker.controller.createTopic({
    name: 'orders',
    partitionCount: 1,
    replicationFactor: 1,
    config,
  })
  await tested.broker.replicas.settled()
  return tested
}

async function send(tested: TestBroker, records: Buffer, version = 12) {
  const response = await tested.ask(
    { request: produceRequest, response: produceResponse },
    {
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }],
    },
    { version },
  )
  return response?.responses[0]?.partitionResponses[0]
}

/** Of the processor: others may be at work on this machine. */
function costMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

async function stored(tested: TestBroker): Promise<Batch[]> {
  const read = {
    offset: 0,
    maxBytes: mebibyte,
    atLeastOneBatch: true,
    isolation: 'read_uncommitted',
  } as const
  return [...iterateBatches((await tested.broker.replicas.get('orders', 0).read(read)).records)]
}

const records = [
  { key: 'a', value: 'x'.repeat(300), timestamp: 1_700_000_000_001, headers: [['h', 'v'] as const] },
  { key: null, value: null, timestamp: 1_700_000_000_000 },
]

function batchOf(options: Partial<EncodeOptions> = {}): Buffer {
  return encodeBatch(records, { now: 0, ...options })
}

describe('compression.type', () => {
  const sequence = { producerId: 7, producerEpoch: 1, baseSequence: 0 }

  test.each(codecs.flatMap((from) => codecs.map((to) => [from, to] as const)))(
    'a batch in %s is kept in %s, and says the same',
    async (from, to) => {
      const type = to === 'none' ? 'uncompressed' : to
      await using tested = await withTopic({ 'compression.type': type })
      expect(await send(tested, batchOf({ compression: from, ...sequence }))).toMatchObject({ errorCode: 0 })
      expect(await send(tested, batchOf({ compression: from, ...sequence }))).toMatchObject({ baseOffset: 0 })
      const [batch, ...more] = await stored(tested)
      expect(more).toEqual([])
      expect(batch).toMatchObject({ compression: to, ...sequence, maxTimestamp: 1_700_000_000_001 })
      expect(batch?.isValid()).toBe(true)
      const kept = [...(batch?.records() ?? [])]
      expect(kept.map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
        [0, 1_700_000_000_001],
        [1, 1_700_000_000_000],
      ])
      expect(kept.map(({ key, value }) => [key?.toString(), value?.toString()])).toEqual([
        ['a', 'x'.repeat(300)],
        [undefined, undefined],
      ])
      expect(kept[0]?.headerList.map(({ key, value }) => [key, value?.toString()])).toEqual([['h', 'v']])
    },
  )

  test('goes with the time of the append', async () => {
    await using tested = await withTopic({
      'compression.type': 'gzip',
      'message.timestamp.type': 'LogAppendTime',
    })
    await tested.clock.runFor(5000)
    const nowMs = tested.clock.nowMs()
    expect(await send(tested, batchOf())).toMatchObject({ errorCode: 0, logAppendTimeMs: nowMs })
    const [batch] = await stored(tested)
    expect(batch).toMatchObject({ compression: 'gzip', timestampType: 'LogAppendTime', maxTimestamp: nowMs })
    expect([...(batch?.records() ?? [])].map(({ timestamp }) => timestamp)).toEqual([nowMs, nowMs])
  })

  test('is left to the producer by default, and holds from the moment it is set', async () => {
    await using tested = await withTopic()
    await send(tested, batchOf({ compression: 'lz4' }))
    await tested.broker.controller.storeConfig(topicConfigKey('orders'), { 'compression.type': 'snappy' })
    await tested.broker.replicas.settled()
    await send(tested, batchOf({ compression: 'lz4' }))
    expect((await stored(tested)).map(({ compression }) => compression)).toEqual(['lz4', 'snappy'])
  })

  test('may not make a batch larger than max.message.bytes', async () => {
    await using tested = await withTopic({ 'compression.type': 'uncompressed', 'max.message.bytes': '300' })
    const refused = await send(tested, batchOf({ compression: 'gzip' }))
    expect(refused?.errorCode).toBe(errorCodes.MESSAGE_TOO_LARGE)
    expect(await stored(tested)).toEqual([])
  })
})

describe('refused', () => {
  test('is zstd from clients older than produce version 7', async () => {
    await using tested = await withTopic()
    const small = batchWith('zstd', zstdZeros(1))
    expect((await send(tested, small, 6))?.errorCode).toBe(errorCodes.UNSUPPORTED_COMPRESSION_TYPE)
    // One block of zeros holds no records, which is found out where zstd is looked into.
    expect((await send(tested, small, 7))?.errorCode).toBe(errorCodes.INVALID_RECORD)
  })

  test('is a batch of a transaction, which nothing could end', async () => {
    await using tested = await withTopic()
    const sequence = { producerId: 7, producerEpoch: 1, baseSequence: 0 }
    const refused = await send(tested, batchOf({ ...sequence, isTransactional: true }))
    expect(refused?.errorCode).toBe(errorCodes.INVALID_TXN_STATE)
    expect(tested.broker.replicas.get('orders', 0)).toMatchObject({ lastStableOffset: 0, highWatermark: 0 })
    expect(await send(tested, batchOf(sequence))).toMatchObject({ errorCode: 0, baseOffset: 0 })
  })
})

describe('a batch that expands without end', () => {
  const zeros = Buffer.alloc(64 * mebibyte)
  const member = gzipSync(zeros)
  const begin = process.cpuUsage()
  gunzipSync(member)
  /** What this machine needs for four times as much as is looked into. */
  const enoughMs = costMsSince(begin)
  const tooLarge = errorCodes.MESSAGE_TOO_LARGE
  const forged = Buffer.from([0x80, 0x80, 0x80, 0x80, 4, 0])
  const bombs: readonly (readonly [string, CompressionName, Buffer, number])[] = [
    [
      'gzip: 1 GiB in sixteen members',
      'gzip',
      Buffer.concat(Array.from({ length: 16 }, () => member)),
      tooLarge,
    ],
    ['zstd: 1 GiB in blocks of one byte each', 'zstd', zstdZeros(8192), tooLarge],
    ['lz4: 192 MiB', 'lz4', compress('lz4', Buffer.alloc(192 * mebibyte), undefined), tooLarge],
    ['snappy: 20 MiB', 'snappy', compress('snappy', zeros.subarray(0, 20 * mebibyte), undefined), tooLarge],
    ['snappy: a length of 1 GiB, and nothing behind it', 'snappy', forged, errorCodes.INVALID_RECORD],
  ]

  test.each(bombs)('%s: refused, in little time and memory', async (_, codec, block, errorCode) => {
    await using tested = await withTopic()
    const bomb = batchWith(codec, block)
    expect(bomb.length).toBeLessThan(1_048_588)
    const rssBytes = process.memoryUsage.rss()
    const costsMs: number[] = []
    for (let round = 0; round < 3; round++) {
      const before = process.cpuUsage()
      const refused = await send(tested, Buffer.from(bomb))
      costsMs.push(costMsSince(before))
      expect(refused?.errorCode).toBe(errorCode)
    }
    // The best of three: once, the garbage of others may have to be collected.
    expect(Math.min(...costsMs)).toBeLessThan(enoughMs)
    expect(process.memoryUsage.rss() - rssBytes).toBeLessThan(3 * (expandedBytesMax(mebibyte) + 8 * mebibyte))
    expect(await send(tested, batchOf())).toMatchObject({ errorCode: 0, baseOffset: 0 })
    expect(await stored(tested)).toHaveLength(1)
  })

  test('is told by a limit that follows max.message.bytes', () => {
    expect(expandedBytesMax(1000)).toBe(16 * mebibyte)
    expect(expandedBytesMax(2 * mebibyte)).toBe(32 * mebibyte)
    expect(expandedBytesMax(100 * mebibyte)).toBe(128 * mebibyte)
  })
})

/** A batch whose records are `block`, whatever that is, behind a header that names `codec`. */
function batchWith(codec: CompressionName, block: Buffer): Buffer {
  const bytes = Buffer.concat([batchOf().subarray(0, recordBatchOverhead), block])
  bytes.writeInt32BE(bytes.length - logOverhead, batchLengthPosition)
  bytes.writeInt16BE(compressionId(codec), attributesPosition)
  bytes.writeUInt32BE(new Batch(bytes).computeCrc(), crcPosition)
  return bytes
}

/** A zstd frame (RFC 8878) of `blockCount` blocks, each of which repeats one zero 128 Ki times. */
function zstdZeros(blockCount: number): Buffer {
  const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38])
  const blocks = Buffer.alloc(4 * blockCount)
  for (let index = 0; index < blockCount; index++) {
    const isLast = index === blockCount - 1 ? 1 : 0
    blocks.writeUIntLE((131_072 << 3) | (1 << 1) | isLast, 4 * index, 3)
  }
  return Buffer.concat([head, blocks])
}
