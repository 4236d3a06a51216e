import { channel } from 'node:diagnostics_channel'
import { describe, expect, onTestFinished, test } from 'vitest'
import { BufferFullError, ClosedError, TimeoutError } from '../../../../src/base/errors.ts'
import { ClusterClient } from '../../../../src/client/cluster/cluster-client.ts'
import type { ProduceEvent } from '../../../../src/client/producer/channels.ts'
import { Producer, type ProducerOptions } from '../../../../src/client/producer/producer.ts'
import { turn } from '../../../../src/env/turn.ts'
import { ManualClock } from '../../../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../../../src/testing/memory-env.ts'
import { errorCodes } from '../../../../src/wire/error-codes.ts'
import { type Fate, ProducerCluster } from '../../../property/producer-cluster.ts'

const silent: Fate = { kind: 'silent', isWritten: false }
const fine: Fate = { kind: 'fine', delayMs: 0 }

function start(
  options: ProducerOptions<string, string> = {},
  fates: readonly Fate[] = [],
  partitionCount = 1,
) {
  const clock = new ManualClock()
  const cluster = new ProducerCluster(clock, partitionCount, fates)
  const env = memoryEnv({ seed: 1, clock })
  const client = new ClusterClient({ env, transport: cluster, bootstrapServers: 'broker:1,broker:2' })
  const producer = new Producer<string, string>(client, options)
  onTestFinished(async () => {
    const closing = producer.close({ timeoutMs: 0 })
    await pass(clock, 5)
    await closing
    client.close()
  })
  return { clock, cluster, client, producer }
}

/** Lets time pass, with turns enough for what is asked and answered meanwhile. */
async function pass(clock: ManualClock, durationMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs++) {
    for (let turns = 0; turns < 8; turns++) await turn(clock)
    await clock.runFor(1)
  }
}

/** Settled or not, without waiting for it. */
function watched<T>(promise: Promise<T>): { value?: T; error?: unknown } {
  const seen: { value?: T; error?: unknown } = {}
  promise.then(
    (value) => Object.assign(seen, { value }),
    (error: unknown) => Object.assign(seen, { error }),
  )
  return seen
}

function events(): ProduceEvent[] {
  const heard: ProduceEvent[] = []
  const listener = (event: unknown): void => void heard.push(event as ProduceEvent)
  const produce = channel('tidemark:produce')
  produce.subscribe(listener)
  onTestFinished(() => {
    produce.unsubscribe(listener)
  })
  return heard
}

describe('batches', () => {
  test('wait for lingerMs, and not longer', async () => {
    const { clock, cluster, producer } = start({ lingerMs: 20 })
    watched(producer.send({ topic: 'orders', value: 'a' }))
    await pass(clock, 10)
    watched(producer.send({ topic: 'orders', value: 'b' }))
    await pass(clock, 9)
    expect(cluster.logs).toEqual([[]])
    await pass(clock, 5)
    expect(cluster.logs).toEqual([['a', 'b']])
  })

  test('without lingering, all sends of a turn of the event loop share one', async () => {
    const heard = events()
    const { clock, producer } = start({ lingerMs: 0 })
    for (const value of 'abc') watched(producer.send({ topic: 'orders', value }))
    await pass(clock, 5)
    for (const value of 'defg') watched(producer.send({ topic: 'orders', value }))
    await pass(clock, 5)
    expect(heard.map(({ recordCount, batchCount, error }) => [recordCount, batchCount, error])).toEqual([
      [3, 1, undefined],
      [4, 1, undefined],
    ])
  })

  test('that are full do not wait', async () => {
    const { clock, cluster, producer } = start({ lingerMs: 1000, batchSize: 100 })
    for (let number = 0; number < 10; number++)
      watched(producer.send({ topic: 'orders', value: `${number}` }))
    await pass(clock, 5)
    expect(cluster.logs[0]).toHaveLength(8)
    await pass(clock, 1000)
    expect(cluster.logs[0]).toHaveLength(10)
  })

  test('of several partitions go in one request, as many as fit', async () => {
    const heard = events()
    const { clock, producer } = start({ lingerMs: 0, maxRequestSize: 250 }, [], 5)
    await pass(clock, 1)
    for (let partition = 0; partition < 5; partition++)
      watched(producer.send({ topic: 'orders', partition, value: 'x'.repeat(20) }))
    await pass(clock, 5)
    expect(heard.map(({ batchCount }) => batchCount)).toEqual([2, 2, 1])
    expect(heard.every(({ bytes }) => bytes <= 250)).toBe(true)
  })

  test.each([1, 3])(
    'of all partitions get their turn, with room for %i small requests',
    async (maxInFlightRequests) => {
      const delay: Fate = { kind: 'fine', delayMs: 5 }
      const { clock, cluster, producer } = start(
        { lingerMs: 0, batchSize: 200, maxRequestSize: 250, maxInFlightRequests },
        Array.from({ length: 100 }, () => delay),
        4,
      )
      const send = (partition: number) =>
        watched(producer.send({ topic: 'orders', partition, value: 'v'.repeat(100) }))
      for (let partition = 0; partition < 4; partition++) send(partition)
      await pass(clock, 50)
      expect(cluster.logs.map(({ length }) => length)).toEqual([1, 1, 1, 1])
      for (let number = 0; number < 80; number++) send(number % 4)
      for (let round = 0; round < 20; round++) {
        await pass(clock, 5)
        const counts = cluster.logs.map(({ length }) => length)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
      }
      expect(cluster.logs.flat().length).toBeGreaterThan(15)
    },
  )

  test('without a key go to one partition for batchSize bytes, then to another, and in the end to all alike', async () => {
    const { clock, cluster, producer } = start({ lingerMs: 0, batchSize: 400 }, [], 3)
    for (let number = 0; number < 900; number++) {
      watched(producer.send({ topic: 'orders', value: 'v'.repeat(10) }))
      if (number % 3 === 0) await pass(clock, 1)
    }
    await pass(clock, 100)
    for (const log of cluster.logs) expect(log.length).toBeGreaterThan(200)
  })
})

