import { describe, expect, test } from 'vitest'
import { ClosedError, ConnectionError } from '../../../src/base/errors.ts'
import { ClusterClient } from '../../../src/client/cluster/cluster-client.ts'
import { rpc } from '../../../src/client/network/rpc.ts'
import { memoryEnv } from '../../../src/testing/memory-env.ts'
import { KafkaError } from '../../../src/wire/kafka-error.ts'
import { heartbeatRequest, heartbeatResponse } from '../../../src/wire/messages/12-heartbeat.ts'
import { FakeBroker, until } from './fake-broker.ts'
import { clientOf, settle } from './scripted-client.ts'
import { ScriptedTransport, twoBrokers } from './scripted-transport.ts'

const heartbeatApi = rpc(heartbeatRequest, heartbeatResponse)
const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm' }
const errorCodeOf = ({ errorCode }: { readonly errorCode: number }) => errorCode

/** FindCoordinator's answer: `address` is `host:port`. */
function coordinator(address: string, errorCode = 0) {
  const [host = '', port = ''] = address.split(':')
  return { coordinators: [{ key: 'g', nodeId: 1, host, port: Number(port), errorCode, errorMessage: null }] }
}

describe('who is asked', () => {
  test('the controller, a broker, the leader of a partition: as metadata has them', async () => {
    const { client, transport } = clientOf({ Metadata: () => twoBrokers(2) })
    await client.call('controller', heartbeatApi, heartbeat)
    await client.call({ nodeId: 1 }, heartbeatApi, heartbeat)
    await client.call({ leaderOf: { topic: 'orders', partition: 1 } }, heartbeatApi, heartbeat)
    expect(transport.log).toEqual([
      ...['connect a:1', 'Metadata a:1', 'connect b:2', 'Heartbeat b:2'],
      'Heartbeat a:1',
      ...['Metadata a:1', 'Heartbeat b:2'],
    ])
  })

  test('the coordinator of a group, which is kept, in the old form of the answer as in the new', async () => {
    for (const version of [3, undefined]) {
      const { client, transport } = clientOf(
        {
          FindCoordinator: ({ key, coordinatorKeys }: { key: string; coordinatorKeys: string[] }) => {
            expect([key, ...coordinatorKeys].filter((each) => each !== '')).toEqual(['g'])
            return version === 3 ? { errorCode: 0, nodeId: 2, host: 'b', port: 2 } : coordinator('b:2')
          },
        },
        version === undefined ? {} : { version },
      )
      for (let count = 0; count < 2; count++) await client.call({ group: 'g' }, heartbeatApi, heartbeat)
      expect(transport.log).toEqual([
        ...['connect a:1', 'FindCoordinator a:1', 'connect b:2', 'Heartbeat b:2', 'Heartbeat b:2'],
      ])
    }
  })

  test('nobody, where there is nobody: the error says so', async () => {
    const { client } = clientOf({ Metadata: () => twoBrokers(1, [1]) })
    await expect(client.call({ nodeId: 9 }, heartbeatApi, heartbeat)).rejects.toThrow('there is no broker 9')
    const { client: other, clock } = clientOf({ Metadata: () => twoBrokers(-1, [-1]) })
    const leaderless = other.call({ leaderOf: { topic: 'orders', partition: 0 } }, heartbeatApi, heartbeat)
    await expect(settle(clock, leaderless)).rejects.toThrow('nobody leads orders-0')
  })
})

