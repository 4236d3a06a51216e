import { SerialQueue } from '../../base/serial-queue.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { RebalanceProtocol } from './assignor.ts'
import type { Release } from './member-effects.ts'
import type { MembershipHost } from './membership-host.ts'
import { without } from '../cluster/topic-partitions.ts'

/** Told of each thing that a host has been told. */
export type OnTold = (kind: 'assigned' | 'revoked' | 'lost', partitions: readonly TopicPartition[]) => void

/** Tells a host which partitions come and go: one thing after the other, in the order in which they were decided. */
export class HostTellings {
  readonly #host: MembershipHost
  readonly #protocol: RebalanceProtocol
  readonly #onTold: OnTold
  readonly #queue = new SerialQueue()
  #lossCount = 0

  constructor(host: MembershipHost, protocol: RebalanceProtocol, onTold: OnTold) {
    this.#host = host
    this.#protocol = protocol
    this.#onTold = onTold
  }

  /** How often partitions were lost so far. */
  get lossCount(): number {
    return this.#lossCount
  }

  /** Has given up what `release` says. */
  async release(release: Release): Promise<void> {
    await this.#queue.run(async () => {
      const partitions = await this.#toRelease(release)
      if (release === 'lost') await this.#lose(partitions)
      else await this.#revoke(partitions)
    })
  }

  /**
   * Brings the host to what it is assigned: first it gives up the rest, then it gets what is new.
   *
   * @param isCurrent whether the assignment still holds
   * @returns what the host has given up
   */
  async adopt(
    assigned: readonly TopicPartition[],
    isCurrent: () => boolean,
  ): Promise<readonly TopicPartition[]> {
    return await this.#queue.run(async () => {
      if (!isCurrent()) return []
      const owned = this.#host.owned()
      const taken = without(owned, assigned)
      await this.#revoke(taken)
      if (!isCurrent()) return taken
      const added = without(assigned, owned)
      await this.#host.assigned(added)
      this.#onTold('assigned', added)
      return taken
    })
  }

  /** Under the cooperative protocol a member that joins again keeps what it still wants. */
  async #toRelease(release: Release): Promise<readonly TopicPartition[]> {
    const owned = this.#host.owned()
    if (release !== 'rejoin' || this.#protocol === 'eager' || owned.length === 0) return owned
    const wanted = new Set(await this.#host.subscription())
    return owned.filter(({ topic }) => !wanted.has(topic))
  }

  async #lose(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return
    this.#lossCount++
    await this.#host.lost(partitions)
    this.#onTold('lost', partitions)
  }

  async #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return
    await this.#host.revoked(partitions)
    this.#onTold('revoked', partitions)
  }
}
