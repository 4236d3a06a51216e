/** Why a connection was not accepted: the limit that was reached, by Kafka's name. */
export type RefusalReason = 'max.connections' | 'max.connections.per.ip' | 'max.connection.creation.rate'

/** Counts of connections, and connections per second; `Infinity` for no limit. */
export interface ConnectionLimitsConfig {
  readonly maxConnections: number
  readonly maxConnectionsPerIp: number
  readonly maxConnectionCreationRate: number
}

/** Decides who may connect. Knows of connections only what it is told. */
export class ConnectionLimits {
  readonly #config: ConnectionLimitsConfig
  readonly #countByAddress = new Map<string, number>()
  #count = 0
  /** Connections that may still be created now: refilled at the allowed rate, up to what one second allows. */
  #credit: number
  #creditMs = 0

  constructor(config: ConnectionLimitsConfig) {
    this.#config = config
    this.#credit = config.maxConnectionCreationRate
  }

  /** Connections admitted and not released. */
  get count(): number {
    return this.#count
  }

  /** Counts a connection in, at `nowMs` by the monotonic clock, or says which limit forbids it. */
  admit(address: string, nowMs: number): RefusalReason | undefined {
    const countOfAddress = this.#countByAddress.get(address) ?? 0
    if (this.#count >= this.#config.maxConnections) return 'max.connections'
    if (countOfAddress >= this.#config.maxConnectionsPerIp) return 'max.connections.per.ip'
    if (!this.#spendCredit(nowMs)) return 'max.connection.creation.rate'
    this.#count++
    this.#countByAddress.set(address, countOfAddress + 1)
    return undefined
  }

  /** Counts out a connection that {@link admit} counted in. */
  release(address: string): void {
    this.#count--
    const left = (this.#countByAddress.get(address) ?? 0) - 1
    if (left > 0) this.#countByAddress.set(address, left)
    else this.#countByAddress.delete(address)
  }

  #spendCredit(nowMs: number): boolean {
    const perSecond = this.#config.maxConnectionCreationRate
    if (perSecond === Number.POSITIVE_INFINITY) return true
    this.#credit = Math.min(perSecond, this.#credit + ((nowMs - this.#creditMs) * perSecond) / 1000)
    this.#creditMs = nowMs
    if (this.#credit < 1) return false
    this.#credit--
    return true
  }
}
