import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Driver } from '../driver.ts'
import { type Chapter, contents, produce, type Scenario, someRecords, type Stage } from '../scenario.ts'

/** The shortest that Kafka's brokers allow by default: so long a killed member keeps its partitions. */
const sessionTimeoutMs = 6000
const balanceMsMax = 120_000

const alone: Scenario = {
  name: 'a group of one',
  checks: 'the member gets both partitions and all records; who joins after its commit goes on behind it',
  async run(stage) {
    await produce(stage, someRecords(10, 'first'))
    const member = await join(stage, stage.client)
    await balance([member], [2])
    expect(contents(await member.call('take', { count: 10 }))).toEqual(someRecords(10, 'first'))
    await member.call('commit', {})
    await member.call('leave', {})
    await produce(stage, someRecords(3, 'second'))
    const next = await join(stage, stage.client)
    expect(contents(await next.call('take', { count: 3 }))).toEqual(someRecords(3, 'second'))
    await next.call('leave', {})
  },
}

const joining: Scenario = {
  name: 'a second member joins and leaves',
  checks: 'each has one partition; when one leaves, the other has both and gets the records of both',
  async run(stage) {
    const [first, second] = await pair(stage)
    await second.call('leave', {})
    await balance([first], [2])
    await expectFromBoth(stage, first)
    await first.call('leave', {})
  },
}

const killed: Scenario = {
  name: 'a member is killed',
  checks: `the member that lives has both partitions after the session timeout of ${sessionTimeoutMs / 1000} s`,
  async run(stage) {
    const [first, second] = await pair(stage)
    await second.kill()
    await balance([first], [2])
    await expectFromBoth(stage, first)
    await first.call('leave', {})
  },
}

const survival: Scenario = {
  name: 'committed offsets survive kill -9 of the broker',
  checks: 'records acknowledged and offsets committed before the kill are there when the broker is back',
  async run(stage) {
    await produce(stage, someRecords(10))
    const member = await join(stage, await stage.another())
    await member.call('take', { count: 4 })
    await member.call('commit', {})
    await stage.broker.crash()
    await member.kill()
    const next = await join(stage, await stage.another())
    expect(contents(await next.call('take', { count: 6 }))).toEqual(someRecords(10).slice(4))
    await next.call('leave', {})
  },
}

const outage: Scenario = {
  name: 'a member lives through kill -9 of the broker',
  checks: 'producer and member that were connected go on when the broker is back',
  async run(stage) {
    await produce(stage, someRecords(5, 'before'))
    const member = await join(stage, stage.client)
    expect(contents(await member.call('take', { count: 5 }))).toEqual(someRecords(5, 'before'))
    await member.call('commit', {})
    await stage.broker.crash()
    await produce(stage, someRecords(5, 'after'))
    expect(contents(await member.call('take', { count: 5 }))).toEqual(someRecords(5, 'after'))
    await member.call('leave', {})
  },
}

export const grouping: Chapter = {
  title: 'Consumer groups',
  scenarios: [alone, joining, killed, survival, outage],
}

async function join({ name }: Stage, member: Driver): Promise<Driver> {
  await member.call('join', { group: `group-${name}`, topic: name, sessionTimeoutMs })
  return member
}

/** Two members with a partition each. */
async function pair(stage: Stage): Promise<[Driver, Driver]> {
  await produce(stage, someRecords(1), { partition: 0 })
  const first = await join(stage, stage.client)
  await balance([first], [2])
  const second = await join(stage, await stage.another())
  await balance([first, second], [1, 1])
  return [first, second]
}

/** Waits until the members have that many partitions each, and no two the same. */
async function balance(members: readonly Driver[], counts: readonly number[]): Promise<void> {
  let assigned: number[][] = []
  for (let waitedMs = 0; waitedMs < balanceMsMax; waitedMs += 100) {
    assigned = await Promise.all(members.map((member) => member.call('assigned', {})))
    const isBalanced = assigned.every((partitions, index) => partitions.length === counts[index])
    if (isBalanced && new Set(assigned.flat()).size === 2) return
    await delay(100)
  }
  expect.fail(`after ${balanceMsMax} ms the members have partitions ${JSON.stringify(assigned)}`)
}

/** New records of both partitions reach the member. */
async function expectFromBoth(stage: Stage, member: Driver): Promise<void> {
  for (const partition of [0, 1]) await produce(stage, someRecords(1, `last-${partition}`), { partition })
  const values = new Set<string>()
  const wanted = [0, 1].map((partition) => someRecords(1, `last-${partition}`)[0]?.value ?? '')
  while (wanted.some((value) => !values.has(value)))
    for (const { value } of await member.call('take', { count: 1 })) values.add(value ?? '')
}
