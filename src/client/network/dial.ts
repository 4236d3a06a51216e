import { isIP, type Socket, connect as connectTcp } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { BrokerAddress } from './broker-address.ts'

/**
 * How a broker proves who it is, and the client too if the broker wants that: options of `node:tls`. Brokers are verified unless
 * `rejectUnauthorized` is false, against `ca` or, without it, what Node trusts.
 */
export type TlsOptions = Pick<
  ConnectionOptions,
  | 'ca'
  | 'cert'
  | 'key'
  | 'passphrase'
  | 'pfx'
  | 'servername'
  | 'rejectUnauthorized'
  | 'checkServerIdentity'
  | 'minVersion'
  | 'maxVersion'
  | 'ciphers'
  | 'ALPNProtocols'
>

/** `true`: TLS with the defaults of {@link TlsOptions}. */
export type TlsSettings = true | TlsOptions

/** After so long without a byte the system asks whether the other side still lives. */
const keepAliveDelayMs = 60_000

/** A socket on its way to a broker. */
export interface Dialled {
  readonly socket: Socket
  /** What the socket emits once it may be written to: with TLS that is when the broker is trusted. */
  readonly readyEvent: 'connect' | 'secureConnect'
}

/** Connects to `where`, with `tls` if it is given. */
export function dial(where: BrokerAddress, tls: TlsSettings | undefined): Dialled {
  const socket = tls === undefined ? connectTcp(where) : connectTls(tlsOptions(where, tls))
  socket.setNoDelay(true)
  socket.setKeepAlive(true, keepAliveDelayMs)
  return { socket, readyEvent: tls === undefined ? 'connect' : 'secureConnect' }
}

function tlsOptions({ host, port }: BrokerAddress, tls: TlsSettings): ConnectionOptions {
  // An address is no name: SNI has none for it, and the certificate is held against the address itself.
  const named = isIP(host) === 0 ? { servername: host } : {}
  return { ...named, ...(tls === true ? {} : tls), host, port }
}
