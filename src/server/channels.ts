import { channel } from 'node:diagnostics_channel'
import type { CloseReason } from './close-reason.ts'
import type { RefusalReason } from './connection-limits.ts'
import type { ConnectionInfo } from './request-dispatcher.ts'

/** A request was answered, or was found to want no answer. */
export interface RequestEvent {
  readonly apiKey: number
  readonly apiVersion: number
  readonly connection: ConnectionInfo
  readonly requestBytes: number
  /** 0 when there was no response. */
  readonly responseBytes: number
  /** From the request's last byte to its answer; the waiting of a fetch is in it. */
  readonly elapsedMs: number
  /** What was thrown, if something was. */
  readonly error: unknown
}

/** A connection was accepted. */
export interface ConnectionOpenEvent {
  readonly connection: ConnectionInfo
}

/** A connection was closed; what is not the client's own doing or ours has a `message` that says more. */
export interface ConnectionCloseEvent {
  readonly connection: ConnectionInfo
  readonly reason: CloseReason
  readonly message: string
}

/** A connection was not accepted. */
export interface ConnectionRefuseEvent {
  readonly listenerName: string
  readonly remoteAddress: string
  readonly reason: RefusalReason
}

/**
 * What the server tells whoever listens, through `node:diagnostics_channel`; without a subscriber nothing is built or
 * sent.
 *
 * - `tidemark:request`             {@link RequestEvent}
 * - `tidemark:connection:open`     {@link ConnectionOpenEvent}
 * - `tidemark:connection:close`    {@link ConnectionCloseEvent}: frames that are rejected show here, by reason
 * - `tidemark:connection:refuse`   {@link ConnectionRefuseEvent}
 */
export const channels = {
  request: channel('tidemark:request'),
  connectionOpen: channel('tidemark:connection:open'),
  connectionClose: channel('tidemark:connection:close'),
  connectionRefuse: channel('tidemark:connection:refuse'),
} as const
