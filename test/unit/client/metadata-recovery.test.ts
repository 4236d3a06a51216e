import { describe, expect, test } from 'vitest'
import { rpc } from '../../../src/client/network/rpc.ts'
import type { ClientLimitOptions } from '../../../src/client/cluster/client-options.ts'
import { heartbeatRequest, heartbeatResponse } from '../../../src/wire/messages/12-heartbeat.ts'
import { clientOf, settle } from './scripted-client.ts'
import { twoBrokers } from './scripted-transport.ts'

const heartbeatApi = rpc(heartbeatRequest, heartbeatResponse)
const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }
const rebootstrapRequired = 129
const unknownServerError = -1

/**
 * A client that has found its cluster, at `x:1`, by the bootstrap server `a:1`. From then on `x:1` answers Metadata with `errorCode`,
 * and who asks `b:2` learns that the cluster is there now.
 */
async function astray(errorCode: number, limits: ClientLimitOptions = {}) {
  let isAstray = false
  const made = clientOf(
    {
      Metadata: (_request, address) => {
        if (isAstray && address === 'x:1') return { ...twoBrokers(), errorCode }
        const [host, port] = isAstray ? ['b', 2] : ['x', 1]
        return { ...twoBrokers(), brokers: [{ nodeId: 1, host, port }] }
      },
    },
    { limits },
  )
  const { client, transport } = made
  await client.call({ nodeId: 1 }, heartbeatApi, heartbeat)
  await client.topics.need('orders')
  transport.links[0]?.close()
  transport.down.add('a:1')
  isAstray = true
  client.doubt({ nodeId: 1 })
  transport.log.length = 0
  return made
}

describe('a cluster that tells no metadata', () => {
  test('is given up for the bootstrap servers after metadata.recovery.rebootstrap.trigger.ms', async () => {
    const { client, transport, clock } = await astray(unknownServerError, {
      'metadata.recovery.rebootstrap.trigger.ms': 10_000,
    })
    const startMs = clock.monotonicMs()
    for (;;) {
      const told = await settle(clock, client.metadata([])).catch(() => undefined)
      if (told !== undefined) break
      await clock.runFor(1000)
      if (clock.monotonicMs() - startMs > 20_000) expect.fail('it never begins again')
    }
    const tookMs = clock.monotonicMs() - startMs
    expect(tookMs).toBeGreaterThanOrEqual(10_000)
    expect(tookMs).toBeLessThan(12_000)
    // What was known of topics may be of another cluster, too.
    expect(client.topics.get('orders')).toBeUndefined()
    expect(transport.log.filter((line) => !line.endsWith('x:1'))).toEqual([
      ...['connect a:1', 'connect b:2', 'Metadata b:2'],
    ])
    // The time begins anew.
    await clock.runFor(9000)
    await client.metadata([])
    expect(transport.log.at(-1)).toBe('Metadata b:2')
  })

  test('is asked on after 5 minutes by default no more, and before them is', async () => {
    const { client, transport, clock } = await astray(unknownServerError)
    const fails = async () => await client.metadata([]).catch(() => transport.log.at(-1))
    // What was had long ago was had: the time runs from the first question that was in vain.
    await clock.runFor(400_000)
    expect(await fails()).toBe('Metadata x:1')
    await clock.runFor(299_999)
    expect(await fails()).toBe('Metadata x:1')
    await clock.runFor(1)
    expect(await client.metadata([])).toMatchObject({ clusterId: 'c' })
  })

  test('nor by the bootstrap servers is not given up at each question', async () => {
    const { client, transport, clock } = clientOf(
      { Metadata: () => ({ ...twoBrokers(), errorCode: unknownServerError }) },
      { limits: { metadataRecoveryRebootstrapTriggerMs: 10_000 } },
    )
    for (let count = 0; count < 35; count++) {
      await expect(client.metadata([])).rejects.toThrow('UNKNOWN_SERVER_ERROR')
      await clock.runFor(1000)
    }
    // At first, and after 10, 20 and 30 seconds.
    expect(transport.log.filter((line) => line === 'connect a:1')).toHaveLength(4)
  })

  test('is asked for ever where the strategy is none', async () => {
    const { client, transport, clock } = await astray(unknownServerError, {
      metadataRecoveryStrategy: 'none',
      metadataRecoveryRebootstrapTriggerMs: 0,
    })
    for (let count = 0; count < 3; count++) {
      await expect(client.metadata([])).rejects.toThrow('UNKNOWN_SERVER_ERROR')
      await clock.runFor(10_000)
    }
    expect(new Set(transport.log)).toEqual(new Set(['Metadata x:1']))
  })
})

describe('the strategy', () => {
  test('none knows the bootstrap servers no more once it knows the cluster', async () => {
    const { client, transport, clock } = await astray(0, {
      ...{ 'metadata.recovery.strategy': 'none', 'default.api.timeout.ms': 3000 },
    })
    transport.down.add('x:1')
    await expect(settle(clock, client.metadata([]))).rejects.toMatchObject({ code: 'ERR_CONNECTION' })
    expect(new Set(transport.log)).toEqual(new Set(['Metadata x:1', 'connect x:1']))
  })

  test('none does not go where a broker sends it', async () => {
    const { client } = await astray(rebootstrapRequired, { metadataRecoveryStrategy: 'none' })
    await expect(client.metadata([])).rejects.toMatchObject({ kafkaName: 'REBOOTSTRAP_REQUIRED' })
  })

  test('rebootstrap does', async () => {
    const { client, clock } = await astray(rebootstrapRequired)
    expect(await settle(clock, client.metadata([]))).toMatchObject({ clusterId: 'c' })
  })

  test('is one of the two', () => {
    const make = (strategy: string) =>
      clientOf({}, { limits: { metadataRecoveryStrategy: strategy as 'none' } }).client
    expect(() => make('rebootstrapp')).toThrow("Did you mean 'rebootstrap'?")
    expect(make('none').limits).toMatchObject({ metadataRecoveryRebootstrapTriggerMs: 300_000 })
  })
})

test('a broker that is starting and knows no brokers is not believed', async () => {
  let isStarting = true
  const { client, clock } = clientOf({
    Metadata: () => (isStarting ? { ...twoBrokers(), brokers: [], topics: [] } : twoBrokers()),
  })
  const link = client.call({ nodeId: 1 }, heartbeatApi, heartbeat)
  await clock.runFor(300)
  isStarting = false
  expect(await settle(clock, link)).toMatchObject({ errorCode: 0 })
  await client.topics.need('orders')
  isStarting = true
  const again = client.metadata(['orders'])
  await clock.runFor(300)
  expect(client.topics.get('orders')).toBeDefined()
  isStarting = false
  expect((await settle(clock, again)).brokers.size).toBe(2)
})
