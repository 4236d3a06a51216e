import { describe, expect, onTestFinished, test } from 'vitest'
import { ClosedError, ConnectionError, TimeoutError, WireError } from '../../../src/base/errors.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import type { Broker } from '../../../src/broker/broker.ts'
import type { Handler, RequestContext } from '../../../src/broker/handler.ts'
import { rpc } from '../../../src/client/network/rpc.ts'
import { InProcessTransport } from '../../../src/embedded/in-process-transport.ts'
import { turn } from '../../../src/env/turn.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { KafkaError } from '../../../src/wire/kafka-error.ts'
import { produceRequest, produceResponse } from '../../../src/wire/messages/00-produce.ts'
import { fetchRequest, fetchResponse } from '../../../src/wire/messages/01-fetch.ts'
import { metadataRequest, metadataResponse } from '../../../src/wire/messages/03-metadata.ts'
import { heartbeatRequest, heartbeatResponse } from '../../../src/wire/messages/12-heartbeat.ts'
import { createTopicsRequest, createTopicsResponse } from '../../../src/wire/messages/19-create-topics.ts'
import { openBroker } from '../broker/open-broker.ts'

const heartbeat = rpc(heartbeatRequest, heartbeatResponse)
const metadata = rpc(metadataRequest, metadataResponse)
const createTopics = rpc(createTopicsRequest, createTopicsResponse)
const produce = rpc(produceRequest, produceResponse, { maxVersion: 12 })
const fetch = rpc(fetchRequest, fetchResponse, { maxVersion: 12 })

const anywhere = { host: 'anywhere', port: 1 }
const beat = { groupId: 'g', generationId: 1, memberId: 'm' }

/** A link to a broker that is nothing but the given handlers. */
async function linkTo(handlers: readonly Partial<Handler>[], clock = new ManualClock()) {
  const failures: string[] = []
  const broker = {
    env: { clock },
    handlers: new Map(
      handlers.map((each) => [
        each.apiKey ?? heartbeatRequest.apiKey,
        { minVersion: 0, maxVersion: 4, overlaps: false, letsGo: false, ...each },
      ]),
    ),
  } as unknown as Broker
  const transport = new InProcessTransport({
    broker,
    clientId: 'me',
    limits: { requestTimeoutMs: 1000 },
    onFailure: (message, error) => failures.push(`${message}: ${String(error)}`),
  })
  const link = await transport.connect(anywhere)
  onTestFinished(() => {
    link.close()
    transport.close()
  })
  return { link, clock, failures }
}

/** A link to a whole broker in memory with a topic. */
async function linkToBroker() {
  const opened = await openBroker()
  const transport = new InProcessTransport({ broker: opened.broker })
  const link = await transport.connect(anywhere)
  onTestFinished(async () => {
    link.close()
    transport.close()
    await opened.broker.close()
  })
  const topic = { name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  const made = await link.call(createTopics, { topics: [topic], timeoutMs: 1000 })
  expect(made.topics[0]?.errorCode).toBe(0)
  return { ...opened, link }
}

function produceOf(records: Buffer, acks = -1) {
  return {
    ...{ acks, timeoutMs: 1000 },
    topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
  }
}

function fetchOf(fetchOffset: number, maxWaitMs = 0) {
  const partition = { partition: 0, fetchOffset, partitionMaxBytes: 1_000_000 }
  return {
    ...{ maxWaitMs, minBytes: 1, maxBytes: 1_000_000, isolationLevel: 0, sessionId: 0, sessionEpoch: -1 },
    ...{ topics: [{ topic: 't', partitions: [partition] }], forgottenTopicsData: [], rackId: '' },
  }
}

const oneRecord = () => encodeBatch([{ key: 'k', value: 'v'.repeat(5000) }], { now: 1_700_000_000_000 })

describe('what the handler gets', () => {
  test('is a request as decoding yields it, in the latest version of both, and who asks', async () => {
    let seen: { request: unknown; context: RequestContext } | undefined
    const { link } = await linkTo([
      {
        handle: async (_, request, context) => {
          seen = { request, context }
          return { throttleTimeMs: 0, errorCode: 0 }
        },
      },
    ])
    await link.call(heartbeat, (version) => ({
      ...beat,
      groupInstanceId: version >= 3 ? `v${version}` : null,
    }))
    expect(seen?.request).toEqual({ ...beat, groupInstanceId: 'v4' })
    expect(seen?.context).toMatchObject({ apiVersion: 4, clientId: 'me', clientAddress: '127.0.0.1' })
    expect(seen?.context.signal?.aborted).toBe(false)
    link.close()
    expect(seen?.context.signal?.aborted).toBe(true)
  })

  test('is a copy of the record batches: the log writes offsets into them', async () => {
    const { link } = await linkToBroker()
    const batch = oneRecord()
    const before = Buffer.from(batch)
    await link.call(produce, produceOf(batch))
    const second = await link.call(produce, produceOf(batch))
    expect(second.responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0, baseOffset: 1 })
    expect(batch).toEqual(before)
  })
})

