import { Socket } from 'node:net'

/** What one read takes at most, as Node has it. It is also what a client may make us keep of requests that wait. */
const readBytes = 64 * 1024

/** What lies under a socket of Node's: not part of its documented surface. */
interface SocketHandle {
  useUserBuffer?: unknown
}
const handleName = '_handle'

/**
 * The one buffer into which all connections are read: bytes are taken up, or copied, before the next read.
 *
 * By itself Node reads each chunk into memory of its own. At hundreds of megabytes a second that is what the garbage
 * collector is kept busy with, for it goes through the whole heap whenever so much has been allocated outside of it;
 * and a connection that is silent would go on holding its last chunk.
 */
export class SharedReadBuffer {
  readonly #buffer = Buffer.allocUnsafeSlow(readBytes)

  /**
   * The socket to use instead of `accepted`, of which nothing has been read yet (`pauseOnConnect`). It emits `data` as
   * any socket does once it is listened to, with bytes that are overwritten when the listener has returned.
   *
   * Node has this for sockets that connect (`onread`) and not for those that a server accepts, so these are made anew
   * around their handle. Without a handle that can do it the socket is used as it is.
   */
  adopt(accepted: Socket): Socket {
    const handle = takeHandle(accepted)
    if (handle === undefined) return accepted.resume()
    const options = {
      handle,
      allowHalfOpen: accepted.allowHalfOpen,
      onread: {
        buffer: this.#buffer,
        callback: (bytes: number) => {
          socket.emit('data', this.#buffer.subarray(0, bytes))
          return true
        },
      },
    }
    const socket = new Socket(options)
    return socket
  }
}

function takeHandle(socket: Socket): SocketHandle | undefined {
  const handle = Reflect.get(socket, handleName) as SocketHandle | null | undefined
  if (typeof handle?.useUserBuffer !== 'function') return undefined
  Reflect.set(socket, handleName, null)
  return handle
}
