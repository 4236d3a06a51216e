import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Chapter, contents, produce, readFrom, type Scenario, someRecords } from '../scenario.ts'

const earliest: Scenario = {
  name: 'from the earliest offset',
  checks: 'three batches are read from offset 0 to the end, in order',
  async run(stage) {
    for (const prefix of ['a', 'b', 'c']) await produce(stage, someRecords(10, prefix))
    const read = await readFrom(stage, 'earliest', 30)
    expect(contents(read)).toEqual(['a', 'b', 'c'].flatMap((prefix) => someRecords(10, prefix)))
    expect(read.map(({ offset }) => offset)).toEqual(read.map((_, index) => index))
  },
}

const latest: Scenario = {
  name: 'from the latest offset',
  checks: 'only what is sent after the reader was placed is read, while it waits for it',
  async run(stage) {
    const { client, name } = stage
    await produce(stage, someRecords(5, 'before'))
    await client.call('open', { reader: 'end', topic: name, partition: 0, from: 'latest' })
    const awaited = client.call('read', { reader: 'end', count: 5 })
    await produce(stage, someRecords(5, 'after'))
    expect(contents(await awaited)).toEqual(someRecords(5, 'after'))
    await client.call('close', { reader: 'end' })
  },
}

const timestamp: Scenario = {
  name: 'from a timestamp',
  checks: 'reading begins at the first record that is not older than the given time',
  async run(stage) {
    await produce(stage, someRecords(10, 'old'))
    // The two must not be of the same millisecond.
    await delay(5)
    await produce(stage, someRecords(10, 'new'))
    const { timestamp: time = 0 } = (await readFrom(stage, { offset: 10 }, 1))[0] ?? {}
    const [first] = await readFrom(stage, { timestamp: time }, 1)
    expect(first?.offset).toBe(10)
  },
}

const middle: Scenario = {
  name: 'from the middle of a batch',
  checks: 'reading begins at the offset asked for, although the broker sends the whole compressed batch',
  async run(stage) {
    await produce(stage, someRecords(40), { codec: 'gzip' })
    const batch = stage.broker.batches(stage.name).find(({ recordsCount }) => recordsCount >= 3)
    expect(batch, 'a stored batch of several records').toBeDefined()
    const offset = (batch?.baseOffset ?? 0) + 2
    const read = await readFrom(stage, { offset }, 40 - offset)
    expect(read.map((record) => record.offset)).toEqual(
      Array.from({ length: 40 - offset }, (_, index) => offset + index),
    )
    expect(contents(read)).toEqual(someRecords(40).slice(offset))
  },
}

export const consuming: Chapter = { title: 'Consuming', scenarios: [earliest, latest, timestamp, middle] }
