import { describe, expect, test } from 'vitest'
import { ClosedError, NoPositionError } from '../../../../src/base/errors.ts'
import { ConsumerRig, numbers, partitionsOf, take, texts } from './rig.ts'

const earliest = { autoOffsetReset: 'earliest' } as const

describe('records', () => {
  test('come in order, with all they have', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', [{ key: 'k', value: 'v', headers: { h: 'x' }, timestamp: 1_700_000_000_001 }])
    await rig.produce('orders', numbers(1000))
    const consumer = rig.consumer({ assignment: partitionsOf('orders'), ...earliest })
    const records = await take(consumer, 1001)
    const [first] = records
    expect(first).toMatchObject({ topic: 'orders', partition: 0, offset: 0, timestamp: 1_700_000_000_001 })
    expect(first?.timestampType).toBe('CreateTime')
    expect(first?.key).toEqual(Buffer.from('k'))
    expect(first?.headers['h']).toEqual(Buffer.from('x'))
    expect(texts(records)).toEqual(['v', ...numbers(1000)])
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, index) => index))
  })

  test('are waited for, and come when they are appended', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    const consumer = rig.consumer({ assignment: partitionsOf('orders'), ...earliest, fetchMaxWaitMs: 10_000 })
    const taken = take(consumer, 2)
    expect(await consumer.position({ topic: 'orders', partition: 0 })).toBe(0)
    await rig.produce('orders', ['a'])
    await rig.produce('orders', ['b'])
    expect(texts(await taken)).toEqual(['a', 'b'])
  })

  test('of several partitions and topics come all', async () => {
    await using rig = await ConsumerRig.start({ topics: [{ name: 'a', partitions: 3 }, 'b'] })
    for (const { topic, partition } of [...partitionsOf('a', 3), ...partitionsOf('b')])
      await rig.produce(topic, numbers(100, partition * 100), { partition })
    const consumer = rig.consumer({
      assignment: [...partitionsOf('a', 3), ...partitionsOf('b')],
      ...earliest,
    })
    const records = await take(consumer, 400)
    for (const { topic, partition } of [...partitionsOf('a', 3), ...partitionsOf('b')]) {
      const own = records.filter((record) => record.topic === topic && record.partition === partition)
      expect(texts(own)).toEqual(numbers(100, partition * 100))
    }
  })

  test('a loop that was left is followed by one that goes on', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(10))
    const consumer = rig.consumer({ assignment: partitionsOf('orders'), ...earliest })
    expect(texts(await take(consumer, 4))).toEqual(numbers(4))
    expect(texts(await take(consumer, 6))).toEqual(numbers(6, 4))
  })

  test('there is one loop at a time', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    const consumer = rig.consumer({ assignment: partitionsOf('orders') })
    const iterator = consumer[Symbol.asyncIterator]()
    expect(() => consumer.records()).toThrow(TypeError)
    await iterator.return?.()
    await consumer.records().return?.()
  })

  test('come by batches of at most maxPollRecords', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    for (let batch = 0; batch < 5; batch++) await rig.produce('orders', numbers(3, batch * 3))
    await rig.produce('orders', numbers(10, 15))
    const consumer = rig.consumer({ assignment: partitionsOf('orders'), ...earliest, maxPollRecords: 10 })
    const batches = await take(consumer.batches(), 3)
    expect(batches.map(({ records }) => records.length)).toEqual([10, 10, 5])
    expect(batches.map(({ lastOffset }) => lastOffset)).toEqual([9, 19, 24])
    expect(batches[0]).toMatchObject({ topic: 'orders', partition: 0, highWatermark: 25 })
    expect(texts(batches.flatMap(({ records }) => records))).toEqual(numbers(25))
  })

  test('a signal ends the waiting with its reason, and the consumer goes on', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    const consumer = rig.consumer({ assignment: partitionsOf('orders'), ...earliest })
    const stop = new AbortController()
    const waiting = take(consumer.records({ signal: stop.signal }), 1)
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await rig.produce('orders', ['a'])
    expect(texts(await take(consumer, 1))).toEqual(['a'])
  })

  test('of every codec are read', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    const codecs = ['gzip', 'snappy', 'lz4'] as const
    for (const compression of codecs) await rig.produce('orders', numbers(50), { compression })
    const consumer = rig.consumer({ assignment: partitionsOf('orders'), ...earliest })
    expect(texts(await take(consumer, 150))).toEqual([...numbers(50), ...numbers(50), ...numbers(50)])
  })
})

