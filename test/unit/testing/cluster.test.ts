import { readFileSync } from 'node:fs'
import { dirname, join as joinPath, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { nodeClock } from '../../../src/env/node-clock.ts'
import { nodeEnv } from '../../../src/env/node-env.ts'
import { turn } from '../../../src/env/turn.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { startTestCluster } from '../../../src/testing/start-test-cluster.ts'
import type { TestCluster } from '../../../src/testing/test-cluster.ts'
import { produceRequest, produceResponse } from '../../../src/wire/messages/00-produce.ts'
import { fetchRequest, fetchResponse } from '../../../src/wire/messages/01-fetch.ts'
import { metadataRequest, metadataResponse } from '../../../src/wire/messages/03-metadata.ts'
import { joinGroupRequest, joinGroupResponse } from '../../../src/wire/messages/11-join-group.ts'
import { WireClient } from './wire-client.ts'

const produce = { request: produceRequest, response: produceResponse }
const fetch = { request: fetchRequest, response: fetchResponse }
const metadata = { request: metadataRequest, response: metadataResponse }

function records(...values: string[]): Buffer {
  return encodeBatch(
    values.map((value) => ({ key: 'k', value, headers: [['h', 'v'] as const] })),
    { now: 1000 },
  )
}

function produceTo(name: string, index = 0, ...values: string[]) {
  return {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name, partitionData: [{ index, records: records(...values) }] }],
  }
}

function fetchFrom(topic: string, maxWaitMs: number) {
  return {
    maxWaitMs,
    minBytes: 1,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }],
    forgottenTopicsData: [],
  }
}

describe('a test cluster', () => {
  test.each(['memory', 'disk'] as const)('serves its topics from %s, and leaves nothing', async (storage) => {
    const cluster = await startTestCluster({
      storage,
      topics: ['orders', { name: 'wide', partitions: 2, config: { 'retention.ms': 5000 } }],
      config: { 'message.max.bytes': 2000 },
    })
    const client = await WireClient.connect(cluster.bootstrap)
    await client.ask(produce, produceTo('wide', 1, 'b'), 12)
    await client.ask(produce, produceTo('wide', 0, 'a1', 'a2'), 12)
    const found = await cluster.records('wide')
    expect(found.map(({ partition, offset, value }) => [partition, offset, String(value)])).toEqual([
      [0, 0, 'a1'],
      [0, 1, 'a2'],
      [1, 0, 'b'],
    ])
    expect(found[2]).toEqual({
      partition: 1,
      offset: 0,
      timestamp: 1000,
      key: Buffer.from('k'),
      value: Buffer.from('b'),
      headers: Object.assign(Object.create(null), { h: Buffer.from('v') }),
    })
    expect(await cluster.records('orders')).toEqual([])
    await expect(cluster.records('none')).rejects.toThrow("there is no topic 'none'")
    expect(cluster.broker.configs.topicConfig('wide')).toMatchObject({
      'retention.ms': 5000,
      'max.message.bytes': 2000,
    })
    const path = cluster.broker.directories[0]?.path ?? ''
    expect(cluster.env.files.statSync(path)?.kind).toBe('directory')
    await cluster.close()
    await client.closed
    expect(cluster.broker.timers.count).toBe(0)
    if (storage === 'disk') expect(nodeEnv().files.statSync(path)).toBeUndefined()
    await expect(WireClient.connect(cluster.bootstrap)).rejects.toThrow('ECONNREFUSED')
  })

  test('stands beside others', async () => {
    const clusters = await Promise.all([1, 2, 3].map(() => startTestCluster({ topics: ['orders'] })))
    expect(new Set(clusters.map(({ bootstrap }) => bootstrap)).size).toBe(3)
    const client = await WireClient.connect(clusters[1]?.bootstrap ?? '')
    await client.ask(produce, produceTo('orders', 0, 'a'), 12)
    const counts = await Promise.all(
      clusters.map(async (cluster) => (await cluster.records('orders')).length),
    )
    expect(counts).toEqual([0, 1, 0])
    await Promise.all(clusters.map((cluster) => cluster.close()))
  })

  test('goes by the clock that it is given', async () => {
    const clock = new ManualClock()
    await using cluster = await startTestCluster({ topics: ['orders'], clock })
    const client = await WireClient.connect(cluster.bootstrap)
    const before = cluster.broker.timers.count
    let isAnswered = false
    const waiting = client.ask(fetch, fetchFrom('orders', 10_000), 12).finally(() => (isAnswered = true))
    await until(() => cluster.broker.timers.count > before)
    await clock.runFor(9999)
    expect(isAnswered).toBe(false)
    await clock.runFor(2)
    expect((await waiting)?.errorCode).toBe(0)
  })

  test('ends at once, whoever waits', async () => {
    const cluster = await startTestCluster({ topics: ['orders'] })
    const clients = await Promise.all([1, 2, 3].map(() => WireClient.connect(cluster.bootstrap)))
    const [fetching, joining, held] = clients as [WireClient, WireClient, WireClient]
    void fetching.ask(fetch, fetchFrom('orders', 600_000), 12)
    cluster.delayNext('Metadata', 600_000)
    void held.ask(metadata, { topics: null })
    await cluster.broker.makeOffsetsTopic()
    await join(joining)
    void join(await WireClient.connect(cluster.bootstrap))
    while ((await stateOfGroup(cluster)) !== 'PreparingRebalance');
    const startMs = nodeClock().monotonicMs()
    await cluster.close()
    // The server would cut them off after five seconds.
    expect(nodeClock().monotonicMs() - startMs).toBeLessThan(4500)
    await Promise.all(clients.map(({ closed }) => closed))
    expect(cluster.broker.timers.count).toBe(0)
  })

  test('refuses options and topics that there are not', async () => {
    await expect(startTestCluster({ topic: ['orders'] } as object)).rejects.toThrow("did you mean 'topics'?")
    await expect(startTestCluster({ storage: 'tape' as 'disk' })).rejects.toThrow("not 'tape'")
    await expect(startTestCluster({ topics: ['no good'] })).rejects.toThrow('no good')
    await expect(startTestCluster({ config: { 'node.id': 'x' } })).rejects.toThrow('node.id')
  })
})

