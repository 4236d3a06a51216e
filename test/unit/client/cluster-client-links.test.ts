import { describe, expect, onTestFinished, test } from 'vitest'
import { ClosedError, ConnectionError } from '../../../src/base/errors.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { ClusterClient } from '../../../src/client/cluster/cluster-client.ts'
import { rpc } from '../../../src/client/network/rpc.ts'
import { nodeEnv } from '../../../src/env/node-env.ts'
import { startTestCluster } from '../../../src/testing/start-test-cluster.ts'
import { produceRequest, produceResponse } from '../../../src/wire/messages/00-produce.ts'
import { heartbeatRequest, heartbeatResponse } from '../../../src/wire/messages/12-heartbeat.ts'
import { clientOf, settle } from './scripted-client.ts'
import { twoBrokers } from './scripted-transport.ts'

const heartbeatApi = rpc(heartbeatRequest, heartbeatResponse)
const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }
const orders = { topic: 'orders', partition: 0 }

describe('links', () => {
  test('lead to whoever is meant, by a connection of their own for a purpose', async () => {
    const { client, transport } = clientOf({
      FindCoordinator: ({ keyType, coordinatorKeys }: { keyType: number; coordinatorKeys: string[] }) => ({
        coordinators: coordinatorKeys.map((key) => ({
          ...{ key, nodeId: keyType + 1, errorCode: 0, errorMessage: null },
          ...[
            { host: 'a', port: 1 },
            { host: 'b', port: 2 },
          ][keyType],
        })),
      }),
    })
    const leader = await client.link({ leaderOf: orders })
    expect(await client.link({ nodeId: 1 })).toBe(leader)
    expect(await client.link({ group: 'x' })).toBe(leader)
    const fetch = await client.link({ leaderOf: orders }, { purpose: 'fetch' })
    expect(fetch).not.toBe(leader)
    expect(await client.link('any', { purpose: 'fetch' })).toBe(fetch)
    const coordinator = await client.link({ transactionalId: 'x' })
    expect(coordinator).toBe(await client.link({ nodeId: 2 }))
    await client.call({ nodeId: 1 }, heartbeatApi, heartbeat, { purpose: 'group' })
    expect(transport.log.filter((line) => line.startsWith('connect'))).toEqual([
      ...['connect a:1', 'connect a:1', 'connect b:2', 'connect a:1'],
    ])
    client.release('fetch')
    expect([leader.isOpen, fetch.isOpen]).toEqual([true, false])
    await expect(client.link('any', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
  })

  test('are not tried twice: errors are thrown as they come', async () => {
    const { client, transport, clock } = clientOf({ Metadata: () => twoBrokers(1, [-1]) })
    await expect(client.link({ leaderOf: orders })).rejects.toMatchObject({
      kafkaName: 'LEADER_NOT_AVAILABLE',
    })
    const absent = client.link({ leaderOf: { ...orders, partition: 7 } })
    await expect(settle(clock, absent)).rejects.toThrow('orders-7')
    for (const address of ['a:1', 'b:2']) transport.down.add(address)
    for (const link of transport.links) link.close()
    await expect(client.link({ nodeId: 2 })).rejects.toThrow(ConnectionError)
    client.close()
    await expect(client.link('any')).rejects.toThrow(ClosedError)
  })

  test('to a leader follow what is known of topics, until that is doubted', async () => {
    let leader = 1
    const { client, transport, clock } = clientOf({ Metadata: () => twoBrokers(1, [leader]) })
    const address = async () => {
      await (await client.link({ leaderOf: orders })).call(heartbeatApi, heartbeat)
      return transport.log.at(-1)
    }
    expect(await address()).toBe('Heartbeat a:1')
    client.topics.learnLeader('orders', 0, 2, 9)
    expect(await address()).toBe('Heartbeat b:2')
    expect(transport.log.filter((line) => line.startsWith('Metadata'))).toHaveLength(1)
    await clock.runFor(1000)
    leader = 1
    client.doubt({ leaderOf: orders })
    expect(await address()).toBe('Heartbeat a:1')
  })

  test('lead to brokers that came later: told by a response, or asked for', async () => {
    const brokers = [{ nodeId: 1, host: 'a', port: 1 }]
    const { client, transport } = clientOf({ Metadata: () => ({ ...twoBrokers(), brokers }) })
    client.learnBrokers([{ nodeId: 8, host: 'z', port: 9 }])
    await client.link('controller')
    client.learnBrokers([{ nodeId: 3, host: 'c', port: 3 }])
    await client.link({ nodeId: 3 })
    expect(transport.log).toEqual(['connect a:1', 'Metadata a:1', 'connect c:3'])
    brokers.push({ nodeId: 4, host: 'd', port: 4 })
    await client.link({ nodeId: 4 })
    expect(transport.log.slice(3)).toEqual(['Metadata a:1', 'connect d:4'])
  })
})

describe('the bootstrap servers', () => {
  test('are begun with again when no known broker can be reached', async () => {
    // Addresses that only the cluster tells.
    const moved = [{ nodeId: 1, host: 'x', port: 1 }]
    const { client, transport, clock } = clientOf({ Metadata: () => ({ ...twoBrokers(), brokers: moved }) })
    await client.call({ nodeId: 1 }, heartbeatApi, heartbeat)
    for (const address of ['x:1', 'a:1']) transport.down.add(address)
    await settle(clock, client.call('any', heartbeatApi, heartbeat))
    expect(transport.log.slice(-2)).toEqual(['connect b:2', 'Heartbeat b:2'])
    transport.down.delete('a:1')
    transport.down.add('b:2')
    await settle(clock, client.call('any', heartbeatApi, heartbeat))
    expect(transport.log.slice(-4)).toEqual(['Heartbeat b:2', 'connect x:1', 'connect a:1', 'Heartbeat a:1'])
  })

  test('are begun with again when a broker sends its clients away; calls under way go on', async () => {
    let isStranger = false
    const { client, transport, clock } = clientOf({
      Metadata: (_request, address) =>
        isStranger && address === 'x:1'
          ? { ...twoBrokers(), errorCode: 129 }
          : {
              ...twoBrokers(),
              brokers: [{ nodeId: 1, host: isStranger ? 'b' : 'x', port: isStranger ? 2 : 1 }],
            },
    })
    await client.call({ nodeId: 1 }, heartbeatApi, heartbeat)
    const old = await client.link({ nodeId: 1 })
    Object.assign(old, { inFlightCount: 1 })
    transport.links[0]?.close()
    transport.down.add('a:1')
    isStranger = true
    client.doubt({ nodeId: 1 })
    await settle(clock, client.call({ nodeId: 1 }, heartbeatApi, heartbeat))
    expect(transport.log.at(-1)).toBe('Heartbeat b:2')
    expect(old.isOpen).toBe(true)
  })
})

describe('a real broker', () => {
  async function connected() {
    const cluster = await startTestCluster({ topics: ['orders'], config: { 'num.partitions': 3 } })
    const client = new ClusterClient({ env: nodeEnv(), bootstrapServers: cluster.bootstrap })
    onTestFinished(async () => {
      client.close()
      await cluster.close()
    })
    return { cluster, client }
  }

  test('makes a topic that is needed, if it may', async () => {
    const { client } = await connected()
    const none = client.topics.need('made', { timeoutMs: 50 })
    await expect(none).rejects.toMatchObject({ kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' })
    const made = await client.topics.need('made', { autoCreate: true })
    expect(made.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2])
    expect(client.topics.nameOf(made.topicId)).toBe('made')
    expect(await client.topics.match(/^(made|orders)$/)).toHaveLength(2)
  })

  test('is told what it does not answer, beside a request that it does', async () => {
    const { cluster, client } = await connected()
    const { topicId } = await client.topics.need('orders')
    const link = await client.link({ leaderOf: orders }, { purpose: 'producer-1' })
    const records = encodeBatch([{ value: 'told' }], { now: 0 })
    const topicData = [{ name: 'orders', topicId, partitionData: [{ index: 0, records }] }]
    await link.tell(rpc(produceRequest, produceResponse), { acks: 0, timeoutMs: 1000, topicData })
    // The connection's requests are handled in their order: what this one answers comes after the batch was taken.
    expect(await link.call(heartbeatApi, heartbeat)).toMatchObject({ errorCode: 16 })
    const [record] = await cluster.records('orders')
    expect(String(record?.value)).toBe('told')
  })
})
