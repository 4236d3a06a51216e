import type { TopicPartition } from '../../cluster/cluster-metadata.ts'
import { compareText } from '../assignor.ts'
import { partitionKey } from '../../cluster/topic-partitions.ts'

/** Who wants what, and had what. */
export interface UnevenDemand {
  /** In order. */
  readonly topics: readonly string[]
  readonly partitionsOf: (topic: string) => readonly TopicPartition[]
  /** The members that want a topic, by their ids. */
  readonly takersOf: (topic: string) => readonly string[]
  /** What each member had, of topics that it wants. */
  readonly owned: ReadonlyMap<string, readonly TopicPartition[]>
}

/**
 * Sticky assignment where members want different topics. First everybody keeps what it had and the rest goes to whoever
 * has least; then, as long as somebody has at least two more than somebody else who can get one of them, be it by way of
 * others, partitions are handed on by the way that takes the fewest from members that had them.
 *
 * This ends in the most even assignment that there is: no way left that evens anything out means, as in a semi-matching
 * (Harvey, Ladner, Lovász and Tamir, 2006), that the sum of the squares of all counts is the least possible.
 */
export function assignByTopics(demand: UnevenDemand): Map<string, TopicPartition[]> {
  const hands = new Hands(demand)
  hands.giveRest()
  while (hands.evenOut());
  hands.giveBack()
  return hands.toLists()
}

/** The way to a member: from whom, and by which topic. */
interface Step {
  readonly from: string
  readonly topic: string
  /** How many partitions on the way are taken from members that had them, and in how many steps. */
  readonly taken: number
  readonly length: number
}

/** What everybody has in hand while it is being decided. */
class Hands {
  readonly #demand: UnevenDemand
  /** By member and topic. */
  readonly #held = new Map<string, Map<string, Set<TopicPartition>>>()
  readonly #counts = new Map<string, number>()
  readonly #previousOwner = new Map<string, string>()

  constructor(demand: UnevenDemand) {
    this.#demand = demand
    for (const [memberId, partitions] of demand.owned) {
      this.#held.set(memberId, new Map())
      this.#counts.set(memberId, 0)
      for (const partition of partitions) {
        this.#previousOwner.set(partitionKey(partition), memberId)
        this.#put(memberId, partition)
      }
    }
  }

