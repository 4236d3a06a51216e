import type { MemberEvent } from './member-host.ts'

/** A partition in the hands of one member, from when to when. */
interface Stint {
  readonly member: string
  readonly partition: number
  readonly fromMs: number
  /** Infinity while it lasts. */
  toMs: number
}

interface Waiter {
  readonly isDue: () => boolean
  readonly done: () => void
}

/** What the members of a group have told: who had which partition when, and what was read how often. */
export class GroupLedger {
  readonly #partitionCount: number
  readonly #stints: Stint[] = []
  /** Per partition, who was the first to read each offset. */
  readonly #readers: (MemberEvent | undefined)[][]
  /** Who is to have a share, and the last generation that each was told of; -1 for none. */
  readonly #living = new Map<string, number>()
  readonly #left = new Set<string>()
  #waiters: Waiter[] = []
  /** Readings of what had been read before. */
  readonly #repeated: { readonly first: string; readonly what: string }[] = []
  /** Who could not commit: the killed, and Java members that were closed within a rebalance, which take what they have for lost. */
  readonly #excused = new Set<string>()
  /** The last generation that a member has told of. */
  generation = 0
  /** Members of ours that had lost partitions before they gave them up. */
  readonly forfeited: string[] = []
  readonly failures: string[] = []

  constructor(partitionCount: number) {
    this.#partitionCount = partitionCount
    this.#readers = Array.from({ length: partitionCount }, () => [])
  }

  /** A member that is to have its share from now on. */
  expect(member: string): void {
    this.#living.set(member, -1)
  }

  /** A member that is to have nothing any more. */
  dismiss(member: string): void {
    this.#living.delete(member)
  }

  /** A member has ended without a word. */
  bury(member: string, atMs: number): void {
    this.dismiss(member)
    this.#left.add(member)
    this.#excused.add(member)
    this.#end(member, atMs, () => true)
    this.#wake()
  }

  take(event: MemberEvent): void {
    if (event.kind === 'read') this.#read(event)
    else if (event.kind === 'assigned') this.#begin(event)
    else if (event.kind === 'failed') this.failures.push(`${event.member}: ${event.reason}`)
    else if (event.kind === 'left') this.#left.add(event.member)
    else {
      if (event.kind === 'lost' && event.partitions.length > 0) this.#forfeit(event.member)
      this.#end(event.member, event.atMs, ({ partition }) => event.partitions.includes(partition))
    }
    this.#wake()
  }

  /** Whether each living member has its share of the partitions, nobody else has any, and no rebalance is under way. */
  get isShared(): boolean {
    const held = this.#stints.filter(({ toMs }) => toMs === Infinity)
    const shares = [...this.#living.keys()].map(
      (member) => held.filter((stint) => stint.member === member).length,
    )
    return (
      [...this.#living.values()].every((generation) => generation === this.generation) &&
      held.length === this.#partitionCount &&
      shares.reduce((sum, share) => sum + share, 0) === held.length &&
      Math.max(...shares) - Math.min(...shares) <= 1
    )
  }

  hasLeft(member: string): boolean {
    return this.#left.has(member)
  }

  /** How many records of `[0, end)` of each partition were never read. */
  lostCount(ends: readonly number[]): number {
    const readCounts = ends.map((end, partition) => {
      const readers = this.#readers[partition]?.slice(0, end) ?? []
      return readers.filter((reader) => reader !== undefined).length
    })
    return ends.reduce((sum, end, partition) => sum + end - (readCounts[partition] ?? 0), 0)
  }

  get doubledCount(): number {
    return this.#repeated.length
  }

  /** Readings of what one had read before who could have committed it. */
  needless(): string[] {
    return this.#repeated.filter(({ first }) => !this.#excused.has(first)).map(({ what }) => what)
  }

  /** Partitions that two members had at the same time. */
  overlaps(): string[] {
    const found: string[] = []
    const last = new Map<number, Stint>()
    for (const stint of this.#stints.toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)) {
      const before = last.get(stint.partition)
      if (before !== undefined && before.toMs > stint.fromMs)
        found.push(
          `partition ${stint.partition}: ${stint.member} had it from ${stint.fromMs}, ${before.member} until ${before.toMs}`,
        )
      last.set(stint.partition, stint)
    }
    return found
  }

  /** Resolves when `isDue`, which is asked after every event. @throws Error after `timeoutMs`, or when a member has failed */
  async until(what: string, isDue: () => boolean, timeoutMs: number): Promise<void> {
    if (isDue()) return
    await new Promise<void>((resolve, reject) => {
      const fail = () => reject(new Error(`not within ${timeoutMs} ms: ${what}. ${this.#describe()}`))
      const timer = setTimeout(fail, timeoutMs)
      const done = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#waiters.push({ isDue: () => isDue() || this.failures.length > 0, done })
    })
    if (this.failures.length > 0) throw new Error(this.#describe())
  }

  #describe(): string {
    const held = this.#stints.filter(({ toMs }) => toMs === Infinity)
    const lines = held.map(({ member, partition }) => `${partition} has ${member}`)
    return `Living: ${[...this.#living].map((each) => each.join(' in ')).join(', ')} of ${this.generation}; ${lines.join(', ')}; failures: ${this.failures.join('; ') || 'none'}`
  }

  #begin({ member, atMs, generation, partitions }: MemberEvent & { kind: 'assigned' }): void {
    this.generation = Math.max(this.generation, generation)
    if (this.#living.has(member)) this.#living.set(member, generation)
    for (const partition of partitions) this.#stints.push({ member, partition, fromMs: atMs, toMs: Infinity })
  }

  #forfeit(member: string): void {
    if (member.startsWith('java')) this.#excused.add(member)
    else this.forfeited.push(member)
  }

  #end(member: string, atMs: number, isMeant: (stint: Stint) => boolean): void {
    for (const stint of this.#stints)
      if (stint.member === member && stint.toMs === Infinity && isMeant(stint)) stint.toMs = atMs
  }

  #read(event: MemberEvent & { kind: 'read' }): void {
    const { member, atMs, partition, offset } = event
    const readers = (this.#readers[partition] ??= [])
    const first = readers[offset]
    readers[offset] = first ?? event
    if (first === undefined) return
    const place = `offset ${offset} of partition ${partition}`
    const what = `${member} reads ${place} at ${atMs}, ${first.member} did at ${first.atMs}`
    this.#repeated.push({ first: first.member, what })
  }

  #wake(): void {
    const due = this.#waiters.filter(({ isDue }) => isDue())
    this.#waiters = this.#waiters.filter((each) => !due.includes(each))
    for (const { done } of due) done()
  }
}