describe('positions', () => {
  test('seeks take effect at once, whatever was fetched ahead', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    for (let batch = 0; batch < 10; batch++)
      await rig.produce('orders', [{ value: String(batch), timestamp: 1_700_000_000_000 + batch * 1000 }])
    const [of] = partitionsOf('orders')
    if (of === undefined) return
    const consumer = rig.consumer({ assignment: [of], ...earliest, maxPollRecords: 3 })
    expect(texts(await take(consumer, 2))).toEqual(['0', '1'])
    consumer.seek(of, 7)
    expect(await consumer.position(of)).toBe(7)
    expect(texts(await take(consumer, 2))).toEqual(['7', '8'])
    consumer.seek(of, 'beginning')
    expect(texts(await take(consumer, 1))).toEqual(['0'])
    consumer.seek(of, { timestamp: 1_700_000_004_500 })
    expect(texts(await take(consumer, 1))).toEqual(['5'])
    consumer.seek(of, { timestamp: 1_800_000_000_000 })
    expect(await consumer.position(of)).toBe(10)
    consumer.seek(of, 'end')
    await rig.produce('orders', ['new'])
    // The end is looked up when it is needed: it may be before or after what was just appended.
    expect([10, 11]).toContain(await consumer.position(of))
  })

  test('a seek within the loop takes the next record from there', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(5))
    const consumer = rig.consumer({ assignment: partitionsOf('orders'), ...earliest })
    const seen: string[] = []
    for await (const record of consumer) {
      seen.push(String(record.value))
      if (seen.length === 2) consumer.seek(record, 4)
      if (seen.length === 3) consumer.seek(record, 1)
      if (seen.length === 4) break
    }
    expect(seen).toEqual(['0', '1', '4', '1'])
  })

  test('by default reading begins at the end', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(3))
    const consumer = rig.consumer({ assignment: partitionsOf('orders') })
    expect(await consumer.position({ topic: 'orders', partition: 0 })).toBe(3)
    await rig.produce('orders', ['new'])
    expect(texts(await take(consumer, 1))).toEqual(['new'])
  })

  test("with 'none' a missing position is an error, until one is given", async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(3))
    const [of] = partitionsOf('orders')
    if (of === undefined) return
    const consumer = rig.consumer({ assignment: [of], autoOffsetReset: 'none' })
    const failure = await take(consumer, 1).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(NoPositionError)
    expect(failure).toMatchObject({ code: 'ERR_NO_POSITION', topic: 'orders', partition: 0 })
    await expect(consumer.position(of)).rejects.toBeInstanceOf(NoPositionError)
    consumer.seek(of, 1)
    expect(texts(await take(consumer, 2))).toEqual(['1', '2'])
  })

  test('an offset that is out of range is reset, or an error', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(3))
    const [of] = partitionsOf('orders')
    if (of === undefined) return
    const lenient = rig.consumer({ assignment: [{ ...of, offset: 100 }], ...earliest })
    expect(texts(await take(lenient, 3))).toEqual(numbers(3))
    const strict = rig.consumer({ assignment: [{ ...of, offset: 100 }], autoOffsetReset: 'none' })
    await expect(take(strict, 1)).rejects.toThrow(/orders-0: offset 100 is out of range.*up to 3/)
  })

  test('lag, beginning, end and times are told', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    const [of] = partitionsOf('orders')
    if (of === undefined) return
    for (let batch = 0; batch < 10; batch++)
      await rig.produce('orders', [{ value: String(batch), timestamp: 1_700_000_000_000 + batch * 1000 }])
    const consumer = rig.consumer({ assignment: [of], ...earliest })
    expect(consumer.lag(of)).toBeUndefined()
    await take(consumer, 4)
    expect(consumer.lag(of)).toBe(6)
    expect(await consumer.beginningOffsets([of])).toEqual([{ ...of, offset: 0 }])
    expect(await consumer.endOffsets([of])).toEqual([{ ...of, offset: 10 }])
    const timestamp = 1_700_000_004_500
    const times = await consumer.offsetsForTimes([{ ...of, timestamp }])
    expect(times).toMatchObject([{ ...of, offset: 5, timestamp: 1_700_000_005_000 }])
    const late = await consumer.offsetsForTimes([{ ...of, timestamp: 1_800_000_000_000 }])
    expect(late).toMatchObject([{ offset: -1 }])
  })

  test('what is paused is not handed out, and goes on where it was', async () => {
    await using rig = await ConsumerRig.start({ topics: ['a', 'b'] })
    await rig.produce('a', numbers(3))
    await rig.produce('b', numbers(3, 10))
    const [a] = partitionsOf('a')
    const [b] = partitionsOf('b')
    if (a === undefined || b === undefined) return
    const consumer = rig.consumer({ assignment: [a, b], ...earliest })
    consumer.pause([a])
    expect(consumer.paused()).toEqual([a])
    expect(texts(await take(consumer, 3))).toEqual(['10', '11', '12'])
    consumer.resume([a])
    const rest: string[] = []
    for await (const record of consumer) {
      rest.push(String(record.value))
      if (rest.length === 1) {
        consumer.pause([a])
        await rig.produce('b', ['13'])
      }
      if (rest.length === 2) consumer.resume([a])
      if (rest.length === 4) break
    }
    expect(rest).toEqual(['0', '13', '1', '2'])
  })

  test('what is not assigned cannot be asked about', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    const consumer = rig.consumer({ assignment: partitionsOf('orders') })
    expect(() => consumer.seek({ topic: 'orders', partition: 3 }, 0)).toThrow(RangeError)
    expect(() => consumer.seek({ topic: 'orders', partition: 0 }, -1)).toThrow(RangeError)
    expect(() => consumer.lag({ topic: 'x', partition: 0 })).toThrow(/x-0 is not assigned/)
  })

  test('assign keeps the positions of partitions that stay', async () => {
    await using rig = await ConsumerRig.start({ topics: [{ name: 'a', partitions: 2 }] })
    await rig.produce('a', numbers(4))
    await rig.produce('a', numbers(2, 10), { partition: 1 })
    const [first, second] = partitionsOf('a', 2)
    if (first === undefined || second === undefined) return
    const consumer = rig.consumer({ assignment: [first], ...earliest })
    expect(texts(await take(consumer, 2))).toEqual(['0', '1'])
    consumer.assign([first, second])
    expect(texts(await take(consumer, 4)).toSorted()).toEqual(['10', '11', '2', '3'])
    consumer.assign([{ ...second, offset: 1 }])
    expect(consumer.assignment()).toEqual([second])
    expect(texts(await take(consumer, 1))).toEqual(['11'])
  })
})

describe('the end', () => {
  test('close within the loop ends it', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(3))
    const consumer = rig.consumer({ assignment: partitionsOf('orders'), ...earliest })
    let count = 0
    for await (const _ of consumer) {
      count++
      await consumer.close()
    }
    expect(count).toBe(1)
    await consumer.close()
    expect(() => consumer.records()).toThrow(ClosedError)
    await expect(consumer.position({ topic: 'orders', partition: 0 })).rejects.toBeInstanceOf(ClosedError)
  })

  test('close ends a loop that waits', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    const consumer = rig.consumer({ assignment: partitionsOf('orders') })
    const taken = take(consumer, 1)
    await consumer.position({ topic: 'orders', partition: 0 })
    await consumer.close()
    expect(await taken).toEqual([])
  })
})
