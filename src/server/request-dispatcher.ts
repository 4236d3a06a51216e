/** Who is asking. One object per connection; what a client says about itself is filled in as it says it. */
export interface ConnectionInfo {
  /** Number of the connection, from 1 up, unique while the server runs. */
  readonly id: number
  /** An IPv4 address is in its own form also where it came in through an IPv6 socket. */
  readonly remoteAddress: string
  readonly remotePort: number
  readonly listenerName: string
  /** The `client_id` of the latest request that named one. */
  clientId: string | undefined
  /** From ApiVersions, version 3 and up (KIP-511). */
  clientSoftwareName: string | undefined
  clientSoftwareVersion: string | undefined
  /** Until then only small requests are accepted. True from the start on a listener that asks for no authentication. */
  isAuthenticated: boolean
  /**
   * Aborted as soon as the connection has ended, or its client will ask no more, or the server stops: whoever waits for
   * something to tell answers with what there is, for nobody waits any longer.
   */
  readonly ending: AbortSignal
}

/** A response without its size, in pieces that are sent as they are; `undefined` when none is wanted (acks=0). */
export type Answer = readonly Buffer[] | undefined

/** Answers requests. What is in the frames is its affair alone. */
export interface RequestDispatcher {
  /**
   * Answers the request in `frame`, which is its own to keep until then. Called in the order of arrival. A
   * `ConnectionEnd` that is thrown or rejected with ends the connection; anything else does so as `handler-failed`.
   */
  dispatch(frame: Buffer, connection: ConnectionInfo): Answer | Promise<Answer>
  /**
   * Whether the next request of the same connection may be dispatched before this one is answered: true for those
   * that take effect within the call of `dispatch` and then merely wait. Asked before `dispatch`. Default: never.
   */
  overlaps?(frame: Buffer): boolean
  /**
   * Whether nothing of the request is held on to once it is answered, not even a slice: its memory then takes the
   * next one. Default: never.
   */
  letsGo?(frame: Buffer): boolean
}