describe('retries', () => {
  test('a coordinator that has moved is looked for again', async () => {
    let found = 'a:1'
    const { client, transport, clock } = clientOf({
      FindCoordinator: () => coordinator(found),
      Heartbeat: (_request, address) => {
        found = 'b:2'
        return { errorCode: address === 'b:2' ? 0 : 16 }
      },
    })
    await settle(clock, client.call({ group: 'g' }, heartbeatApi, heartbeat, { errorCodeOf }))
    expect(transport.log.filter((line) => !line.startsWith('connect'))).toEqual([
      ...['FindCoordinator a:1', 'Heartbeat a:1', 'FindCoordinator a:1', 'Heartbeat b:2'],
    ])
  })

  test('a controller that has moved is looked for again', async () => {
    let controllerId = 1
    const { client, transport, clock } = clientOf({
      Metadata: () => twoBrokers(controllerId),
      Heartbeat: (_request, address) => {
        controllerId = 2
        return { errorCode: address === 'b:2' ? 0 : 41 }
      },
    })
    await settle(clock, client.call('controller', heartbeatApi, heartbeat, { errorCodeOf }))
    expect(transport.log.filter((line) => line.startsWith('Heartbeat'))).toEqual([
      'Heartbeat a:1',
      'Heartbeat b:2',
    ])
  })

  test('pause longer each time, and end when the time for all of them is over', async () => {
    const times: number[] = []
    const { client, clock } = clientOf(
      { Heartbeat: () => (times.push(clock.monotonicMs()), { errorCode: 27 - 13 }) },
      { limits: { apiTimeoutMs: 5000 } },
    )
    const error = await settle(clock, client.call('any', heartbeatApi, heartbeat, { errorCodeOf })).catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(KafkaError)
    expect(error).toMatchObject({ kafkaName: 'COORDINATOR_LOAD_IN_PROGRESS', retriable: true })
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    for (const [index, pause] of pauses.entries()) {
      const plain = Math.min(100 * 2 ** index, 1000)
      // The clock of the test moves by 10 ms.
      expect(pause).toBeGreaterThanOrEqual(plain * 0.8)
      expect(pause).toBeLessThanOrEqual(plain * 1.2 + 10)
    }
    expect(pauses.length).toBeGreaterThan(5)
    expect(times.at(-1)).toBeLessThan(5000)
  })

  test('are not made after errors that will not pass', async () => {
    const { client, transport } = clientOf({ Heartbeat: () => ({ errorCode: 25 }) })
    const call = client.call('any', heartbeatApi, heartbeat, { errorCodeOf })
    await expect(call).rejects.toThrow('Heartbeat: UNKNOWN_MEMBER_ID')
    expect(transport.log).toEqual(['connect a:1', 'Heartbeat a:1'])
  })

  test('go to another broker when one is lost', async () => {
    const { client, transport, clock } = clientOf({})
    await client.metadata(null)
    transport.down.add('a:1')
    await settle(clock, client.call('any', heartbeatApi, heartbeat))
    expect(transport.log).toEqual([
      ...['connect a:1', 'Metadata a:1', 'Heartbeat a:1', 'connect b:2', 'Heartbeat b:2'],
    ])
  })

  test('a lost leader: metadata is asked for again, and it has another', async () => {
    let leader = 1
    const { client, transport, clock } = clientOf({ Metadata: () => twoBrokers(2, [leader]) })
    const ask = () => client.call({ leaderOf: { topic: 'orders', partition: 0 } }, heartbeatApi, heartbeat)
    await ask()
    transport.down.add('a:1')
    leader = 2
    await settle(clock, ask())
    expect(transport.log.at(-1)).toBe('Heartbeat b:2')
  })

  test('end by a signal, while they pause too', async () => {
    const { client } = clientOf({ Heartbeat: () => ({ errorCode: 14 }) })
    const abort = new AbortController()
    const call = client.call('any', heartbeatApi, heartbeat, { errorCodeOf, signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
  })
})

describe('metadata', () => {
  test('is asked for without making topics, and tells leaders apart', async () => {
    const asked: unknown[] = []
    const { client } = clientOf({
      Metadata: (request) => (asked.push(request), twoBrokers(1, [1, 2, 2, -1])),
    })
    const metadata = await client.metadata(['orders'])
    expect(asked).toMatchObject([{ allowAutoTopicCreation: false, topics: [{ name: 'orders' }] }])
    const leaders = metadata.topics
      .get('orders')
      ?.partitions.map(({ partitionIndex, leaderId }) => [partitionIndex, leaderId])
    expect(leaders).toEqual([
      [0, 1],
      [1, 2],
      [2, 2],
      [3, -1],
    ])
  })

  test('about brokers is kept for as long as it may be', async () => {
    const { client, transport, clock } = clientOf({}, { limits: { metadataMaxAgeMs: 1000 } })
    const asked = () => transport.log.filter((line) => line.startsWith('Metadata')).length
    for (const [passMs, count] of [
      [0, 1],
      [999, 1],
      [2, 2],
    ] as const) {
      await clock.runFor(passMs)
      await client.call('controller', heartbeatApi, heartbeat)
      expect(asked()).toBe(count)
    }
  })
})

describe('the beginning and the end', () => {
  test('connect tries every bootstrap server once, and says why each cannot be reached', async () => {
    const { client, transport } = clientOf({})
    transport.down.add('a:1')
    await client.connect()
    transport.down.add('b:2')
    const { client: none, transport: gone } = clientOf({})
    for (const address of ['a:1', 'b:2']) gone.down.add(address)
    const error = await none.connect().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ConnectionError)
    expect(String(error)).toContain('no broker can be reached: a:1: nothing listens there; b:2: nothing')
    expect(gone.log).toEqual(['connect a:1', 'connect b:2'])
  })

  test('close closes the links, but not a transport that was given, and refuses what comes later', async () => {
    const { client, transport } = clientOf({})
    await client.call({ nodeId: 2 }, heartbeatApi, heartbeat)
    client.close()
    client.close()
    expect(transport.links.map(({ isOpen }) => isOpen)).toEqual([false, false])
    expect(transport.log).not.toContain('close')
    await expect(client.call('any', heartbeatApi, heartbeat)).rejects.toThrow(ClosedError)
  })

  test('close ends connecting too', async () => {
    const broker = await FakeBroker.start(() => 'nothing')
    const client = new ClusterClient({ env: memoryEnv({ seed: 1 }), bootstrapServers: broker.address })
    const call = client.call('any', heartbeatApi, heartbeat)
    await until(() => broker.requests.length === 1)
    client.close()
    await expect(call).rejects.toThrow(ClosedError)
    await until(() => broker.sockets[0]?.destroyed === true)
  })

  test('calls that need the same link at once share it', async () => {
    const { client, transport } = clientOf({})
    await Promise.all([1, 2, 3].map(() => client.call('any', heartbeatApi, heartbeat)))
    expect(transport.links).toHaveLength(1)
  })

  test('addresses and options that are none are refused', () => {
    const env = memoryEnv({ seed: 1 })
    const make = (bootstrapServers: string, limits = {}) =>
      new ClusterClient({ env, bootstrapServers, limits, transport: new ScriptedTransport({}) })
    for (const text of ['', ' , ', 'host:port', 'host:0', 'host:65536', 'a b:1', '[::1', 'http://a:1'])
      expect(() => make(text), text).toThrow(TypeError)
    expect(() => make('a:1', { retryBackofMs: 1 })).toThrow("did you mean 'retryBackoffMs'?")
    expect(() => make('a:1', { 'request.timeout.ms': 0 })).toThrow(RangeError)
    for (const text of ['a', 'a:1,b', ' [::1]:9092 ', '10.0.0.1:1']) make(text).close()
  })
})
