import { describe, expect, test } from 'vitest'
import { ConnectionError, UnsupportedVersionError } from '../../../src/base/errors.ts'
import { askEach, askEachOnce } from '../../../src/client/cluster/item-calls.ts'
import { latestTimestamp, offsetCall, OffsetLookup } from '../../../src/client/cluster/offset-lookup.ts'
import type { ErrorName } from '../../../src/wire/error-codes.ts'
import { errorCodes } from '../../../src/wire/error-codes.ts'
import type { ListOffsetsRequest } from '../../../src/wire/messages/02-list-offsets.ts'
import { until } from './fake-broker.ts'
import { clientOf, settle } from './scripted-client.ts'
import { twoBrokers } from './scripted-transport.ts'

interface Fault {
  readonly partition: number
  readonly address: string
  readonly name: ErrorName
  times: number
}

/**
 * Two brokers that lead the partitions of `orders` as `leaders` says, and answer ListOffsets with 100 times the partition plus the
 * timestamp, but for the faults.
 */
function clusterOf(given: { leaders?: number[]; limits?: object } = {}) {
  const leaders = given.leaders ?? [1, 2, 1, 2]
  const faults: Fault[] = []
  const asked: string[] = []
  const gates: Promise<void>[] = []
  const errorCodeOf = (address: string, partition: number): number => {
    const fault = faults.find(
      (each) => each.times > 0 && each.partition === partition && each.address === address,
    )
    if (fault === undefined) return 0
    fault.times--
    return errorCodes[fault.name]
  }
  const made = clientOf(
    {
      Metadata: () => twoBrokers(1, leaders),
      ListOffsets: async ({ topics }: ListOffsetsRequest, address) => {
        const numbers = topics.flatMap(({ partitions }) => partitions.map((each) => each.partitionIndex))
        asked.push(`${address} ${numbers.join(' ')}`)
        await Promise.all(gates)
        return {
          topics: topics.map(({ name, partitions }) => ({
            name,
            partitions: partitions.map(({ partitionIndex, timestamp }) => ({
              ...{ partitionIndex, errorCode: errorCodeOf(address, partitionIndex) },
              ...{ timestamp: -1, offset: 100 * partitionIndex + timestamp, leaderEpoch: 3 },
            })),
          })),
        }
      },
    },
    given.limits === undefined ? {} : { limits: given.limits },
  )
  const fail = (partition: number, address: string, name: ErrorName, times = 1) =>
    faults.push({ partition, address, name, times })
  return { ...made, leaders, asked, gates, fail, call: offsetCall(made.client, 0) }
}

function at(timestamp: number, ...partitions: number[]) {
  return partitions.map((partition) => ({ topic: 'orders', partition, timestamp }))
}

