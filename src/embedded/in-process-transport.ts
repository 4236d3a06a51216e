import type { Broker } from '../broker/broker.ts'
import { type ClientLimitOptions, resolveClientLimits } from '../client/cluster/client-options.ts'
import { type BrokerAddress, formatAddress } from '../client/network/broker-address.ts'
import type { BrokerLink, Transport } from '../client/network/transport.ts'
import { Timers } from '../env/timers.ts'
import { FrameMemory } from '../wire/frame-memory.ts'
import { InProcessLink, type LinkSettings } from './in-process-link.ts'

/** How an {@link InProcessTransport} is made. */
export interface InProcessTransportOptions {
  readonly broker: Broker
  /** What the client calls itself in each request: Kafka's `client.id`. Default `tidemark`. */
  readonly clientId?: string
  readonly limits?: ClientLimitOptions
  /** Told of what a handler should not have thrown; the client is answered UNKNOWN_SERVER_ERROR. Default: nobody. */
  readonly onFailure?: (message: string, error: unknown) => void
}

/** The way to a broker of this process. It has one broker, which answers at every address. */
export class InProcessTransport implements Transport {
  readonly #settings: LinkSettings

  constructor({ broker, clientId = 'tidemark', limits, onFailure = () => {} }: InProcessTransportOptions) {
    const timers = new Timers(broker.env.clock)
    const { requestTimeoutMs } = resolveClientLimits(limits)
    this.#settings = { broker, timers, clientId, requestTimeoutMs, memory: new FrameMemory(), onFailure }
  }

  async connect(
    address: BrokerAddress,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<BrokerLink> {
    signal?.throwIfAborted()
    return new InProcessLink(formatAddress(address), this.#settings)
  }

  close(): void {
    this.#settings.timers.close()
  }
}
