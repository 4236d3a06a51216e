import { ClassicGroup } from './classic-group.ts'
import type { GroupConfig } from './group-config.ts'
import { type CommittedOffset, GroupOffsets } from './group-offsets.ts'

/**
 * A group, and what it has committed. `group.type` tells by which protocol its members live; offsets are the same for
 * all of them.
 */
export interface GroupEntry {
  readonly group: ClassicGroup
  readonly offsets: GroupOffsets
}

/** The groups of one partition of `__consumer_offsets`, by their ids. */
export class GroupTable {
  readonly #entries = new Map<string, GroupEntry>()
  /** The groups that take part in each open transaction, by its producer's id. */
  readonly #transactions = new Map<number, Set<string>>()
  readonly #config: GroupConfig
  readonly #nowMs: () => number

  constructor(config: GroupConfig, nowMs: () => number) {
    this.#config = config
    this.#nowMs = nowMs
  }

  get count(): number {
    return this.#entries.size
  }

  get(groupId: string): GroupEntry | undefined {
    return this.#entries.get(groupId)
  }

  getOrCreate(groupId: string): GroupEntry {
    const known = this.#entries.get(groupId)
    if (known !== undefined) return known
    const group = new ClassicGroup(groupId, this.#config, this.#nowMs)
    const entry = { group, offsets: new GroupOffsets() }
    this.#entries.set(groupId, entry)
    return entry
  }

  /** Takes an offset that is in the log; with a `producerId`, as part of a transaction. Calls follow the order of the log. */
  commit(
    groupId: string,
    topic: string,
    partition: number,
    committed: CommittedOffset,
    producerId?: number,
  ): void {
    this.getOrCreate(groupId).offsets.commit(topic, partition, committed, producerId)
    if (producerId === undefined) return
    const groupIds = this.#transactions.get(producerId)
    if (groupIds === undefined) this.#transactions.set(producerId, new Set([groupId]))
    else groupIds.add(groupId)
  }

  /** The marker of a transaction is in the log. */
  endTransaction(producerId: number, isCommitted: boolean): void {
    for (const groupId of this.#transactions.get(producerId) ?? [])
      this.#entries.get(groupId)?.offsets.endTransaction(producerId, isCommitted)
    this.#transactions.delete(producerId)
  }

  delete(groupId: string): void {
    this.#entries.delete(groupId)
  }

  /**
   * Forgets a group that has never come to anything. One that has lost its last offset stays, as in Kafka, until its
   * expired offsets are looked for the next time.
   */
  dropIfBlank(groupId: string): void {
    const entry = this.#entries.get(groupId)
    if (entry?.group.isBlank && !entry.offsets.hasCommitted) this.#entries.delete(groupId)
  }

  /** A copy, which stays as it is when groups go. */
  all(): GroupEntry[] {
    return [...this.#entries.values()]
  }
}
