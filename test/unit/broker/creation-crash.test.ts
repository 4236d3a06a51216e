import { describe, expect, test } from 'vitest'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { KafkaError } from '../../../src/wire/kafka-error.ts'
import {
  type CrashChooser,
  keepUnsynced,
  loseUnsynced,
  randomCrash,
} from '../../../src/testing/crash-chooser.ts'
import { CrashPointFiles } from '../../../src/testing/crash-point-files.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv, type MemoryEnv } from '../../../src/testing/memory-env.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { openBroker, type TestBroker } from './open-broker.ts'

/** Topics are made while the power fails, at every moment there is. */

const topic = { name: 'orders', partitionCount: 2, replicationFactor: 1 }

interface Interrupted {
  /** What is left; undefined when the topic was made before it came to that. */
  readonly left: MemoryEnv | undefined
}

/** Makes the topic in a world that ends as `end` says before its disk is changed for the `count`-th time. */
async function interrupted(count: number, end: (memory: MemoryEnv) => MemoryEnv): Promise<Interrupted> {
  const memory = memoryEnv({ clock: new ManualClock(), seed: 1 })
  let left: MemoryEnv | undefined
  let rest = Number.POSITIVE_INFINITY
  const files = new CrashPointFiles(memory.files, () => {
    if (--rest === 0) left = end(memory)
  })
  const { broker } = await openBroker({ env: { ...memory, files: files as never } })
  rest = count
  await broker.controller.createTopic(topic).catch(() => undefined)
  await broker.replicas.settled()
  return { left }
}

async function append({ broker }: TestBroker, partition: number, value: string): Promise<number> {
  const records = encodeBatch([{ value }], { now: 0 })
  const replica = broker.replicas.get(topic.name, partition)
  const { baseOffset } = await replica.append(records, { requiredAcks: -1, timeoutMs: 1000 })
  return baseOffset
}

/** The topic is there or can be made, and keeps what is acknowledged from then on. */
async function checkAftermath(left: MemoryEnv): Promise<'was made' | 'was not'> {
  const second = await openBroker({ env: left })
  const wasMade = second.broker.view.topics.has(topic.name)
  if (!wasMade) await second.broker.controller.createTopic(topic)
  await second.broker.replicas.settled()
  expect(second.broker.opening.fenced).toEqual([])
  const topicId = second.broker.view.topics.get(topic.name)?.topicId
  for (const partition of [0, 1]) expect(await append(second, partition, 'a')).toBe(0)
  const third = await openBroker({ env: left.crash(loseUnsynced) })
  expect(third.broker.view.topics.get(topic.name)?.topicId).toBe(topicId)
  for (const partition of [0, 1]) expect(await append(third, partition, 'b')).toBe(1)
  await third.broker.close()
  return wasMade ? 'was made' : 'was not'
}

const chance = (seed: number): CrashChooser => randomCrash(seededRandom(seed))
const ends: readonly (readonly [string, (memory: MemoryEnv, count: number) => MemoryEnv])[] = [
  ['the process ends', (memory) => memory.kill()],
  ['a power cut loses all that was not synced', (memory) => memory.crash(loseUnsynced)],
  ['a power cut loses nothing', (memory) => memory.crash(keepUnsynced)],
  ['a power cut loses some', (memory, count) => memory.crash(chance(count))],
]

describe('while a topic is made', () => {
  test.each(ends)('%s at any moment, and it is there or can be made', async (_, end) => {
    const found = new Set<string>()
    let count = 1
    for (; ; count++) {
      const { left } = await interrupted(count, (memory) => end(memory, count))
      if (left === undefined) break
      found.add(await checkAftermath(left))
    }
    expect([...found].sort()).toEqual(['was made', 'was not'])
    // Directory, eight files and their syncs, twice.
    expect(count).toBeGreaterThan(30)
  })
})

test('the last topic that is deleted does not come back, whenever the process ends', async () => {
  const outcomes: string[] = []
  for (let count = 1; ; count++) {
    const memory = memoryEnv({ clock: new ManualClock(), seed: 1 })
    let left: MemoryEnv | undefined
    let rest = Number.POSITIVE_INFINITY
    const files = new CrashPointFiles(memory.files, () => {
      if (--rest === 0) left = memory.kill()
    })
    const first = await openBroker({ env: { ...memory, files: files as never } })
    await first.broker.controller.createTopic(topic)
    await first.broker.settled()
    rest = count
    const isDeleted = await first.broker.controller.deleteTopic(topic.name).then(
      () => true,
      () => false,
    )
    await first.broker.settled()
    if (left === undefined) break
    await using second = await openBroker({ env: left })
    const isThere = second.broker.view.topics.has(topic.name)
    outcomes.push(`${isDeleted} ${isThere}`)
  }
  expect(outcomes).toContain('true false')
  expect(outcomes).not.toContain('true true')
})

test('a disk that is full for one of the partitions fences that one alone', async () => {
  const memory = memoryEnv({ clock: new ManualClock(), seed: 1 })
  const files = new CrashPointFiles(memory.files, (call) => {
    if (call.path.startsWith('/data/orders-1/')) throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
  })
  const tested = await openBroker({ env: { ...memory, files: files as never } })
  await tested.broker.controller.createTopic(topic)
  await tested.broker.replicas.settled()
  expect(tested.broker.opening.fenced.map(({ partition }) => partition)).toEqual(['orders-1'])
  expect(await append(tested, 0, 'a')).toBe(0)
  await expect(append(tested, 1, 'a')).rejects.toThrow(KafkaError)
  await tested.broker.close()
})
