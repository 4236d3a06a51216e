import { connect } from 'node:net'
import type { BrokerServer } from '../../src/server/broker-server.ts'
import { type SeededRandom, seededRandom } from '../../src/testing/seeded-random.ts'
import { apiOf } from '../../src/wire/api-keys.ts'
import { decodeRequestHeader, encodeRequestHeader } from '../../src/wire/headers.ts'
import { framePairs, vectors } from '../unit/wire/kafka-facts.ts'
import type { LiveBroker } from './live-broker.ts'
import { mutate } from './mutation.ts'

/** How a broker took a request: it answered, closed the connection, or had done neither when patience ended. */
export type Reception = 'answered' | 'closed' | 'waiting'
/** How many requests were taken in each way. */
export type Receptions = Record<Reception, number>

/** Some requests wait for what never comes: they are given up. */
const patienceMs = 100
/** Requests at a time. */
const clientCount = 30

/**
 * Sends `count` requests, each on a connection of its own: three in four damaged, the others as Kafka or a client of it
 * once made them.
 */
export async function sendDamagedRequests(
  { server, port }: LiveBroker,
  count: number,
  seed: number,
): Promise<Receptions> {
  const random = seededRandom(seed)
  const good = goodRequests(server)
  const receptions: Receptions = { answered: 0, closed: 0, waiting: 0 }
  let sentCount = 0
  const keepSending = async (): Promise<void> => {
    while (sentCount++ < count) receptions[await send(port, nextFrame(good, random))]++
  }
  await Promise.all(Array.from({ length: clientCount }, keepSending))
  return receptions
}

interface Request {
  readonly header: Buffer
  readonly body: Buffer
}

function nextFrame(good: readonly Request[], random: SeededRandom): Buffer {
  const { header, body } = random.pick(good)
  const damaged = random.int(4) === 0 ? body : mutate(body, random, random.pick(good).body)
  const size = Buffer.alloc(4)
  size.writeInt32BE(header.length + damaged.length)
  return Buffer.concat([size, header, damaged])
}

/** Every request that is served, recorded from clients or made by Kafka's own classes. */
function goodRequests({ broker: { handlers } }: BrokerServer): Request[] {
  const isServed = (apiKey: number, version: number): boolean => {
    const handler = handlers.get(apiKey)
    return handler !== undefined && version >= handler.minVersion && version <= handler.maxVersion
  }
  const recorded = [...framePairs()]
    .filter(({ apiKey, apiVersion }) => isServed(apiKey, apiVersion))
    .map(({ request }) => split(Buffer.from(request, 'hex')))
  const apis = [...handlers.keys()].map(apiOf)
  const made = [...vectors()].flatMap(({ message, version, hex }) => {
    const api = apis.find((each) => each?.request.name === message)
    return api !== undefined && isServed(api.key, version) ? [withHeader(api.key, version, hex)] : []
  })
  return [...recorded, ...made]
}

function withHeader(apiKey: number, apiVersion: number, hex: string): Request {
  const header = encodeRequestHeader({ apiKey, apiVersion, correlationId: 1, clientId: 'f' })
  return { header, body: Buffer.from(hex, 'hex') }
}

function split(frame: Buffer): Request {
  const { bodyPosition } = decodeRequestHeader(frame)
  return { header: frame.subarray(0, bodyPosition), body: frame.subarray(bodyPosition) }
}

function send(port: number, bytes: Buffer): Promise<Reception> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let reception: Reception = 'closed'
    const end = (as: Reception): void => {
      reception = as
      socket.destroy()
    }
    const timer = setTimeout(() => end('waiting'), patienceMs)
    socket.on('data', () => end('answered'))
    socket.on('error', () => undefined)
    socket.on('close', () => (clearTimeout(timer), resolve(reception)))
    socket.write(bytes)
  })
}
