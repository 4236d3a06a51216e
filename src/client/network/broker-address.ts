/** Where a broker is reached. */
export interface BrokerAddress {
  readonly host: string
  readonly port: number
}

const defaultPort = 9092

/** `host:port`, an IPv6 address in brackets. */
export function formatAddress({ host, port }: BrokerAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/**
 * Reads Kafka's `bootstrap.servers`: `host:port`, separated by commas. An IPv6 address stands in brackets; without a
 * port it is 9092.
 *
 * @throws TypeError for anything else
 */
export function parseBootstrapServers(text: string): BrokerAddress[] {
  const addresses = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseAddress)
  if (addresses.length === 0) throw new TypeError('there is no bootstrap server: write it as localhost:9092')
  return addresses
}

function parseAddress(text: string): BrokerAddress {
  const match = /^(?:\[([\da-fA-F:.]+(?:%\w+)?)\]|([^:[\]/\s]+))(?::(\d{1,5}))?$/.exec(text)
  const port = Number(match?.[3] ?? defaultPort)
  if (match === null || port < 1 || port > 65_535)
    throw new TypeError(`'${text}' is no bootstrap server: write it as localhost:9092`)
  return { host: match[1] ?? match[2] ?? '', port }
}
