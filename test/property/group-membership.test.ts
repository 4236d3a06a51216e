import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { TidemarkError } from '../../src/base/errors.ts'
import type { TopicPartition } from '../../src/client/cluster/cluster-metadata.ts'
import type { AssignorName } from '../../src/client/group/membership-options.ts'
import { GroupWorld, type TestMember } from '../unit/client/group/group-world.ts'

const seed = process.env.TIDEMARK_SEED === undefined ? {} : { seed: Number(process.env.TIDEMARK_SEED) }

const placeCount = 4
const partitionCount = 7
const sessionTimeoutMs = 10_000
const maxPollIntervalMs = 20_000

type Operation =
  | { readonly kind: 'come' | 'leave' | 'kill' | 'sleep' | 'wake'; readonly place: number }
  | { readonly kind: 'dawdle'; readonly place: number; readonly durationMs: number }
  | { readonly kind: 'pass'; readonly durationMs: number }
  | { readonly kind: 'grow' }

const place = fc.nat(placeCount - 1)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('come' as const), place }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('leave' as const, 'kill' as const, 'sleep' as const, 'wake' as const),
      place,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('dawdle' as const),
      place,
      durationMs: fc.integer({ min: 1, max: 15_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      durationMs: fc.integer({ min: 1, max: 12_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('grow' as const) }) },
)

/** Consumers that come and go: each place has one at a time, the first of them always under the same instance id. */
class Simulation {
  readonly world: GroupWorld
  readonly #assignors: readonly AssignorName[]
  readonly #places: (TestMember | undefined)[] = Array.from({ length: placeCount })
  /** How long members take to give something up. */
  readonly #dawdles = new Map<TestMember, number>()
  /** How far each partition has been worked off, and committed. */
  readonly #offsets = new Map<number, number>()
  #count = 0
  #partitionCount = partitionCount

  handOverCount = 0

  constructor(world: GroupWorld, assignors: readonly AssignorName[]) {
    this.world = world
    this.#assignors = assignors
  }

  async run(what: Operation): Promise<void> {
    if (what.kind === 'pass') return await this.world.pass(what.durationMs)
    if (what.kind === 'grow') return await this.#grow()
    const member = this.#places[what.place]
    if (what.kind === 'come') return member === undefined ? this.#come(what.place) : undefined
    if (member === undefined) return
    const { host, membership } = member
    if (what.kind === 'leave') {
      this.#places[what.place] = undefined
      await this.world.settle(membership.stop())
    } else if (what.kind === 'kill') {
      this.#places[what.place] = undefined
      this.world.kill(member)
    } else if (what.kind === 'dawdle') this.#dawdles.set(member, what.durationMs)
    else {
      host.isWaitingForRecords = what.kind === 'wake'
      membership.pollTouched()
    }
  }

  /** All that live have everything among them, each partition once. */
  async settle(): Promise<void> {
    const alive = this.#places.filter((member) => member !== undefined)
    for (const { host, membership } of alive) {
      host.isWaitingForRecords = true
      membership.pollTouched()
    }
    await this.world.pass(100_000)
    const owned = alive.flatMap(({ host }) => host.owned().map(({ partition }) => partition))
    const all = Array.from(
      { length: alive.length === 0 ? 0 : this.#partitionCount },
      (_, partition) => partition,
    )
    expect(owned.toSorted((a, b) => a - b)).toEqual(all)
    expect(this.world.failures).toEqual([])
    expect(alive.map(({ host }) => host.failure)).toEqual(alive.map(() => undefined))
  }

  #come(at: number): void {
    const instance = at === 0 ? { groupInstanceId: 'one' } : {}
    const options = { assignors: this.#assignors, sessionTimeoutMs, maxPollIntervalMs, ...instance }
    const member = this.world.member(`m${this.#count++}`, options, { metadataMaxAgeMs: 30_000 })
    this.#places[at] = member
    member.host.onAssigned = (partitions) => this.#goOn(member, partitions)
    member.host.onRevoked = (partitions) => this.#handOver(member, partitions)
    member.membership.start()
  }

  /** Whoever gets a partition goes on where the one before has ended. */
  async #goOn({ host, membership }: TestMember, partitions: readonly TopicPartition[]): Promise<void> {
    for (const { partition, offset } of await membership.fetchOffsets(partitions)) {
      const expected = this.#offsets.get(partition) ?? -1
      if (offset !== expected)
        this.world.ledger.faults.push(`${host.name} goes on at ${offset} in ${partition}, not ${expected}`)
    }
  }

  /** Whoever gives a partition up has worked on, and commits. That is refused if the group would not wait any longer. */
  async #handOver(member: TestMember, partitions: readonly TopicPartition[]): Promise<void> {
    await this.world.clock.sleep(this.#dawdles.get(member) ?? 0)
    const offsets = partitions.map((each) => ({
      ...each,
      offset: (this.#offsets.get(each.partition) ?? 0) + 1,
    }))
    try {
      await member.membership.commit(offsets)
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      return
    }
    for (const { partition, offset } of offsets) this.#offsets.set(partition, offset)
    this.handOverCount += offsets.length
  }

  async #grow(): Promise<void> {
    await this.world.cluster.broker.controller.createPartitions('t', ++this.#partitionCount)
  }
}

/** A member with everything shares it with a second one: whatever chance leaves out, partitions have changed hands. */
const shared: readonly Operation[] = [
  { kind: 'come', place: 0 },
  { kind: 'pass', durationMs: 12_000 },
  { kind: 'come', place: 1 },
  { kind: 'pass', durationMs: 12_000 },
]

test.each<readonly AssignorName[]>([
  ['range'],
  ['sticky'],
  ['cooperative-sticky'],
  ['range', 'cooperative-sticky'],
])('no two members have the same partition, and in the end all are had: %s %s', async (...assignors) => {
  let handOverCount = 0
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 30 }), async (operations) => {
      const world = await GroupWorld.start([{ name: 't', partitions: partitionCount }], {
        isInProcess: true,
      })
      const simulation = new Simulation(world, assignors)
      try {
        for (const each of operations) {
          await simulation.run(each)
          expect(world.ledger.faults).toEqual([])
        }
        await simulation.settle()
        expect(world.ledger.faults).toEqual([])
        handOverCount += simulation.handOverCount
      } finally {
        await world.close()
      }
    }),
    { numRuns: 6, examples: [[[...shared]]], ...seed },
  )
  expect(handOverCount).toBeGreaterThan(0)
})
