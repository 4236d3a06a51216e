import type { BrokerAddress } from './broker-address.ts'
import type { Rpc, ServedVersions } from './rpc.ts'

/** How to ask. */
export interface CallOptions {
  /** Gives up waiting: the call rejects with the signal's reason. What was asked for may be done all the same. */
  readonly signal?: AbortSignal | undefined
  /** How long to wait for the answer. Default: the transport's. */
  readonly timeoutMs?: number | undefined
}

/** What a call asks: the request, or how to make it once the version is known, for those whose form depends on it. */
export type CallInput<Input> = Input | ((version: number) => Input)

/** A broker that can be asked. */
export interface BrokerLink {
  /** False once it was closed or lost: then calls are refused, and a new link is needed. */
  readonly isOpen: boolean
  /** Calls that are not answered yet. */
  readonly inFlightCount: number
  /** Whether the broker wants no requests at this moment, for a quota is used up (KIP-219): calls wait. Default false. */
  readonly isThrottled?: boolean
  /** What the broker serves. */
  readonly served: ServedVersions
  /**
   * Asks in the latest version that both sides know. Calls go out in their order, without waiting for earlier answers.
   *
   * @throws ConnectionError when the link is lost, TimeoutError when no answer comes in time: both may have had effect
   * @throws ClosedError when the link is closed
   * @throws UnsupportedVersionError, WireError when there is no way to ask or to read the answer
   */
  call<Input, Value>(api: Rpc<Input, Value>, input: CallInput<Input>, options?: CallOptions): Promise<Value>
  /**
   * Sends what no broker answers: a Produce with `acks` 0. Resolves once it is handed over, which waits while the broker
   * takes no more. That it had effect is never known.
   *
   * @throws as {@link call} does, when there is no way to send it
   */
  tell<Input>(api: Rpc<Input, unknown>, input: CallInput<Input>): Promise<void>
  /** Lets go of the broker; calls under way reject. Idempotent. */
  close(): void
}

/** A way to brokers: over TCP, or into this very process. */
export interface Transport {
  /**
   * Reaches a broker and learns what it serves.
   *
   * @throws ConnectionError, TimeoutError, UnsupportedVersionError
   */
  connect(address: BrokerAddress, options?: { readonly signal?: AbortSignal }): Promise<BrokerLink>
  /** Gives back what the transport holds, its links not included. Idempotent. */
  close(): void
}