describe('what the caller gets', () => {
  test('is a response as decoding yields it', async () => {
    const { link } = await linkTo([{ handle: async () => ({ errorCode: 27 }) }])
    expect(await link.call(heartbeat, beat)).toEqual({ throttleTimeMs: 0, errorCode: 27 })
  })

  test('is what a real broker has stored', async () => {
    const { link } = await linkToBroker()
    const { topics } = await link.call(metadata, { topics: [{ name: 't' }], allowAutoTopicCreation: false })
    expect(topics[0]?.partitions).toMatchObject([{ partitionIndex: 0, leaderId: 1, errorCode: 0 }])
    await link.call(produce, produceOf(oneRecord()))
    const first = await link.call(fetch, fetchOf(0))
    const records = first.responses[0]?.partitions[0]?.records
    expect(records?.length).toBe(oneRecord().length)
    // Fresh each time: nothing that is fetched later is written over it.
    const kept = Buffer.from(records ?? [])
    await link.call(produce, produceOf(oneRecord()))
    await link.call(fetch, fetchOf(1))
    expect(records).toEqual(kept)
  })

  test('is the error that the handler throws, in a response that can say it', async () => {
    const { link, failures } = await linkTo([
      {
        handle: async () => {
          throw new KafkaError('COORDINATOR_LOAD_IN_PROGRESS', 'wait')
        },
      },
    ])
    expect(await link.call(heartbeat, beat)).toEqual({ throttleTimeMs: 0, errorCode: 14 })
    expect(link.isOpen).toBe(true)
    expect(failures).toEqual([])
  })

  test('is UNKNOWN_SERVER_ERROR for a bug, of which somebody is told', async () => {
    const { link, failures } = await linkTo([
      {
        handle: async () => {
          throw new Error('bug')
        },
      },
    ])
    expect(await link.call(heartbeat, beat)).toEqual({ throttleTimeMs: 0, errorCode: -1 })
    expect(failures).toEqual(['Heartbeat failed: Error: bug'])
  })

  test('is the end of the link where no response can say it', async () => {
    const { link } = await linkTo([
      {
        ...{ apiKey: produceRequest.apiKey, minVersion: 3, maxVersion: 12, overlaps: true },
        handle: async () => {
          throw new KafkaError('UNKNOWN_SERVER_ERROR', 'oh')
        },
      },
    ])
    const calls = [link.call(produce, produceOf(oneRecord())), link.call(produce, produceOf(oneRecord()))]
    for (const call of calls) await expect(call).rejects.toThrow(ConnectionError)
    expect(link.isOpen).toBe(false)
    await expect(link.call(produce, produceOf(oneRecord()))).rejects.toThrow(/no response says so/)
  })

  test('is a refusal of what has no form in the version, or is not served', async () => {
    const { link } = await linkTo([{ handle: async () => ({ errorCode: 0 }) }])
    await expect(link.call(heartbeat, { ...beat, generationId: 2 ** 40 })).rejects.toThrow(WireError)
    await expect(link.call(metadata, { topics: null })).rejects.toThrow(
      /Metadata: versions .* does not serve it/,
    )
    expect(link.inFlightCount).toBe(0)
  })
})