describe('limits', () => {
  test('memory that stays full for maxBlockMs fails what waits for it, in order', async () => {
    const { clock, producer } = start({ bufferMemory: 1000, batchSize: 500, maxBlockMs: 100, lingerMs: 0 }, [
      silent,
    ])
    await pass(clock, 1)
    const sent = Array.from({ length: 4 }, (_, number) =>
      watched(producer.send({ topic: 'orders', value: `${number}`.repeat(400) })),
    )
    await pass(clock, 98)
    expect(sent.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined])
    expect(producer.metrics()).toMatchObject({ waitingCount: 2 })
    await pass(clock, 5)
    expect(sent.map(({ error }) => error instanceof BufferFullError)).toEqual([false, false, true, true])
    expect(sent[2]?.error).toMatchObject({ retriable: true, code: 'ERR_BUFFER_FULL' })
    expect(producer.metrics().bufferedBytes).toBeLessThanOrEqual(1000)
  })

  test('who waits for memory is not passed by others, and gets it when there is some', async () => {
    const delay: Fate = { kind: 'fine', delayMs: 50 }
    const { clock, cluster, producer } = start({ bufferMemory: 1000, batchSize: 500, lingerMs: 0 }, [
      fine,
      delay,
      delay,
    ])
    watched(producer.send({ topic: 'orders', value: 'first' }))
    await pass(clock, 5)
    const large = ['a', 'b', 'c'].map((name) => name.repeat(400))
    for (const value of [...large, 'small']) watched(producer.send({ topic: 'orders', value }))
    await pass(clock, 300)
    expect(cluster.logs[0]).toEqual(['first', ...large, 'small'])
  })

  test('a record that waits may be given up', async () => {
    const { clock, cluster, producer } = start({ bufferMemory: 1000, batchSize: 500, lingerMs: 0 }, [
      { kind: 'fine', delayMs: 50 },
    ])
    const abort = new AbortController()
    for (const name of 'ab') watched(producer.send({ topic: 'orders', value: name.repeat(400) }))
    await pass(clock, 1)
    const given = watched(producer.send({ topic: 'orders', value: 'c'.repeat(400) }, abort))
    abort.abort(new Error('enough'))
    await pass(clock, 500)
    expect(given.error).toEqual(new Error('enough'))
    expect(cluster.logs[0]).toHaveLength(2)
  })

  test('a record that is not acknowledged within deliveryTimeoutMs fails, and what comes later is written', async () => {
    const { clock, cluster, producer } = start(
      { lingerMs: 0, requestTimeoutMs: 400, deliveryTimeoutMs: 1000 },
      [fine, silent, silent],
    )
    watched(producer.send({ topic: 'orders', value: 'first' }))
    await pass(clock, 5)
    const lost = watched(producer.send({ topic: 'orders', value: 'lost' }))
    await pass(clock, 1005)
    expect(lost.error).toBeInstanceOf(TimeoutError)
    expect(String(lost.error)).toContain('may have been written')
    const next = watched(producer.send({ topic: 'orders', value: 'next' }))
    await pass(clock, 1000)
    expect(next.value).toMatchObject({ offset: 1 })
    expect(cluster.logs[0]).toEqual(['first', 'next'])
  })

  test.each([false, true])(
    'what expired, and was written: %s, leaves its sequences to nobody: what comes later is written as well',
    async (isWritten) => {
      const { clock, cluster, producer } = start(
        { lingerMs: 0, requestTimeoutMs: 400, deliveryTimeoutMs: 400 },
        [fine, { kind: 'silent', isWritten }],
      )
      watched(producer.send({ topic: 'orders', value: 'first' }))
      await pass(clock, 5)
      const lost = watched(producer.send({ topic: 'orders', value: 'lost' }))
      await pass(clock, 405)
      expect(lost.error).toBeInstanceOf(TimeoutError)
      const next = watched(producer.send({ topic: 'orders', value: 'next' }))
      await pass(clock, 1000)
      const log = isWritten ? ['first', 'lost', 'next'] : ['first', 'next']
      expect(cluster.logs[0]).toEqual(log)
      expect(next.value).toMatchObject({ offset: log.length - 1 })
    },
  )

  test('what expired, and is known to be written for a later batch was taken, is acknowledged', async () => {
    const { clock, cluster, producer } = start(
      { lingerMs: 0, batchSize: 80, requestTimeoutMs: 400, deliveryTimeoutMs: 400 },
      [fine, { kind: 'doubtful', errorCode: errorCodes.REQUEST_TIMED_OUT }, fine, silent],
    )
    watched(producer.send({ topic: 'orders', value: 'first' }))
    await pass(clock, 5)
    const [doubtful, taken] = ['doubtful', 'taken'].map((value) =>
      watched(producer.send({ topic: 'orders', value })),
    )
    await pass(clock, 405)
    expect(taken?.value).toMatchObject({ offset: 2 })
    expect(doubtful, 'where it is, nobody has said').toMatchObject({ value: { offset: -1 } })
    expect(producer.metrics()).toMatchObject({ bufferedBytes: 0, acknowledgedCount: 3, failedCount: 0 })
    const next = watched(producer.send({ topic: 'orders', value: 'next' }))
    await pass(clock, 1000)
    expect(next.value).toMatchObject({ offset: 3 })
    expect(cluster.logs[0]).toEqual(['first', 'doubtful', 'taken', 'next'])
  })

  test('what has expired is sent again no more, nor counted so', async () => {
    const { clock, producer } = start({ lingerMs: 0, requestTimeoutMs: 400, deliveryTimeoutMs: 450 }, [
      fine,
      { kind: 'refused', errorCode: errorCodes.NOT_ENOUGH_REPLICAS },
      silent,
    ])
    watched(producer.send({ topic: 'orders', value: 'first' }))
    await pass(clock, 5)
    watched(producer.send({ topic: 'orders', value: 'lost' }))
    await pass(clock, 1000)
    expect(producer.metrics()).toMatchObject({ failedCount: 1, retryCount: 1, inFlightCount: 0 })
  })

  test('after so many retries the error of the last one is thrown', async () => {
    const refused: Fate = { kind: 'refused', errorCode: errorCodes.NOT_ENOUGH_REPLICAS }
    const { clock, producer } = start({ lingerMs: 0, retries: 2 }, [refused, refused, refused])
    const sent = watched(producer.send({ topic: 'orders', value: 'v' }))
    await pass(clock, 5000)
    expect(sent.error).toMatchObject({ kafkaName: 'NOT_ENOUGH_REPLICAS' })
    expect(producer.metrics()).toMatchObject({ retryCount: 2, failedCount: 1 })
  })
})

