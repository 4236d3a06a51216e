import type { Clock } from '../../env/env.ts'
import { Timers } from '../../env/timers.ts'
import { type ClientLimitOptions, resolveClientLimits } from '../cluster/client-options.ts'
import type { BrokerAddress } from './broker-address.ts'
import { BrokerConnection, type ConnectionSettings } from './broker-connection.ts'
import type { TlsSettings } from './dial.ts'
import type { BrokerLink, Transport } from './transport.ts'

/** How a {@link TcpTransport} is made. */
export interface TcpTransportOptions {
  readonly clock: Clock
  /** What the client calls itself in each request: Kafka's `client.id`. Default `tidemark`. */
  readonly clientId?: string
  /** What brokers are told of the software (KIP-511). Default: `tidemark`, of an unknown version. */
  readonly software?: { readonly name: string; readonly version: string }
  readonly limits?: ClientLimitOptions
  /** Encrypts connections (Kafka's `security.protocol=SSL`); `true` for what Node trusts by default. Default: no encryption. */
  readonly tls?: TlsSettings
}

/** Brokers over TCP, with TLS if that is wanted. */
export class TcpTransport implements Transport {
  readonly #settings: ConnectionSettings

  constructor({ clock, clientId = 'tidemark', software, limits, tls }: TcpTransportOptions) {
    this.#settings = {
      ...{ clock, clientId, tls },
      timers: new Timers(clock),
      software: software ?? { name: 'tidemark', version: 'unknown' },
      limits: resolveClientLimits(limits),
    }
  }

  async connect(
    address: BrokerAddress,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<BrokerLink> {
    return await BrokerConnection.open(address, this.#settings, signal)
  }

  close(): void {
    this.#settings.timers.close()
  }
}
