/**
 * Why a connection ended:
 *
 * - `peer-ended`: the client closed it. `peer-reset`: it broke off, or the network did
 * - `frame-size`: a request announced a size that is not positive, or above `socket.request.max.bytes`
 * - `frame-deadline`: a request was begun and its last byte did not come in time
 * - `idle`: nothing was asked for `connections.max.idle.ms`
 * - `write-deadline`: the client did not take what it had asked for
 * - `write-buffer`: it asked for more, without reading, than is kept for one client
 * - `unsupported-request`: an API, or a version of one, that is not served here
 * - `malformed-request`: bytes that are no request of the API and version they name
 * - `handler-failed`: answering threw, and the API has no way to say so in a response
 * - `no-acknowledgement`: a request that wants no response failed; closing is how the client hears of it
 * - `shutdown`: the server stopped
 */
export type CloseReason =
  | 'peer-ended'
  | 'peer-reset'
  | 'frame-size'
  | 'frame-deadline'
  | 'idle'
  | 'write-deadline'
  | 'write-buffer'
  | 'unsupported-request'
  | 'malformed-request'
  | 'handler-failed'
  | 'no-acknowledgement'
  | 'shutdown'

/**
 * Ends a connection: thrown by whoever finds that it cannot go on, a handler included. Requests that came before
 * are answered first; what came after is dropped. Kafka's protocol has no message for it.
 */
export class ConnectionEnd extends Error {
  override readonly name = 'ConnectionEnd'
  readonly reason: CloseReason

  constructor(reason: CloseReason, message: string) {
    super(message)
    this.reason = reason
  }
}
