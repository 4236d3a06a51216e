import { ClosedError, ConnectionError } from '../../base/errors.ts'
import { type BrokerAddress, formatAddress } from './broker-address.ts'
import type { BrokerLink, Transport } from './transport.ts'

/** The links to the brokers of a cluster, one for each address. A link is made when it is first needed, and again once lost. */
export class BrokerLinks {
  readonly #transport: Transport
  readonly #links = new Map<string, BrokerLink>()
  /** Those on their way: who asks meanwhile waits for the same one. */
  readonly #opening = new Map<string, Promise<BrokerLink>>()
  readonly #closing = new AbortController()

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The open link with the fewest calls under way; undefined when there is none. */
  leastLoaded(): BrokerLink | undefined {
    const open = [...this.#links.values()].filter(({ isOpen }) => isOpen)
    return open.toSorted((a, b) => a.inFlightCount - b.inFlightCount)[0]
  }

  /** @throws as {@link Transport.connect} does, ClosedError after {@link close} */
  async to(address: BrokerAddress): Promise<BrokerLink> {
    this.#closing.signal.throwIfAborted()
    const key = formatAddress(address)
    const known = this.#links.get(key)
    if (known?.isOpen === true) return known
    const opening = this.#opening.get(key) ?? this.#open(address, key)
    return await opening
  }

  /**
   * A link to the first of `addresses` that can be reached.
   *
   * @throws ConnectionError, or what the only one was refused with
   */
  async toAny(addresses: readonly BrokerAddress[]): Promise<BrokerLink> {
    const failures: Error[] = []
    const distinct = new Map(addresses.map((address) => [formatAddress(address), address]))
    for (const address of distinct.values())
      try {
        return await this.to(address)
      } catch (error) {
        if (!(error instanceof Error) || this.#closing.signal.aborted) throw error
        failures.push(error)
      }
    const [first] = failures
    if (first !== undefined && failures.length === 1) throw first
    const names = [...distinct.keys()].join(', ')
    const reasons = failures.map(({ message }) => message).join('; ')
    throw new ConnectionError(names, `no broker can be reached: ${reasons}`, { cause: first })
  }

  /** Closes all links, and those on their way. Idempotent. */
  close(): void {
    this.#closing.abort(new ClosedError('the client is closed'))
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  #open(address: BrokerAddress, key: string): Promise<BrokerLink> {
    const opening = this.#connect(address, key).finally(() => this.#opening.delete(key))
    this.#opening.set(key, opening)
    return opening
  }

  async #connect(address: BrokerAddress, key: string): Promise<BrokerLink> {
    const { signal } = this.#closing
    const link = await this.#transport.connect(address, { signal })
    if (signal.aborted) {
      link.close()
      throw signal.reason
    }
    this.#links.set(key, link)
    return link
  }
}
