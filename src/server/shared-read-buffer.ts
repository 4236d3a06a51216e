import { Socket } from 'node:net'

/** As much as is read from a socket at once. */
const sharedBytes = 64 * 1024

/** What the sockets of this thread are read into, one after the other: each read is taken up before the next. */
let shared: Buffer | undefined

/** What stands behind a socket of Node's: its own constructor takes one, though its types do not say so. */
interface WithHandle {
  _handle?: object | null
  _server?: unknown
}

/**
 * `accepted`, read into memory that all sockets share: what its 'data' listeners get is overwritten after they return.
 * Fresh memory for each read, as Node otherwise takes, is what a broker under load would most be busy collecting. Node
 * offers this (`onread`) for sockets that connect and not for those that were accepted, so the connection is moved to
 * a new socket. Where that cannot be done the socket is given back as it is, and works as well.
 */
export function readIntoSharedMemory(accepted: Socket): Socket {
  const { _handle: handle, _server: server } = accepted as unknown as WithHandle
  if (handle === undefined || handle === null) return accepted
  shared ??= Buffer.allocUnsafeSlow(sharedBytes)
  const callback = (bytes: number, buffer: Uint8Array): boolean => {
    socket.emit('data', buffer.subarray(0, bytes))
    return true
  }
  const options = { handle, allowHalfOpen: true, onread: { buffer: shared, callback } }
  const socket: Socket = new Socket(options)
  // The server counts its connections by the sockets that say they are its own.
  Object.assign(socket, { _server: server })
  Object.assign(accepted, { _handle: null, _server: null })
  return socket.resume()
}