describe('who leads', () => {
  test('another leader that the answer tells of is asked at once (KIP-951)', async () => {
    const { clock, cluster, producer } = start({ lingerMs: 0 }, [{ kind: 'moved' }])
    const sent = watched(producer.send({ topic: 'orders', value: 'v' }))
    await pass(clock, 20)
    expect(sent.value).toMatchObject({ offset: 0 })
    expect(cluster.logs[0]).toEqual(['v'])
  })

  test('also one that nobody had heard of: the answer tells where it is', async () => {
    const { clock, cluster, producer } = start({ lingerMs: 0 }, [{ kind: 'moved' }])
    cluster.hidesFollowers = true
    const sent = watched(producer.send({ topic: 'orders', value: 'v' }))
    await pass(clock, 20)
    expect(sent.value).toMatchObject({ offset: 0 })
    expect(cluster.metadataCount, 'asked for once, in the beginning').toBe(1)
  })

  test('without idempotence, what is sent again may be there twice', async () => {
    const { clock, cluster, producer } = start({ lingerMs: 0, enableIdempotence: false }, [
      { kind: 'broken', isWritten: true },
    ])
    watched(producer.send({ topic: 'orders', value: 'v' }))
    await pass(clock, 2000)
    expect(cluster.logs[0]).toEqual(['v', 'v'])
  })

  test('without idempotence, one request in flight keeps the order', async () => {
    const again: Fate = { kind: 'refused', errorCode: errorCodes.NOT_ENOUGH_REPLICAS }
    const { clock, cluster, producer } = start(
      { lingerMs: 0, batchSize: 80, enableIdempotence: false, maxInFlightRequests: 1 },
      [fine, again, again],
    )
    for (const value of 'abcdef') watched(producer.send({ topic: 'orders', value }))
    await pass(clock, 2000)
    expect(cluster.logs[0]?.join('')).toBe('abcdef')
  })
})

