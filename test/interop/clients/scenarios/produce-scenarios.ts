import { expect } from 'vitest'
import { codecs } from '../calls.ts'
import { type Chapter, contents, produce, readFrom, type Scenario, someRecords } from '../scenario.ts'

const withCodecs = codecs.map(
  (codec): Scenario => ({
    name: `codec ${codec}`,
    checks: `100 records sent with \`${codec}\` are stored with it and read back unchanged`,
    async run(stage) {
      const records = someRecords(100)
      await produce(stage, records, { codec })
      expect(contents(await readFrom(stage, 'earliest', 100))).toEqual(records)
      expect([...new Set(stage.broker.batches(stage.name).map(({ compression }) => compression))]).toEqual([
        codec,
      ])
    },
  }),
)

const withAcks = ([0, 1, -1] as const).map(
  (acks): Scenario => ({
    name: `acks ${acks === -1 ? 'all' : acks}`,
    checks: 'what was sent is read back, in order, from offset 0 without gaps',
    async run(stage) {
      const records = someRecords(20)
      await produce(stage, records, { acks })
      const read = await readFrom(stage, 'earliest', 20)
      expect(contents(read)).toEqual(records)
      expect(read.map(({ offset }) => offset)).toEqual(records.map((_, index) => index))
    },
  }),
)

const idempotent: Scenario = {
  name: 'idempotent producer',
  checks: 'every stored batch has a producer id and the sequence number that follows the one before',
  async run(stage) {
    const records = someRecords(50)
    await produce(stage, records, { isIdempotent: true })
    expect(contents(await readFrom(stage, 'earliest', 50))).toEqual(records)
    let sequence = 0
    for (const batch of stage.broker.batches(stage.name)) {
      expect(batch.producerId).toBeGreaterThanOrEqual(0)
      expect(batch.baseSequence).toBe(sequence)
      sequence += batch.recordsCount
    }
  },
}

const nulls: Scenario = {
  name: 'nulls, empty values, UTF-8 and headers',
  checks: 'a null key, a null value, an empty value and headers come back as they were given',
  async run(stage) {
    const records = [
      { key: null, value: 'no key', headers: {} },
      { key: 'no value', value: null, headers: {} },
      { key: 'empty value', value: '', headers: {} },
      { key: 'Grüße', value: '潮汐 🌊', headers: {} },
      { key: 'headers', value: 'two', headers: { first: '1', second: 'zwei' } },
    ]
    await produce(stage, records)
    expect(contents(await readFrom(stage, 'earliest', records.length))).toEqual(records)
  },
}

export const producing: Chapter = {
  title: 'Producing',
  scenarios: [...withCodecs, ...withAcks, idempotent, nulls],
}
