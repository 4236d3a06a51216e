import { expect } from 'vitest'

/** What must be true of a group, whatever happens to its members and its coordinator. */
export class GroupLedger {
  /** By generation and partition, whose it was. */
  readonly #owners = new Map<string, number>()
  readonly #committed = new Map<number, number>()
  readonly #failures: unknown[] = []

  /** A member was given partitions. In one generation, a partition has one owner. */
  own(generationId: number, memberIndex: number, partitions: readonly number[]): void {
    for (const partition of partitions) {
      const key = `generation ${generationId}, partition ${partition}`
      const owner = this.#owners.get(key) ?? memberIndex
      expect(memberIndex, `the owner in ${key}`).toBe(owner)
      this.#owners.set(key, owner)
    }
  }

  /** A commit was accepted. Only the owner commits, and goes on from where the last one was: no offset comes twice. */
  commit(partition: number, offset: number): void {
    const before = this.#committed.get(partition) ?? -1
    expect(offset, `the offset of partition ${partition}`).toBeGreaterThan(before)
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