  /** Those that nobody had go to whoever has least, those first that the fewest want. */
  giveRest(): void {
    const { topics, takersOf, partitionsOf } = this.#demand
    for (const topic of topics.toSorted((a, b) => takersOf(a).length - takersOf(b).length))
      for (const partition of partitionsOf(topic))
        if (!this.#previousOwner.has(partitionKey(partition)))
          this.#put(this.#poorest(takersOf(topic)), partition)
  }

  /** Hands partitions on along one way that makes things more even; false when there is none. */
  evenOut(): boolean {
    const richestFirst = [...this.#counts].toSorted(([a, x], [b, y]) => y - x || compareText(a, b))
    const least = richestFirst.at(-1)?.[1] ?? 0
    for (const [memberId, count] of richestFirst) {
      if (count - least < 2) return false
      const ways = this.#waysFrom(memberId)
      const end = this.#bestEnd(ways, count - 2)
      if (end === undefined) continue
      this.#handOn(ways, memberId, end)
      return true
    }
    return false
  }

  /** Partitions go back to whoever had them where that leaves things as even: it has one less than who holds them now. */
  giveBack(): void {
    for (const [holder, topics] of this.#held)
      for (const partition of [...topics.values()].flatMap((partitions) => [...partitions])) {
        const before = this.#previousOwner.get(partitionKey(partition))
        if (before !== undefined && this.#countOf(holder) > this.#countOf(before))
          this.#move(holder, before, partition.topic)
      }
  }

  toLists(): Map<string, TopicPartition[]> {
    return new Map(
      [...this.#held].map(([memberId, byTopic]) => [
        memberId,
        [...byTopic.values()].flatMap((set) => [...set]),
      ]),
    )
  }

  /** The best way to each member that can be reached: Dijkstra's search, without a heap: groups are small. */
  #waysFrom(start: string): Map<string, Step> {
    const ways = new Map<string, Step>()
    const open = new Map<string, Pick<Step, 'taken' | 'length'>>([[start, { taken: 0, length: 0 }]])
    const done = new Set<string>()
    while (open.size > 0) {
      const [memberId, so] = [...open].reduce((best, each) => (isShorter(each[1], best[1]) ? each : best))
      open.delete(memberId)
      done.add(memberId)
      for (const [topic, partitions] of this.#held.get(memberId) ?? []) {
        if (partitions.size === 0) continue
        const taken = so.taken + (this.#spare(memberId, topic) === undefined ? 1 : 0)
        const step = { from: memberId, topic, taken, length: so.length + 1 }
        for (const taker of this.#demand.takersOf(topic)) {
          const known = ways.get(taker)
          if (done.has(taker) || (known !== undefined && !isShorter(step, known))) continue
          ways.set(taker, step)
          open.set(taker, step)
        }
      }
    }
    return ways
  }

  /** Where a way is best ended: at somebody who has no more than `maxCount`. */
  #bestEnd(ways: ReadonlyMap<string, Step>, maxCount: number): string | undefined {
    let best: readonly [string, Step] | undefined
    for (const way of ways)
      if (this.#countOf(way[0]) <= maxCount && (best === undefined || this.#isBetter(way, best))) best = way
    return best?.[0]
  }

  #isBetter([a, stepA]: readonly [string, Step], [b, stepB]: readonly [string, Step]): boolean {
    if (isShorter(stepA, stepB) || isShorter(stepB, stepA)) return isShorter(stepA, stepB)
    return (this.#countOf(a) - this.#countOf(b) || compareText(a, b)) < 0
  }

  /** Moves one partition per step, from the end of the way to its beginning. */
  #handOn(ways: ReadonlyMap<string, Step>, start: string, end: string): void {
    for (let to = end; to !== start; ) {
      const step = ways.get(to)
      if (step === undefined) return
      this.#move(step.from, to, step.topic)
      to = step.from
    }
  }

  #move(from: string, to: string, topic: string): void {
    const partitions = this.#held.get(from)?.get(topic) ?? new Set<TopicPartition>()
    const comesBack = [...partitions].find((each) => this.#previousOwner.get(partitionKey(each)) === to)
    const moved = comesBack ?? this.#spare(from, topic) ?? [...partitions].at(-1)
    if (moved === undefined) return
    partitions.delete(moved)
    this.#counts.set(from, this.#countOf(from) - 1)
    this.#put(to, moved)
  }

  /** A partition that the member did not have before, if it holds one of the topic. */
  #spare(memberId: string, topic: string): TopicPartition | undefined {
    for (const partition of this.#held.get(memberId)?.get(topic) ?? [])
      if (this.#previousOwner.get(partitionKey(partition)) !== memberId) return partition
    return undefined
  }

  #poorest(memberIds: readonly string[]): string {
    return memberIds.reduce((least, each) => (this.#countOf(each) < this.#countOf(least) ? each : least))
  }

  #countOf(memberId: string): number {
    return this.#counts.get(memberId) ?? 0
  }

  #put(memberId: string, partition: TopicPartition): void {
    const byTopic = this.#held.get(memberId)
    const partitions = byTopic?.get(partition.topic) ?? new Set<TopicPartition>()
    byTopic?.set(partition.topic, partitions.add(partition))
    this.#counts.set(memberId, this.#countOf(memberId) + 1)
  }
}

function isShorter(a: Pick<Step, 'taken' | 'length'>, b: Pick<Step, 'taken' | 'length'>): boolean {
  return a.taken < b.taken || (a.taken === b.taken && a.length < b.length)
}
