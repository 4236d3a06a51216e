import assert from 'node:assert/strict'
import { KafkaError } from '../../src/wire/kafka-error.ts'
import { zeroUuid } from '../../src/wire/uuid.ts'
import { GroupHarness } from '../unit/broker/groups/group-harness.ts'
import { GroupLedger } from './groups-ledger.ts'
import { partitionCount, SimulatedMember } from './groups-member.ts'
import { type GroupOperation, type GroupPlan, memberCount } from './groups-operation.ts'

const stepMs = 2000
/** Time enough for every session to end and every member to come to rest. */
const longSteps = 50
const allPartitions = Array.from({ length: partitionCount }, (_, partition) => partition)

/** What a group has been through. */
export interface GroupLife {
  readonly rebalanceCount: number
}

/**
 * Lets members and a coordinator live through a plan, and come to rest. No partition has two owners in one generation,
 * no committed offset goes back, none is passed over, and in the end all who live are in one generation.
 *
 * @throws AssertionError where that is not so
 */
export async function liveThrough({ initialDelayMs, operations, ...traits }: GroupPlan): Promise<GroupLife> {
  const harness = await GroupHarness.started({ 'group.initial.rebalance.delay.ms': initialDelayMs })
  const simulation = new Simulation(harness, traits)
  await simulation.pass(4)
  for (const each of operations) await simulation.run(each)
  await simulation.recover()
  simulation.checkStable()
  await simulation.checkCommitted()
  await simulation.checkNothingLeft()
  return { rebalanceCount: simulation.ledger.rebalanceCount }
}

class Simulation {
  readonly harness: GroupHarness
  readonly ledger = new GroupLedger()
  readonly members: SimulatedMember[]

  constructor(harness: GroupHarness, traits: Omit<GroupPlan, 'initialDelayMs' | 'operations'>) {
    const { staticCount, sessionTimeoutMs, rebalanceTimeoutMs } = traits
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

  async run(what: GroupOperation): Promise<void> {
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
  async nap({ member: index, other, steps }: Extract<GroupOperation, { kind: 'nap' }>): Promise<void> {
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
    await this.pass(longSteps)
  }

  /** Everyone who lives is in one generation, and each partition is somebody's. */
  checkStable(): void {
    const living = this.members.filter(({ isAlive }) => isAlive).map(({ owned }) => owned)
    assert.ok(!living.includes(undefined), 'a member that lives is not in the group')
    const generations = new Set(living.map((owned) => owned?.generationId))
    assert.ok(generations.size <= 1, `members are in the generations ${[...generations].join()}`)
    const owned = living.flatMap((each) => each?.partitions ?? []).toSorted((a, b) => a - b)
    assert.deepEqual(owned, living.length === 0 ? [] : allPartitions, 'the partitions that members own')
  }

  async checkCommitted(): Promise<void> {
    const topics = [{ name: 't', topicId: zeroUuid, partitionIndexes: allPartitions }]
    const group = { groupId: 'g', memberId: null, memberEpoch: -1, topics }
    const request = { groupId: '', topics: null, groups: [group], requireStable: true }
    const response = await this.harness.coordinator.offsetFetch(this.harness.context(9), request)
    for (const { partitionIndex, committedOffset } of response.groups[0]?.topics[0]?.partitions ?? []) {
      const accepted = this.ledger.committed(partitionIndex)
      assert.ok(
        committedOffset >= accepted,
        `partition ${partitionIndex}: ${accepted} was accepted, and ${committedOffset} is there`,
      )
    }
  }

  /** Everyone goes, and the group is deleted: then nothing is waited for any more. */
  async checkNothingLeft(): Promise<void> {
    for (const each of this.members) each.leave()
    // Those that had died are waited for until their sessions have ended.
    await this.pass(longSteps)
    const { coordinator, timers } = this.harness
    await coordinator.deleteGroups(this.harness.context(2), { groupsNames: ['g'] })
    const { groups } = await coordinator.listGroups(this.harness.context(5), {
      statesFilter: [],
      typesFilter: [],
    })
    assert.deepEqual(groups, [])
    assert.equal(timers.count, 1, 'only the expiry of offsets goes on')
    coordinator.close()
    assert.equal(timers.count, 0, 'timers of a closed coordinator')
  }
}
