import { connect } from 'node:net'

/**
 * Clients that mean ill, in a process of their own so that their memory is not the server's. Arguments: the port, then
 * how many there are of each kind. Says `ready` when every one of them is connected and has done its worst, or was
 * turned away; lives until its standard input ends.
 */
const [port, idle, slow, deaf, hasty] = process.argv.slice(2).map(Number)

const request = (text) => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(text.length)
  return Buffer.concat([size, Buffer.from(text)])
}

/** Announces 100 MiB and sends ten bytes. */
const announcement = Buffer.concat([Buffer.from([0x06, 0x40, 0, 0]), Buffer.alloc(10)])
/** Asks for a lot of data. */
const bigRequests = Buffer.concat(Array(1000).fill(request('big 100000')))
/** Asks for what takes long. */
const longRequests = Buffer.concat(Array(10_000).fill(request('overlap')))

const kinds = [
  [idle, undefined],
  [slow, announcement],
  [deaf, bigRequests],
  [hasty, longRequests],
]

/** Resolves when the bytes are on their way, which over the loopback is as good as there. */
function besiege(bytes) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    // Who does not listen for data does not read.
    socket.on('connect', () => (bytes === undefined ? resolve() : socket.write(bytes, resolve)))
    socket.on('error', resolve)
  })
}

for (const [count, bytes] of kinds) for (let made = 0; made < count; made++) await besiege(bytes)
process.stdout.write('ready\n')
process.stdin.on('end', () => process.exit(0)).resume()
