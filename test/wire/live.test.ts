import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BrokerServer } from '../../src/server/broker-server.ts'
import { memoryEnv } from '../../src/testing/memory-env.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { apiOf } from '../../src/wire/api-keys.ts'
import { decodeRequestHeader, encodeRequestHeader } from '../../src/wire/headers.ts'
import { apiVersionsRequest, apiVersionsResponse } from '../../src/wire/messages/18-api-versions.ts'
import { WireClient } from '../server/wire-client.ts'
import { framePairs, vectors } from '../unit/wire/kafka-facts.ts'
import { mutate } from './mutation.ts'

/** Damaged requests to a broker that serves: each is answered, refused or waits, and nothing in it fails. */

const frameCount = Number(process.env['TIDEMARK_FRAMES'] ?? '2000')
const seed = Number(process.env['TIDEMARK_SEED'] ?? '1')
/** At a time. */
const clientCount = 20
/** Some requests wait for what never comes: they are given up. */
const patienceMs = 30

const complaints: string[] = []
let server: BrokerServer

beforeAll(async () => {
  const complain = (line: string) => void complaints.push(line)
  // To a producer that wants no answers (acks=0), the end of the connection is all that can be said.
  const complainOfEnds = (line: string) => {
    if (line.includes('handler-failed') && !line.includes('acks=0 failed')) complain(line)
  }
  server = await BrokerServer.start({
    env: memoryEnv({ seed }),
    directories: ['/data'],
    properties: {
      listeners: 'PLAINTEXT://127.0.0.1:0',
      ...{ 'max.connections': '1000000', 'max.connections.per.ip': '1000000' },
      'max.connection.creation.rate': '1000000',
      'offsets.topic.num.partitions': '1',
    },
    logger: { info: complainOfEnds, warn: complainOfEnds, error: complain },
  })
})
afterAll(() => server.close())

interface Request {
  readonly header: Buffer
  readonly body: Buffer
}

/** Every request that is served, as Kafka or a client of it once made it. */
function requests(): Request[] {
  const served = (apiKey: number, version: number): boolean => {
    const handler = server.broker.handlers.get(apiKey)
    return handler !== undefined && version >= handler.minVersion && version <= handler.maxVersion
  }
  const recorded = [...framePairs()]
    .filter(({ apiKey, apiVersion }) => served(apiKey, apiVersion))
    .map(({ request }) => split(Buffer.from(request, 'hex')))
  const made = [...vectors()].flatMap(({ message, version, hex }) => {
    const api = [...server.broker.handlers.keys()].map(apiOf).find((each) => each?.request.name === message)
    if (api === undefined || !served(api.key, version)) return []
    const header = encodeRequestHeader({
      apiKey: api.key,
      apiVersion: version,
      correlationId: 1,
      clientId: 'f',
    })
    return [{ header, body: Buffer.from(hex, 'hex') }]
  })
  return [...recorded, ...made]
}

function split(frame: Buffer): Request {
  const { bodyPosition } = decodeRequestHeader(frame)
  return { header: frame.subarray(0, bodyPosition), body: frame.subarray(bodyPosition) }
}

/** Resolves when there is an answer, an end, or no patience left. */
function send(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const timer = setTimeout(() => socket.destroy(), patienceMs)
    socket.on('data', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.on('close', () => (clearTimeout(timer), resolve()))
    socket.write(bytes)
  })
}

test(`a broker takes ${frameCount} damaged requests, seed ${seed}`, { timeout: 3_600_000 }, async () => {
  const port = server.endpoints[0]?.port ?? 0
  const random = seededRandom(seed)
  const good = requests()
  let sentCount = 0
  const keepSending = async (): Promise<void> => {
    while (sentCount++ < frameCount) {
      const { header, body } = random.pick(good)
      const damaged = random.int(4) === 0 ? body : mutate(body, random, random.pick(good).body)
      const size = Buffer.alloc(4)
      size.writeInt32BE(header.length + damaged.length)
      await send(port, Buffer.concat([size, header, damaged]))
    }
  }
  await Promise.all(Array.from({ length: clientCount }, keepSending))
  expect(complaints).toEqual([])
  expect(server.connections.counts.refused).toEqual({})
  using client = await WireClient.connect(port)
  const declared = { request: apiVersionsRequest, response: apiVersionsResponse }
  const { errorCode } = await client.call(declared, 0, {})
  expect(errorCode).toBe(0)
})
