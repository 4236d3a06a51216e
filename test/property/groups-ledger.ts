import assert from 'node:assert/strict'

/** What must be true of a group, whatever happens to its members and its coordinator. */
export class GroupLedger {
  readonly #generations = new Set<number>()
  /** By generation and partition, whose it was. */
  readonly #owners = new Map<string, number>()
  readonly #committed = new Map<number, number>()
  /** The highest offset that anybody came to, by partition. */
  readonly #processed = new Map<number, number>()
  readonly #failures: unknown[] = []

  /** Rebalances that came to their end: generations that members have heard of. */
  get rebalanceCount(): number {
    return this.#generations.size
  }

  /** A member has joined a generation. */
  join(generationId: number): void {
    this.#generations.add(generationId)
  }

  /** A member was given partitions. In one generation, a partition has one owner. */
  own(generationId: number, memberIndex: number, partitions: readonly number[]): void {
    for (const partition of partitions) {
      const key = `generation ${generationId}, partition ${partition}`
      const owner = this.#owners.get(key) ?? memberIndex
      assert.equal(memberIndex, owner, `${key} is given to two members`)
      this.#owners.set(key, owner)
    }
  }

  /** A member has processed the record of an offset, and is about to commit it. Nobody may begin beyond the next one. */
  process(partition: number, offset: number): void {
    const next = (this.#processed.get(partition) ?? -1) + 1
    assert.ok(offset <= next, `partition ${partition}: offset ${offset} comes, and ${next} never came`)
    this.#processed.set(partition, Math.max(offset, next - 1))
  }

  /** A commit was accepted. Only the owner commits, and goes on from where the last one was: no offset comes twice. */
  commit(partition: number, offset: number): void {
    const before = this.committed(partition)
    assert.ok(offset > before, `partition ${partition}: offset ${offset} was committed after ${before}`)
    this.#committed.set(partition, offset)
  }

  /** The last offset of a partition whose commit was accepted, or -1. */
  committed(partition: number): number {
    return this.#committed.get(partition) ?? -1
  }

  /** Something went wrong where nobody was waiting. */
  fail(error: unknown): void {
    this.#failures.push(error)
  }

  /** @throws the first that went wrong */
  check(): void {
    for (const failure of this.#failures) throw failure
  }
}
