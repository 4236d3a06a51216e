import { connect, type Socket } from 'node:net'
import { encodeRequestHeader } from '../../src/wire/headers.ts'

/**
 * Clients that mean ill, in a process of their own so that their memory is not the broker's. Told how many of each kind as
 * JSON in its first argument. Says each second how many of them are connected; lives until its standard input ends.
 */
export interface Besiegers {
  readonly port: number
  /** Ask for nothing. */
  readonly idle: number
  /** Announce 1 MiB and send a byte a second. */
  readonly slow: number
  /** Begin to speak TLS to who does not. */
  readonly tls: number
  /** Ask without end and never read. */
  readonly deaf: number
}

/** How many are connected. */
export type Connected = Readonly<Record<Kind, number>> & {
  /** Everyone has tried to connect. */
  readonly isComplete: boolean
}

const kinds = ['idle', 'slow', 'tls', 'deaf'] as const
type Kind = (typeof kinds)[number]

const tellEveryMs = 1000
const byteEveryMs = 1000

const { port, ...counts } = JSON.parse(process.argv[2] ?? '') as Besiegers
const open: Record<Kind, number> = { idle: 0, slow: 0, tls: 0, deaf: 0 }
let isComplete = false

const behaviours: Readonly<Record<Kind, (socket: Socket) => void>> = {
  idle: () => undefined,
  slow: (socket) => {
    socket.write(Buffer.from('00100000', 'hex'))
    const timer = setInterval(() => socket.write(Buffer.alloc(1)), byteEveryMs)
    socket.on('close', () => clearInterval(timer))
  },
  tls: (socket) => void socket.write(Buffer.from('16030100c8010000c40303', 'hex')),
  deaf: (socket) => {
    // Nobody listens for data, so nothing is read; but whether the other side has gone must be noticed.
    const goOn = (): void => {
      while (socket.writable && socket.write(requests));
    }
    socket.on('drain', goOn)
    goOn()
  },
}

/** A thousand times ApiVersions, whose answer is many times as long. */
const requests = Buffer.concat(Array.from({ length: 1000 }, () => versionsRequest()))

function versionsRequest(): Buffer {
  const header = encodeRequestHeader({ apiKey: 18, apiVersion: 0, correlationId: 0, clientId: 'deaf' })
  const size = Buffer.alloc(4)
  size.writeInt32BE(header.length)
  return Buffer.concat([size, header])
}

/** Resolves when it is connected, or was turned away. */
function besiege(kind: Kind): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('connect', () => {
      open[kind]++
      socket.on('close', () => open[kind]--)
      behaviours[kind](socket)
      resolve()
    })
    socket.on('error', () => resolve())
    // Of who reads, the end is heard of.
    if (kind !== 'deaf') socket.resume()
  })
}

setInterval(() => {
  const connected: Connected = { ...open, isComplete }
  process.stdout.write(`${JSON.stringify(connected)}\n`)
}, tellEveryMs)
process.stdin.on('end', () => process.exit(0)).resume()

for (const kind of mixed()) await besiege(kind)
isComplete = true

/** All of them, evenly mixed, for those who come late may not be let in. */
function mixed(): Kind[] {
  const places = kinds.flatMap((kind) =>
    Array.from({ length: counts[kind] }, (_, index) => ({ kind, place: (index + 0.5) / counts[kind] })),
  )
  return places.toSorted((a, b) => a.place - b.place).map(({ kind }) => kind)
}
