import { describe, expect, test } from 'vitest'
import type { RecordMetadata } from '../../../../src/client/producer/producer-record.ts'
import { Receipts } from '../../../../src/client/producer/receipts.ts'

const metadata = (offset: number, timestamp: number): RecordMetadata => ({
  topic: 'topic',
  partition: 0,
  offset,
  timestamp,
})

describe('receipts', () => {
  test('are told in the order in which the records joined, each with its own timestamp', async () => {
    const receipts = new Receipts(() => {})
    const sent = [30, 10, 20].map((timestamp) => receipts.join(timestamp))
    receipts.settle((index, timestamp) => metadata(100 + index, timestamp))
    expect(await Promise.all(sent)).toEqual([metadata(100, 30), metadata(101, 10), metadata(102, 20)])
  })

  test('one that fails does not move those behind it', async () => {
    const receipts = new Receipts(() => {})
    const sent = [1, 2, 3].map((timestamp) => receipts.join(timestamp))
    receipts.settle((index, timestamp) => {
      if (index === 1) throw new RangeError('the second')
      return metadata(index, timestamp)
    })
    const [first, second, third] = await Promise.allSettled(sent)
    expect(first).toEqual({ status: 'fulfilled', value: metadata(0, 1) })
    expect(second).toEqual({ status: 'rejected', reason: new RangeError('the second') })
    expect(third).toEqual({ status: 'fulfilled', value: metadata(2, 3) })
  })

  test('onSettled comes after all of them', async () => {
    const seen: string[] = []
    const settled = new Promise<void>((resolve) => {
      const receipts = new Receipts(() => {
        seen.push('settled')
        resolve()
      })
      for (const timestamp of [1, 2]) void receipts.join(timestamp)
      receipts.settle((index, timestamp) => {
        seen.push(`record ${index}`)
        return metadata(index, timestamp)
      })
    })
    await settled
    expect(seen).toEqual(['record 0', 'record 1', 'settled'])
  })

  test('of a batch that was split wait for both halves, also for halves of halves', async () => {
    let isSettled = false
    const receipts = new Receipts(() => {
      isSettled = true
    })
    const sent = [1, 2, 3, 4].map((timestamp) => receipts.join(timestamp))
    const [first, second] = receipts.split(2)
    const [third, last] = second.split(1)
    last.settle((index, timestamp) => metadata(40 + index, timestamp))
    first.settle((index, timestamp) => metadata(10 + index, timestamp))
    // As many turns of the microtask queue as anything could take.
    for (let turns = 0; turns < 20; turns++) await Promise.resolve()
    expect(isSettled).toBe(false)
    third.settle(() => {
      throw new RangeError('the third')
    })
    const outcomes = await Promise.allSettled(sent)
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: metadata(10, 1) },
      { status: 'fulfilled', value: metadata(11, 2) },
      { status: 'rejected', reason: new RangeError('the third') },
      { status: 'fulfilled', value: metadata(40, 4) },
    ])
  })

  test('of a batch that was split are told of once, also when both halves settle together', async () => {
    let settledCount = 0
    const receipts = new Receipts(() => {
      settledCount++
    })
    const sent = [1, 2].map((timestamp) => receipts.join(timestamp))
    for (const half of receipts.split(1)) half.settle(metadata)
    await Promise.all(sent)
    for (let turns = 0; turns < 20; turns++) await Promise.resolve()
    expect(settledCount).toBe(1)
  })
})

test('whoever waits for a flush comes after whoever waits for its records', async () => {
  const { Tidemark } = await import('../../../../src/embedded/public.ts')
  await using tidemark = await Tidemark.memory()
  const producer = tidemark.producer()
  const seen: string[] = []
  // The topic is not known yet: the first record waits for metadata, and joins a later batch.
  for (const value of ['a', 'b'])
    producer.send({ topic: 'topic', value }).then(
      () => seen.push(value),
      () => seen.push('failed'),
    )
  await producer.flush()
  producer.send({ topic: 'topic', value: 'c' }).then(
    () => seen.push('c'),
    () => seen.push('failed'),
  )
  await producer.flush()
  expect(seen).toEqual(['a', 'b', 'c'])
})
