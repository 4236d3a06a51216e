import { isIPv4 } from 'node:net'

/** Where to listen, and what clients are told. */
export interface ListenerOptions {
  /** Kafka's name of the listener, unique in the server. Default `'PLAINTEXT'`. */
  readonly name?: string
  /** Default `'127.0.0.1'`: nobody but this computer. `'0.0.0.0'` and `'::'` are all addresses of it. */
  readonly host?: string
  /** Default 9092. 0 for any free one. */
  readonly port?: number
  /** The host that clients are told to connect to. Default: `host`; must be given where that is all addresses. */
  readonly advertisedHost?: string
  /** The port that clients are told to connect to. Default: the one listened on. */
  readonly advertisedPort?: number
  /** Whether clients have to authenticate before they may ask for anything large. Default false. */
  readonly requiresAuthentication?: boolean
}

/** A listener as it was asked for, with nothing left open. */
export interface ListenerAddress {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly advertisedHost: string
  /** `undefined`: the port listened on, which for port 0 is known only then. */
  readonly advertisedPort: number | undefined
  readonly requiresAuthentication: boolean
}

/** Where a client reaches a listener: what Metadata and DescribeCluster answer. */
export interface Endpoint {
  readonly name: string
  readonly host: string
  readonly port: number
}

const anyAddress = new Set(['0.0.0.0', '::', '[::]', ''])

/** Applies defaults and checks. Throws TypeError for what clients could not reach, or two of one name or port. */
export function resolveListeners(listeners: readonly ListenerOptions[]): ListenerAddress[] {
  if (listeners.length === 0) throw new TypeError('a server needs at least one listener')
  const resolved = listeners.map(resolveListener)
  refuseTwins(resolved, ({ name }) => name)
  refuseTwins(resolved, ({ name, host, port }) => (port === 0 ? name : `${host}:${port}`))
  return resolved
}

function resolveListener(options: ListenerOptions): ListenerAddress {
  const { name = 'PLAINTEXT', host = '127.0.0.1', port = 9092 } = options
  const advertisedHost = options.advertisedHost ?? host
  checkPort(`port of listener ${name}`, port)
  if (options.advertisedPort !== undefined)
    checkPort(`advertisedPort of listener ${name}`, options.advertisedPort)
  if (anyAddress.has(advertisedHost))
    throw new TypeError(
      `listener ${name} listens on all addresses ('${host}'), which clients cannot connect to: set advertisedHost to the name they know this computer by`,
    )
  const { advertisedPort, requiresAuthentication = false } = options
  return { name, host, port, advertisedHost, advertisedPort, requiresAuthentication }
}

function checkPort(what: string, port: number): void {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(`${what} must be an integer from 0 to 65535; got ${port}`)
}

function refuseTwins(
  listeners: readonly ListenerAddress[],
  keyOf: (listener: ListenerAddress) => string,
): void {
  const seen = new Set<string>()
  for (const key of listeners.map(keyOf)) {
    if (seen.has(key))
      throw new TypeError(`two listeners share '${key}': each needs a name and a port of its own`)
    seen.add(key)
  }
}

/** What clients are told of a listener that listens on `boundPort`. */
export function advertisedEndpoint(address: ListenerAddress, boundPort: number): Endpoint {
  return { name: address.name, host: address.advertisedHost, port: address.advertisedPort ?? boundPort }
}

/**
 * Reads Kafka's `listeners` and `advertised.listeners`: `NAME://host:port`, separated by commas; no host is all
 * addresses, and an IPv6 address stands in brackets. Throws TypeError for anything else.
 */
export function parseListeners(text: string): { name: string; host: string; port: number }[] {
  return text.split(',').map((part) => {
    const match = /^([\w.-]+):\/\/(\[[\da-fA-F:.]+\]|[^:[\]/]*):(\d{1,5})$/.exec(part.trim())
    if (match === null)
      throw new TypeError(`'${part.trim()}' is no listener: write it as PLAINTEXT://localhost:9092`)
    const [, name = '', host = '', port = ''] = match
    checkPort(`port of listener ${name}`, Number(port))
    const bare = host.replace(/^\[|\]$/g, '')
    return { name: name.toUpperCase(), host: bare === '' ? '0.0.0.0' : bare, port: Number(port) }
  })
}

/** An IPv4 client of an IPv6 socket (`::ffff:10.0.0.1`) by its IPv4 address, so that it counts as one client. */
export function plainAddress(address: string): string {
  const mapped = address.replace(/^::ffff:/i, '')
  return isIPv4(mapped) ? mapped : address
}
