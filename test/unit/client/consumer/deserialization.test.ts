import { describe, expect, test } from 'vitest'
import { DeserializationError } from '../../../../src/base/errors.ts'
import { ConsumerRig, numbers, partitionsOf, take } from './rig.ts'

const earliest = { assignment: partitionsOf('orders'), autoOffsetReset: 'earliest' } as const

describe('keys and values', () => {
  test('are read as the options say, when they are looked at, and once', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', [
      { key: 'k', value: '{"a":1}' },
      { key: null, value: null },
    ])
    const calls: unknown[] = []
    const consumer = rig.consumer<string, { a: number }>({
      ...earliest,
      key: (bytes, context) => {
        calls.push(context)
        return bytes.toString()
      },
      value: 'json',
    })
    const [first, second] = await take(consumer, 2)
    expect(calls).toEqual([])
    expect([first?.key, first?.key, first?.value]).toEqual(['k', 'k', { a: 1 }])
    expect(calls).toEqual([{ topic: 'orders', part: 'key' }])
    expect(first?.valueBytes).toEqual(Buffer.from('{"a":1}'))
    expect([second?.key, second?.value]).toEqual([null, null])
    const detached = first?.detach()
    expect(detached).toMatchObject({ topic: 'orders', partition: 0, offset: 0, key: 'k', value: { a: 1 } })
    expect(JSON.parse(JSON.stringify(first))).toMatchObject({
      topic: 'orders',
      offset: 0,
      key: 'k',
      value: '{"a":1}',
    })
  })

  test('that cannot be read end the loop, and come again until they are passed over', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', ['1', '2', 'x', '3'])
    const consumer = rig.consumer<Buffer, number>({ ...earliest, value: 'json' })
    const seen: (number | null)[] = []
    const consume = async (): Promise<void> => {
      for await (const { value } of consumer) if (seen.push(value) === 3) return
    }
    for (let round = 0; round < 2; round++) {
      const failure = await consume().catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(DeserializationError)
      expect(failure).toMatchObject({ topic: 'orders', partition: 0, offset: 2, part: 'value' })
      expect(String(failure)).toMatch(/orders-0: the value of record 2 cannot be deserialized/)
    }
    expect(await consumer.position({ topic: 'orders', partition: 0 })).toBe(2)
    consumer.seek({ topic: 'orders', partition: 0 }, 3)
    await consume()
    expect(seen).toEqual([1, 2, 3])
  })

  test('that cannot be read do not hold up a loop that catches the error', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', ['1', 'x', '2'])
    const consumer = rig.consumer<Buffer, number>({ ...earliest, value: 'json' })
    const seen: (number | string | null)[] = []
    for await (const record of consumer) {
      try {
        seen.push(record.value)
      } catch {
        seen.push(String(record.valueBytes))
      }
      if (seen.length === 3) break
    }
    expect(seen).toEqual([1, 'x', 2])
  })

  test('of a batch that cannot be read bring the batch again', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', ['1', 'x', '2'])
    const consumer = rig.consumer<Buffer, number>({ ...earliest, value: 'json' })
    for (let round = 0; round < 2; round++) {
      const consume = async (): Promise<void> => {
        for await (const { records } of consumer.batches()) records.map(({ value }) => value)
      }
      await expect(consume()).rejects.toMatchObject({ offset: 1 })
    }
    expect((await take(consumer.batches(), 1))[0]?.records).toHaveLength(3)
  })

  test('need a deserializer that there is', async () => {
    await using rig = await ConsumerRig.start()
    expect(() => rig.consumer({ ...earliest, value: 'jsom' as 'json' })).toThrow(/Did you mean 'json'/)
  })
})

describe('interceptors', () => {
  test('see records before the application, may change what it gets, and see what is committed', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(10))
    const committed: number[] = []
    const calls: string[] = []
    const consumer = rig.consumer({
      ...{ ...earliest, groupId: 'billing', autoCommit: false },
      interceptors: [
        {
          onConsume: (records) => {
            calls.push('first')
            return records.filter(({ offset }) => offset % 2 === 0)
          },
        },
        {
          onConsume: () => {
            calls.push('second')
            throw new Error('never mind')
          },
          onCommit: () => {
            throw new Error('nor here')
          },
        },
        { onCommit: (offsets) => void committed.push(...offsets.map(({ offset }) => offset)) },
      ],
    })
    const records = await take(consumer, 5)
    expect(records.map(({ offset }) => offset)).toEqual([0, 2, 4, 6, 8])
    expect(calls).toEqual(['first', 'second'])
    await consumer.commit()
    expect(committed).toEqual([9])
  })

  test('that leave out everything hold up nothing', async () => {
    await using rig = await ConsumerRig.start({ topics: ['orders'] })
    await rig.produce('orders', numbers(10))
    const consumer = rig.consumer({ ...earliest, interceptors: [{ onConsume: () => [] }] })
    const iterator = consumer.records()
    const next = iterator.next()
    const position = async (): Promise<number> => await consumer.position({ topic: 'orders', partition: 0 })
    while ((await position()) < 10) await new Promise((resolve) => setImmediate(resolve))
    await iterator.return?.()
    expect(await next).toMatchObject({ done: true })
  })
})
