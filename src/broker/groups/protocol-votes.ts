import { assert } from '../../base/assert.ts'
import type { GroupMember, MemberProtocol } from './group-member.ts'

/** Which protocols all members have in common, kept up to date as members come and go. */
export class ProtocolVotes {
  /** How many members have a protocol. */
  readonly #supporterCounts = new Map<string, number>()
  #memberCount = 0

  add(protocols: readonly MemberProtocol[]): void {
    this.#memberCount++
    for (const name of namesOf(protocols))
      this.#supporterCounts.set(name, (this.#supporterCounts.get(name) ?? 0) + 1)
  }

  remove(protocols: readonly MemberProtocol[]): void {
    this.#memberCount--
    for (const name of namesOf(protocols)) {
      const count = (this.#supporterCounts.get(name) ?? 0) - 1
      if (count > 0) this.#supporterCounts.set(name, count)
      else this.#supporterCounts.delete(name)
    }
  }

  /** Whether every member has the protocol. */
  isCommon(name: string): boolean {
    return (this.#supporterCounts.get(name) ?? 0) === this.#memberCount
  }

  /** The protocol that most members prefer among those that all of them have; of equals, the one voted for first. */
  elect(members: Iterable<GroupMember>): string {
    const counts = new Map<string, number>()
    for (const { terms } of members) {
      const vote = terms.protocols.find(({ name }) => this.isCommon(name))
      if (vote !== undefined) counts.set(vote.name, (counts.get(vote.name) ?? 0) + 1)
    }
    const [first, ...others] = counts
    // Joining is refused to whoever shares no protocol with all the others.
    assert(first !== undefined, 'the members of a group have a protocol in common')
    return others.reduce((best, candidate) => (candidate[1] > best[1] ? candidate : best), first)[0]
  }
}

function namesOf(protocols: readonly MemberProtocol[]): Set<string> {
  return new Set(protocols.map(({ name }) => name))
}
