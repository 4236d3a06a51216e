import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ClosedError, ConnectionError, LockedError } from '../../../src/base/errors.ts'
import type { OpeningReport } from '../../../src/broker/broker.ts'
import { Tidemark } from '../../../src/embedded/tidemark.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'
import { startTestCluster } from '../../../src/testing/start-test-cluster.ts'
import { temporaryDirectory } from '../env/temporary-directory.ts'

async function sendOne(tidemark: Tidemark, topic = 'orders', value = 'v'): Promise<number> {
  const { offset } = await tidemark.producer().send({ topic, value })
  return offset
}

async function valuesOf(tidemark: Tidemark, count: number, topic = 'orders'): Promise<string[]> {
  const found: string[] = []
  const consumer = tidemark.consumer({ assignment: [{ topic, partition: 0, offset: 0 }] })
  for await (const { value } of consumer) if (found.push(String(value)) === count) break
  return found
}

describe('Tidemark.open', () => {
  test('keeps what it has acknowledged', async () => {
    const directory = join(temporaryDirectory(), 'made/with/parents')
    const reports: OpeningReport[] = []
    const onOpened = (report: OpeningReport) => reports.push(report)
    {
      await using tidemark = await Tidemark.open(directory, { onOpened })
      await tidemark.admin().createTopics([{ name: 'orders', partitions: 1 }])
      expect(await sendOne(tidemark, 'orders', 'first')).toBe(0)
    }
    {
      await using tidemark = await Tidemark.open(directory, { onOpened })
      expect(await sendOne(tidemark, 'orders', 'second')).toBe(1)
      expect(await valuesOf(tidemark, 2)).toEqual(['first', 'second'])
    }
    expect(reports).toMatchObject([
      { wasStoppedCleanly: false, partitionCount: 0 },
      { wasStoppedCleanly: true, partitionCount: 1, recovered: [], fenced: [] },
    ])
    expect(readdirSync(directory)).toContain('orders-0')
  })

  test('has one owner at a time', async () => {
    const directory = temporaryDirectory()
    await using _ = await Tidemark.open(directory)
    await expect(Tidemark.open(directory)).rejects.toThrow(LockedError)
  })

  test('survives a power cut with what was synced', async () => {
    const env = memoryEnv({ seed: 1 })
    const tidemark = await Tidemark.open('/data', { env })
    onTestFinished(() => tidemark.close().catch(() => undefined))
    await tidemark.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await sendOne(tidemark)
    await using after = await Tidemark.open('/data', { env: env.crash() })
    expect(await valuesOf(after, 1)).toEqual(['v'])
  })

  test.each(['sync', 'interval', 'os'] as const)(
    'durability %s is that of all topics',
    async (durability) => {
      await using tidemark = await Tidemark.open('/data', { durability, env: memoryEnv() })
      const [described] = await tidemark.admin().describeConfigs([{ type: 'broker', name: '1' }])
      const found = described?.configs.find(({ name }) => name === 'tidemark.durability')
      expect(found?.value).toBe(durability)
    },
  )

  test('takes the settings of a broker, and refuses what there is not', async () => {
    const env = memoryEnv()
    await expect(Tidemark.open('/data', { env, config: { 'num.partitons': 3 } })).rejects.toThrow(
      /num\.partitions/,
    )
    await expect(Tidemark.open('/data', { env, durabilty: 'os' } as object)).rejects.toThrow(
      /unknown option 'durabilty'; did you mean 'durability'/,
    )
    await using tidemark = await Tidemark.open('/data', { env, config: { 'num.partitions': 3 } })
    await sendOne(tidemark, 'made')
    expect((await tidemark.admin().describeTopics(['made']))[0]?.partitions).toHaveLength(3)
    expect(tidemark.bootstrap).toBeUndefined()
  })

  test('lets go of the directory when it cannot go on', async () => {
    const directory = temporaryDirectory()
    await expect(Tidemark.open(directory, { limits: { requestTimeoutMs: 0 } })).rejects.toThrow(RangeError)
    const onOpened = () => {
      throw new Error('mine')
    }
    await expect(Tidemark.open(directory, { onOpened })).rejects.toThrow('mine')
    await expect(Tidemark.open(directory, { listen: 'nowhere' })).rejects.toThrow()
    await using _ = await Tidemark.open(directory)
  })

  test('also serves others, if it is to listen', async () => {
    await using tidemark = await Tidemark.open(temporaryDirectory(), { listen: 0 })
    expect(tidemark.bootstrap).toMatch(/^127\.0\.0\.1:\d+$/)
    await using guest = await Tidemark.connect(tidemark.bootstrap ?? '')
    await guest.admin().createTopics([{ name: 'orders', partitions: 1 }])
    await sendOne(guest, 'orders', 'from outside')
    await sendOne(tidemark, 'orders', 'from inside')
    expect(await valuesOf(tidemark, 2)).toEqual(['from outside', 'from inside'])
    expect(await valuesOf(guest, 2)).toEqual(['from outside', 'from inside'])
  })
})

describe('Tidemark.memory', () => {
  test('is empty each time', async () => {
    for (let run = 0; run < 2; run++) {
      await using tidemark = await Tidemark.memory()
      expect(await tidemark.admin().listTopics()).toEqual([])
      await tidemark.admin().createTopics([{ name: 'orders', partitions: 1 }])
      expect(await sendOne(tidemark)).toBe(0)
    }
  })

  test('repeats itself with a seed', async () => {
    const ids = []
    for (let run = 0; run < 2; run++) {
      await using tidemark = await Tidemark.memory({ seed: 7 })
      ids.push((await tidemark.admin().describeCluster()).clusterId)
    }
    expect(ids[0]).toBe(ids[1])
  })
})

describe('Tidemark.connect', () => {
  test('reaches a cluster, or says that there is none', async () => {
    await using cluster = await startTestCluster({ topics: ['orders'] })
    {
      await using tidemark = await Tidemark.connect(cluster.bootstrap, { clientId: 'shop' })
      expect(await sendOne(tidemark)).toBe(0)
      expect(await valuesOf(tidemark, 1)).toEqual(['v'])
      expect(tidemark.bootstrap).toBe(cluster.bootstrap)
    }
    await cluster.close()
    await expect(Tidemark.connect(cluster.bootstrap)).rejects.toThrow(ConnectionError)
    await expect(Tidemark.connect('no server')).rejects.toThrow(TypeError)
  })

  test('can be given up', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(Tidemark.connect('127.0.0.1:1', { signal })).rejects.toThrow('enough')
  })
})

describe('closing', () => {
  test('tells what went wrong, and closes the rest all the same', async () => {
    const directory = temporaryDirectory()
    const tidemark = await Tidemark.open(directory)
    const producer = tidemark.producer()
    producer.close = () => Promise.reject(new Error('stuck'))
    await expect(tidemark.close()).rejects.toThrow('stuck')
    await using again = await Tidemark.open(directory)
    expect(await again.admin().listTopics()).toEqual([])
  })

  test('is for good', async () => {
    const tidemark = await Tidemark.memory()
    await tidemark.close()
    expect(() => tidemark.producer()).toThrow(ClosedError)
  })
})
