import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { KafkaError } from '../../src/wire/kafka-error.ts'
import { zeroUuid } from '../../src/wire/uuid.ts'
import { GroupHarness } from '../unit/broker/groups/group-harness.ts'
import { GroupLedger } from './groups-ledger.ts'
import { partitionCount, SimulatedMember } from './groups-member.ts'

const seed = process.env.TIDEMARK_SEED === undefined ? {} : { seed: Number(process.env.TIDEMARK_SEED) }

const memberCount = 4
const stepMs = 2000

type Operation =
  | { readonly kind: 'commit' | 'leave' | 'pause' | 'resume' | 'die' | 'start'; readonly member: number }
  | { readonly kind: 'time'; readonly steps: number }
  | { readonly kind: 'nap'; readonly member: number; readonly other: number; readonly steps: number }
  | { readonly kind: 'restart'; readonly isStored: boolean }
  | { readonly kind: 'hold' | 'release' | 'fail' | 'work' }

const member = fc.nat(memberCount - 1)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('time' as const), steps: fc.integer({ min: 1, max: 8 }) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('commit' as const), member }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('nap' as const),
      member,
      other: member,
      steps: fc.integer({ min: 4, max: 15 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'leave' as const,
        'pause' as const,
        'resume' as const,
        'die' as const,
        'start' as const,
      ),
      member,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), isStored: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('hold' as const, 'release' as const, 'fail' as const, 'work' as const),
    }),
  },
)

interface Plan {
  readonly staticCount: number
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
}

class Simulation {
  readonly harness: GroupHarness
  readonly ledger = new GroupLedger()
  readonly members: SimulatedMember[]

  constructor(harness: GroupHarness, { staticCount, sessionTimeoutMs, rebalanceTimeoutMs }: Plan) {
    this.harness = harness
    this.members = Array.from(
      { length: memberCount },
      (_, index) =>
        new SimulatedMember(harness, this.ledger, index, {
          isStatic: index < staticCount,
          sessionTimeoutMs,
          rebalanceTimeoutMs,
        }),
    )
  }

  async run(what: Operation): Promise<void> {
    const { log } = this.harness
    switch (what.kind) {
      case 'time':
        return await this.pass(what.steps)
      case 'nap':
        return await this.nap(what)
      case 'restart':
        log.loseLeadership(what.isStored)
        return await this.harness.restart()
      case 'hold':
        return log.hold()
      case 'release':
        return log.release()
      case 'fail':
        return log.failWith(new KafkaError('NOT_ENOUGH_REPLICAS', 'too few'))
      case 'work':
        return log.failWith(undefined)
      default:
        this.members[what.member]?.[what.kind]()
    }
  }

  async pass(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      for (const each of this.members) each.step()
      await this.harness.clock.runFor(stepMs)
      this.ledger.check()
    }
  }

  /** A member sleeps through the rebalance that another starts by going, or by coming. */
  async nap({ member: index, other, steps }: Extract<Operation, { kind: 'nap' }>): Promise<void> {
    const [sleeper, mover] = [this.members[index], this.members[other]]
    sleeper?.pause()
    if (mover?.isAlive) mover.leave()
    else mover?.start()
    await this.pass(steps)
    sleeper?.resume()
  }

  /** All faults end, and time goes on. */
  async recover(): Promise<void> {
    this.harness.log.failWith(undefined)
    this.harness.log.release()
    for (const each of this.members) each.resume()
    await this.pass(50)
  }

  /** Everyone who lives is in one generation, and each partition is somebody's. */
  expectStable(): void {
    const living = this.members.filter(({ isAlive }) => isAlive).map(({ owned }) => owned)
    expect(living).not.toContain(undefined)
    expect(new Set(living.map((owned) => owned?.generationId)).size).toBeLessThanOrEqual(1)
    const partitions = living.flatMap((owned) => owned?.partitions ?? []).toSorted((a, b) => a - b)
    const all = Array.from({ length: partitionCount }, (_, partition) => partition)
    expect(partitions).toEqual(living.length === 0 ? [] : all)
  }

  async expectCommitted(): Promise<void> {
    const partitionIndexes = Array.from({ length: partitionCount }, (_, partition) => partition)
    const topics = [{ name: 't', topicId: zeroUuid, partitionIndexes }]
    const group = { groupId: 'g', memberId: null, memberEpoch: -1, topics }
    const request = { groupId: '', topics: null, groups: [group], requireStable: true }
    const response = await this.harness.coordinator.offsetFetch(this.harness.context(9), request)
    for (const { partitionIndex, committedOffset } of response.groups[0]?.topics[0]?.partitions ?? [])
      expect(committedOffset).toBeGreaterThanOrEqual(this.ledger.committed(partitionIndex))
  }

  /** Everyone goes, and the group is deleted: then nothing is waited for any more. */
  async expectNothingLeft(): Promise<void> {
    for (const each of this.members) each.leave()
    // Those that had died are waited for until their sessions have ended.
    await this.pass(50)
    const { coordinator, timers } = this.harness
    await coordinator.deleteGroups(this.harness.context(2), { groupsNames: ['g'] })
    const { groups } = await coordinator.listGroups(this.harness.context(5), {
      statesFilter: [],
      typesFilter: [],
    })
    expect(groups).toEqual([])
    // Only the expiry of offsets goes on.
    expect(timers.count).toBe(1)
    coordinator.close()
    expect(timers.count).toBe(0)
  }
}

test('whatever happens to members and coordinator: one owner per partition, no offset goes back, and all come to rest', async () => {
  const plans = fc.record({
    staticCount: fc.nat(memberCount),
    initialDelayMs: fc.constantFrom(0, 3000),
    sessionTimeoutMs: fc.constantFrom(10_000, 40_000),
    rebalanceTimeoutMs: fc.constantFrom(6000, 20_000),
    operations: fc.array(operation, { minLength: 5, maxLength: 60 }),
  })
  await fc.assert(
    fc.asyncProperty(plans, async ({ initialDelayMs, operations, ...plan }) => {
      const harness = await GroupHarness.started({ 'group.initial.rebalance.delay.ms': initialDelayMs })
      const simulation = new Simulation(harness, plan)
      await simulation.pass(4)
      for (const each of operations) await simulation.run(each)
      await simulation.recover()
      simulation.expectStable()
      await simulation.expectCommitted()
      await simulation.expectNothingLeft()
    }),
    { numRuns: 60, ...seed },
  )
}, 60_000)