describe('items', () => {
  test('are asked of those who answer for them, in one request each, and answered in their order', async () => {
    const { client, asked, call } = clusterOf()
    const outcomes = await askEach(client, at(7, 3, 0, 1, 2), call)
    expect(outcomes.map((each) => 'value' in each && each.value.offset)).toEqual([307, 7, 107, 207])
    expect(outcomes.map(({ of }) => of.partition)).toEqual([3, 0, 1, 2])
    expect(asked.toSorted()).toEqual(['a:1 0 2', 'b:2 3 1'])
  })

  test('whose failure may pass are asked for again, and no others', async () => {
    const { client, clock, asked, fail, call } = clusterOf()
    fail(2, 'a:1', 'OFFSET_NOT_AVAILABLE', 2)
    const outcomes = await settle(clock, askEach(client, at(7, 0, 1, 2), call))
    expect(outcomes.every((each) => 'value' in each)).toBe(true)
    expect(asked.toSorted()).toEqual(['a:1 0 2', 'a:1 2', 'a:1 2', 'b:2 1'])
  })

  test('are asked of another leader when theirs has changed', async () => {
    const { client, clock, asked, leaders, fail, call } = clusterOf()
    await client.topics.need('orders')
    fail(0, 'a:1', 'NOT_LEADER_OR_FOLLOWER', 9)
    leaders[0] = 2
    const [outcome] = await settle(clock, askEach(client, at(7, 0), call))
    expect(outcome).toMatchObject({ value: { offset: 7 } })
    expect(asked).toEqual(['a:1 0', 'b:2 0'])
  })

  test('whose failure does not pass have it at once; what fails in the end has its last one', async () => {
    const { client, clock, asked, fail, call } = clusterOf({ limits: { apiTimeoutMs: 2000 } })
    fail(1, 'b:2', 'TOPIC_AUTHORIZATION_FAILED', 99)
    fail(2, 'a:1', 'LEADER_NOT_AVAILABLE', 99)
    const startMs = clock.monotonicMs()
    const outcomes = await settle(clock, askEach(client, at(7, 0, 1, 2), call))
    expect(outcomes).toMatchObject([
      { value: { offset: 7 } },
      { error: { kafkaName: 'TOPIC_AUTHORIZATION_FAILED' } },
      { error: { kafkaName: 'LEADER_NOT_AVAILABLE' } },
    ])
    expect(asked.filter((line) => line.startsWith('b:2'))).toHaveLength(1)
    expect(asked.filter((line) => line === 'a:1 2').length).toBeGreaterThan(2)
    expect(clock.monotonicMs() - startMs).toBeLessThanOrEqual(2010)
  })

  test('which errors may pass is for the caller to say', async () => {
    const { client, asked, fail, call } = clusterOf()
    fail(0, 'a:1', 'NOT_LEADER_OR_FOLLOWER')
    const [outcome] = await askEach(client, at(7, 0), { ...call, mayPass: () => false })
    expect(outcome).toMatchObject({ error: { kafkaName: 'NOT_LEADER_OR_FOLLOWER' } })
    expect(asked).toHaveLength(1)
  })

  test('of a broker that is lost are asked for again; those of the others are not', async () => {
    const { client, clock, transport, leaders, asked, call } = clusterOf()
    await askEach(client, at(7, 0, 1), call)
    asked.length = 0
    transport.down.add('a:1')
    const answers = askEach(client, at(7, 0, 1), call)
    leaders[0] = 2
    expect((await settle(clock, answers)).every((each) => 'value' in each)).toBe(true)
    expect(asked).toEqual(['b:2 1', 'b:2 0'])
  })

  test('reject together when nobody can be asked, and with what is of no broker', async () => {
    const { client, clock, transport, call } = clusterOf({ limits: { apiTimeoutMs: 1000 } })
    for (const address of ['a:1', 'b:2']) transport.down.add(address)
    await expect(settle(clock, askEach(client, at(7, 0, 1), call))).rejects.toBeInstanceOf(ConnectionError)
    const { client: other, call: itsCall } = clusterOf()
    const failing = { ...itsCall, ask: () => Promise.reject(new UnsupportedVersionError('too old')) }
    await expect(askEach(other, at(7, 0), failing)).rejects.toThrow('too old')
    await expect(askEachOnce(other, at(7, 0), failing)).resolves.toMatchObject([
      { error: { message: 'too old' } },
    ])
    const broken = { ...itsCall, ask: () => Promise.reject(new TypeError('a bug')) }
    await expect(askEachOnce(other, at(7, 0), broken)).rejects.toThrow('a bug')
  })

  test('are given up by a signal, while they are asked for and in a pause', async () => {
    for (const isPause of [false, true]) {
      const { client, clock, asked, gates, fail, call } = clusterOf()
      if (isPause) fail(0, 'a:1', 'NOT_LEADER_OR_FOLLOWER', 99)
      else gates.push(new Promise(() => {}))
      const abort = new AbortController()
      const asking = askEach(client, at(7, 0), call, { signal: abort.signal })
      await until(() => asked.length === 1)
      for (let turn = 0; turn < 5; turn++) await clock.runFor(0)
      abort.abort(new Error('enough'))
      await expect(asking).rejects.toThrow('enough')
      await clock.runFor(5000)
      expect(asked).toHaveLength(1)
    }
  })

  test('that are not answered have an error', async () => {
    const { client, call } = clusterOf()
    const outcomes = await askEach(client, at(7, 0, 1), { ...call, ask: async () => [] })
    expect(outcomes).toMatchObject([
      { error: { kafkaName: 'UNKNOWN_SERVER_ERROR' } },
      { error: { message: expect.stringContaining('ListOffsets of orders-1') } },
    ])
    expect(await askEach(client, [], call)).toEqual([])
  })
})

describe('leaders', () => {
  test('of partitions that were added are found', async () => {
    const { client, clock, leaders, call } = clusterOf({ leaders: [1] })
    await client.topics.need('orders')
    await clock.runFor(1000)
    leaders.push(2)
    const once = await settle(clock, askEachOnce(client, at(7, 1, 2), call))
    expect(once).toMatchObject([
      { value: { offset: 107 } },
      { error: { kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' } },
    ])
  })

  test('that are no brokers of the cluster have gone: others will be elected', async () => {
    const { client, clock, leaders, call } = clusterOf({ leaders: [9] })
    expect(await askEachOnce(client, at(7, 0), call)).toMatchObject([
      { error: { kafkaName: 'LEADER_NOT_AVAILABLE', retriable: true } },
    ])
    leaders[0] = 2
    expect(await settle(clock, askEach(client, at(7, 0), call))).toMatchObject([{ value: { offset: 7 } }])
  })
})

describe('offsets', () => {
  test('of a partition at several times are not taken for each other', async () => {
    const { client, asked } = clusterOf()
    const lookup = new OffsetLookup(client, { isolationLevel: 0, purpose: 'test' })
    const queries = [...at(5, 0, 1), ...at(6, 0), ...at(latestTimestamp, 0)]
    const found = await lookup.find(queries)
    expect(found.map(({ offset }) => offset)).toEqual([5, 105, 6, -1])
    expect(asked.toSorted()).toEqual(['a:1 0', 'a:1 0', 'a:1 0', 'b:2 1'])
  })

  test('that cannot be found are thrown, or told where each is asked for once', async () => {
    const { client, fail } = clusterOf()
    const lookup = new OffsetLookup(client, { isolationLevel: 1, purpose: 'test' })
    fail(1, 'b:2', 'TOPIC_AUTHORIZATION_FAILED', 2)
    await expect(lookup.find(at(5, 0, 1))).rejects.toThrow(
      'ListOffsets of orders-1: TOPIC_AUTHORIZATION_FAILED',
    )
    expect(await lookup.attempt(at(5, 0, 1))).toMatchObject([
      { of: { partition: 0 }, value: { offset: 5 } },
      { of: { partition: 1 }, error: { kafkaName: 'TOPIC_AUTHORIZATION_FAILED' } },
    ])
  })
})