test('what lingers when the client is closed fails, and so does what is sent later', async () => {
  const { clock, client, producer } = start({ lingerMs: 20 })
  watched(producer.send({ topic: 'orders', value: 'first' }))
  await pass(clock, 30)
  const lingering = watched(producer.send({ topic: 'orders', value: 'v' }))
  await pass(clock, 5)
  client.close()
  await pass(clock, 30)
  expect(lingering.error).toBeInstanceOf(ClosedError)
  const late = watched(producer.send({ topic: 'orders', value: 'v' }))
  await pass(clock, 1000)
  expect(late.error).toBeInstanceOf(ClosedError)
  expect(producer.metrics()).toMatchObject({ bufferedBytes: 0, acknowledgedCount: 1, failedCount: 2 })
})

test('sendAll sends nothing when the records themselves cannot be had', async () => {
  const { clock, cluster, producer } = start({ lingerMs: 0 })
  function* records() {
    yield { topic: 'orders', value: 'v' }
    throw new RangeError('no more')
  }
  await expect(producer.sendAll(records())).rejects.toThrow('no more')
  await pass(clock, 50)
  expect(cluster.logs[0]).toEqual([])
})

describe('interceptors', () => {
  test('see every record, and what became of it; one that throws stops nothing', async () => {
    const errors: unknown[] = []
    const listener = (event: unknown): void => void errors.push(event)
    const reported = channel('tidemark:produce:interceptor-error')
    reported.subscribe(listener)
    onTestFinished(() => {
      reported.unsubscribe(listener)
    })
    const seen: unknown[] = []
    const { clock, cluster, producer } = start({
      lingerMs: 0,
      interceptors: [
        {
          onSend: () => {
            throw new Error('broken')
          },
        },
        {
          onSend: (record) => ({ ...record, value: `${record.value}!` }),
          onAcknowledgement: ({ offset }, error) => void seen.push([offset, error === undefined]),
        },
      ],
    })
    watched(producer.send({ topic: 'orders', value: 'v' }))
    const refused = watched(producer.send({ topic: 'orders', partition: 9 }))
    await pass(clock, 500)
    expect(cluster.logs[0]).toEqual(['v!'])
    expect(refused.error).toBeDefined()
    expect(seen).toContainEqual([0, true])
    expect(seen).toContainEqual([-1, false])
    expect(errors).toMatchObject([{ method: 'onSend', error: new Error('broken') }, { method: 'onSend' }])
  })
})

describe('options', () => {
  test('that do not go together, or that there are not, are refused', () => {
    const { client } = start()
    const make = (options: object) => (): unknown => new Producer(client, options)
    expect(make({ lingerMS: 3 })).toThrow("did you mean 'lingerMs'?")
    expect(make({ acks: 2 })).toThrow("acks must be 'all', 1 or 0; got 2")
    expect(make({ 'linger.ms': 1, lingerMs: 1 })).toThrow('also given under its other name')
    expect(make({ enableIdempotence: true, acks: 1 })).toThrow("enableIdempotence needs acks: 'all'")
    expect(make({ enableIdempotence: true, maxInFlightRequests: 6 })).toThrow('at most 5')
    expect(make({ deliveryTimeoutMs: 1000 })).toThrow(
      'deliveryTimeoutMs must be at least lingerMs + requestTimeoutMs = 30005',
    )
    expect(make({ batchSize: -1 })).toThrow(RangeError)
    expect(make({ compression: 'lzma' })).toThrow('compression must be one of')
    for (const given of [
      { acks: 0 },
      { retries: 0 },
      { maxInFlightRequests: 9 },
      { 'compression.type': 'gzip' },
    ])
      expect(make(given)).not.toThrow()
  })
})