describe('a fetch that waits for weeks', () => {
  const weeksMs = 2 ** 31 - 1

  test.each([
    ['destroy', 'nothing'],
    ['destroy', 'more requests'],
    ['end', 'nothing'],
    ['end', 'more requests'],
  ] as const)('ends with its client: %s, with %s behind it', async (way, behind) => {
    await using cluster = await startTestCluster({ topics: ['orders'] })
    const before = cluster.broker.timers.count
    const client = await WireClient.connect(cluster.bootstrap)
    void client.ask(fetch, fetchFrom('orders', weeksMs), 12)
    if (behind === 'more requests') void client.ask(metadata, { topics: null })
    await until(() => cluster.broker.timers.count === before + 1)
    client[way]()
    await until(() => cluster.connectionCount === 0)
    expect(cluster.broker.timers.count).toBe(before)
  })

  test('is answered after five minutes, should its client have vanished without a word', async () => {
    const clock = new ManualClock()
    await using cluster = await startTestCluster({ topics: ['orders'], clock })
    const before = cluster.broker.timers.count
    const client = await WireClient.connect(cluster.bootstrap)
    const waiting = client.ask(fetch, fetchFrom('orders', weeksMs), 12)
    await until(() => cluster.broker.timers.count === before + 1)
    await clock.runFor(5 * 60 * 1000 + 1)
    expect(cluster.broker.timers.count).toBe(before)
    expect(await waiting).toMatchObject({ errorCode: 0 })
  })
})

describe('loading', () => {
  test('the tools for files do not load the broker', () => {
    const reached = reachedFrom('src/testing/public.ts')
    expect(reached).toContain('src/testing/memory-files.ts')
    expect(reached.filter((path) => /^src\/(broker|server|cluster|wire|log)\//.test(path))).toEqual([])
    expect(reachedFrom('src/testing/test-cluster.ts')).toContain('src/broker/broker.ts')
  })
})

const root = resolve(import.meta.dirname, '../../..')

/** The files that are loaded with `path`: those it imports, and so on, but for types and what is imported later. */
function reachedFrom(path: string, reached = new Set<string>()): string[] {
  if (reached.has(path)) return []
  reached.add(path)
  const text = readFileSync(joinPath(root, path), 'utf8')
  for (const [, type, specifier = ''] of text.matchAll(
    /^(?:import|export) (type )?[^;'"]*?from '(\.[^']+)'/gm,
  ))
    if (type === undefined) reachedFrom(joinPath(dirname(path), specifier), reached)
  return [...reached]
}

async function join(client: WireClient): Promise<void> {
  const request = {
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 600_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  }
  await client.ask({ request: joinGroupRequest, response: joinGroupResponse }, request, 3)
}

async function stateOfGroup({ broker }: TestCluster): Promise<string | undefined> {
  const context = { apiVersion: 6, clientId: 'test', clientHost: '/127.0.0.1' }
  const request = { groups: ['g'], includeAuthorizedOperations: false }
  await turn(nodeClock())
  return (await broker.groups.describeGroups(context, request)).groups[0]?.groupState
}

/** Waits, a turn of the event loop at a time, for what sockets bring about. */
async function until(condition: () => boolean): Promise<void> {
  const clock = nodeClock()
  const endMs = clock.monotonicMs() + 60_000
  while (!condition()) {
    if (clock.monotonicMs() > endMs) throw new Error(`this has not come true: ${condition.toString()}`)
    await turn(clock)
  }
}