describe('a link', () => {
  /** A link whose one handler answers when it is told to. */
  async function heldLink(clock = new ManualClock()) {
    const started: unknown[] = []
    const release: (() => void)[] = []
    const handle = async (_: unknown, request: unknown) => {
      started.push(request)
      await new Promise<void>((resolve) => release.push(resolve))
      return { errorCode: 0 }
    }
    return { ...(await linkTo([{ handle }], clock)), started, release }
  }

  test('has what is asked behind wait until the first is answered', async () => {
    const { link, started, release, clock } = await heldLink()
    const order: number[] = []
    const calls = [1, 2].map(async (number) => {
      await link.call(heartbeat, { ...beat, generationId: number })
      order.push(number)
    })
    expect(started).toHaveLength(1)
    expect(link.inFlightCount).toBe(2)
    release[0]?.()
    await turn(clock)
    await turn(clock)
    expect(started).toMatchObject([{ generationId: 1 }, { generationId: 2 }])
    release[1]?.()
    await Promise.all(calls)
    expect(order).toEqual([1, 2])
    expect(link.inFlightCount).toBe(0)
  })

  test('ends when an answer does not come in time', async () => {
    const { link, clock } = await heldLink()
    const late = link.call(heartbeat, beat)
    const behind = link.call(heartbeat, beat, { timeoutMs: 5000 })
    const refused = [
      expect(late).rejects.toThrow(new TimeoutError('anywhere:1 did not answer Heartbeat within 1000 ms')),
      expect(behind).rejects.toThrow(ConnectionError),
    ]
    clock.advance(1000)
    await Promise.all(refused)
    expect(link.isOpen).toBe(false)
  })

  test('lets a caller give up, and goes on', async () => {
    const { link, release } = await heldLink()
    const controller = new AbortController()
    const given = link.call(heartbeat, beat, { signal: controller.signal })
    const behind = link.call(heartbeat, beat)
    controller.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    await expect(link.call(heartbeat, beat, { signal: controller.signal })).rejects.toThrow('enough')
    release[0]?.()
    await turn(new ManualClock())
    await turn(new ManualClock())
    release[1]?.()
    await behind
  })

  test('refuses all when it is closed', async () => {
    const { link, started } = await heldLink()
    const calls = [link.call(heartbeat, beat), link.call(heartbeat, beat), link.tell(heartbeat, beat)]
    const refused = calls.map((call) => expect(call).rejects.toThrow(ClosedError))
    link.close()
    link.close()
    await Promise.all(refused)
    await expect(link.call(heartbeat, beat)).rejects.toThrow(ClosedError)
    expect(started).toHaveLength(1)
  })
})

describe('what is told', () => {
  test('resolves when the log has it', async () => {
    const { link, broker } = await linkToBroker()
    await link.tell(produce, produceOf(oneRecord(), 0))
    expect(broker.replicas.get('t', 0).highWatermark).toBe(1)
  })

  test('ends the link when it fails, for there is no other answer', async () => {
    const { link } = await linkToBroker()
    const damaged = oneRecord()
    damaged.writeUInt8(255 - damaged.readUInt8(100), 100)
    await link.tell(produce, produceOf(damaged, 0))
    expect(link.isOpen).toBe(false)
    await expect(link.call(metadata, { topics: null })).rejects.toThrow(/acks=0 failed/)
  })
})

test('who asks again as soon as it is answered keeps nobody else waiting', async () => {
  const { link } = await linkToBroker()
  let timersFired = 0
  const timer = setInterval(() => timersFired++, 1)
  // Without a turn between the calls no timer would ever fire.
  for (let count = 0; count < 100_000 && timersFired < 10; count++)
    await link.call(metadata, { topics: [{ name: 't' }] })
  clearInterval(timer)
  expect(timersFired).toBe(10)
})
