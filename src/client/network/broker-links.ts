import { ClosedError, ConnectionError, TidemarkError } from '../../base/errors.ts'
import { keepAlive } from '../../env/keep-alive.ts'
import { type BrokerAddress, formatAddress } from './broker-address.ts'
import type { ReconnectBackoff } from './reconnect-backoff.ts'
import type { BrokerLink, Transport } from './transport.ts'

/** The purpose of links that anybody may use. */
export const sharedPurpose = ''

/** The links of one purpose, by address. */
interface Purpose {
  readonly links: Map<string, BrokerLink>
  /** Those on their way: who asks meanwhile waits for the same one. */
  readonly opening: Map<string, Promise<BrokerLink>>
  readonly closing: AbortController
}

/**
 * The links to the brokers of a cluster: one for each address, and one more for each purpose that is not to queue behind others, for a
 * broker answers one connection's requests in their order. A link is made when it is first needed, and again once lost; an
 * address that cannot be reached is left alone for a while first.
 */
export class BrokerLinks {
  readonly #transport: Transport
  readonly #backoff: ReconnectBackoff
  readonly #purposes = new Map<string, Purpose>()
  /** Links that nobody is given any more, but whose calls may be under way. */
  #retired: BrokerLink[] = []
  /**
   * From the first use to the end the process is kept alive, as an open connection does: between two connections there are only
   * pauses, which do not, and who waits for a broker to come back would wait in a process that is gone.
   */
  #alive: Disposable | undefined
  #isClosed = false

  constructor(transport: Transport, backoff: ReconnectBackoff) {
    this.#transport = transport
    this.#backoff = backoff
  }

  /** The open link of `purpose` with the fewest calls under way, one that is not throttled before others; undefined when there is none. */
  leastLoaded(purpose = sharedPurpose): BrokerLink | undefined {
    const links = this.#purposes.get(purpose)?.links.values() ?? []
    const open = [...links].filter(({ isOpen }) => isOpen)
    return open.toSorted((a, b) => loadOf(a) - loadOf(b))[0]
  }

  /** @throws as {@link Transport.connect} does, ClosedError after {@link close} or {@link release} */
  async to(address: BrokerAddress, purpose = sharedPurpose): Promise<BrokerLink> {
    if (this.#isClosed) throw closedError()
    this.#alive ??= keepAlive()
    const its = this.#purposes.get(purpose) ?? this.#begin(purpose)
    const key = formatAddress(address)
    const known = its.links.get(key)
    if (known?.isOpen === true) return known
    return await (its.opening.get(key) ?? this.#open(address, key, its))
  }

  /**
   * A link to the first of `addresses` that can be reached. Those whose link was lost come later, for they may be reached and yet not
   * answer; those that could not be reached lately come last.
   *
   * @throws ConnectionError, or what the only one was refused with
   */
  async toAny(addresses: readonly BrokerAddress[], purpose = sharedPurpose): Promise<BrokerLink> {
    const failures: Error[] = []
    const distinct = new Map(addresses.map((address) => [formatAddress(address), address]))
    const links = this.#purposes.get(purpose)?.links
    const ranked = [...distinct].map(([key, address]) => {
      const isLost = links?.get(key)?.isOpen === false
      return { address, pauseMs: this.#backoff.pauseMs(key), lostCount: isLost ? 1 : 0 }
    })
    ranked.sort((a, b) => a.pauseMs - b.pauseMs || a.lostCount - b.lostCount)
    for (const { address } of ranked)
      try {
        return await this.to(address, purpose)
      } catch (error) {
        if (!(error instanceof Error) || error instanceof ClosedError) throw error
        failures.push(error)
      }
    throw noneReached([...distinct.keys()], failures)
  }

  /** Closes the links of `purpose`, and those on their way. */
  release(purpose: string): void {
    const its = this.#purposes.get(purpose)
    if (its === undefined) return
    this.#purposes.delete(purpose)
    its.closing.abort(closedError())
    for (const link of its.links.values()) link.close()
  }

  /** Gives nobody the links of `purpose` any more. Calls under way go on; when there are none, and others have been made, the links are closed. */
  retire(purpose: string): void {
    const links = this.#purposes.get(purpose)?.links
    const open = [...this.#retired, ...(links?.values() ?? [])].filter(({ isOpen }) => isOpen)
    this.#retired = open
    links?.clear()
  }

  /** Closes all links, and those on their way, and lets the process end. Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#alive?.[Symbol.dispose]()
    for (const link of this.#retired) link.close()
    for (const purpose of [...this.#purposes.keys()]) this.release(purpose)
  }

  #begin(purpose: string): Purpose {
    const its = { links: new Map(), opening: new Map(), closing: new AbortController() }
    this.#purposes.set(purpose, its)
    return its
  }

  #open(address: BrokerAddress, key: string, its: Purpose): Promise<BrokerLink> {
    const opening = this.#connect(address, key, its).finally(() => its.opening.delete(key))
    its.opening.set(key, opening)
    return opening
  }

  async #connect(address: BrokerAddress, key: string, its: Purpose): Promise<BrokerLink> {
    const { signal } = its.closing
    await this.#backoff.pause(key, signal)
    const link = await this.#connectNow(address, key, signal)
    if (signal.aborted) {
      link.close()
      throw signal.reason
    }
    its.links.set(key, link)
    this.#sweep(its)
    return link
  }

  /** Lets go of what is of no use any more: brokers come and go, and with them their addresses. */
  #sweep({ links }: Purpose): void {
    for (const [key, { isOpen }] of links) if (!isOpen) links.delete(key)
    const busy = this.#retired.filter(({ inFlightCount }) => inFlightCount > 0)
    for (const link of this.#retired) if (link.inFlightCount === 0) link.close()
    this.#retired = busy
  }

  async #connectNow(address: BrokerAddress, key: string, signal: AbortSignal): Promise<BrokerLink> {
    try {
      const link = await this.#transport.connect(address, { signal })
      this.#backoff.reached(key)
      return link
    } catch (error) {
      if (!signal.aborted) this.#backoff.failed(key)
      throw error
    }
  }
}

/** What is throttled comes after all that is not. */
function loadOf({ inFlightCount, isThrottled = false }: BrokerLink): number {
  return inFlightCount + (isThrottled ? Number.MAX_SAFE_INTEGER / 2 : 0)
}

function closedError(): ClosedError {
  return new ClosedError('the client is closed')
}

function noneReached(addresses: readonly string[], failures: readonly Error[]): Error {
  const [first] = failures
  // Where all refuse for good, such as brokers that are not trusted, nobody needs to try again.
  const isHopeless = failures.every((error) => error instanceof TidemarkError && !error.retriable)
  if (first !== undefined && (failures.length === 1 || isHopeless)) return first
  const reasons = failures.map(({ message }) => message).join('; ')
  return new ConnectionError(addresses.join(', '), `no broker can be reached: ${reasons}`, { cause: first })
}
