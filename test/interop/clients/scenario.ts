import { expect } from 'vitest'
import type { BrokerProcess } from './broker-process.ts'
import type { ProducedRecord, ReadRecord, Start } from './calls.ts'
import { ClientError, type Driver } from './driver.ts'

/** One row of the report card: declared once, performed by every client. */
export interface Scenario {
  readonly name: string
  /** What is asserted, for the reader of the card. */
  readonly checks: string
  run(stage: Stage): Promise<void>
}

/** A group of rows. */
export interface Chapter {
  readonly title: string
  readonly scenarios: readonly Scenario[]
}

/** What a scenario has to work with. */
export interface Stage {
  readonly broker: BrokerProcess
  readonly client: Driver
  /** A name that no other scenario uses, for its topic or group. */
  readonly name: string
  /** Another process with the same client; ended with the scenario. */
  another(): Promise<Driver>
}

/** Records that compress, with different keys. */
export function someRecords(count: number, prefix = 'value'): ProducedRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `key-${index}`,
    value: `${prefix}-${index}-${'tide '.repeat(20)}`,
    headers: {},
  }))
}

/** Sends records to partition 0, uncompressed unless told otherwise. */
export async function produce(
  { client, name }: Stage,
  records: readonly ProducedRecord[],
  more: Partial<Parameters<typeof client.call<'produce'>>[1]> = {},
): Promise<void> {
  const plain = { topic: name, partition: 0, codec: 'none', acks: -1, isIdempotent: false } as const
  await client.call('produce', { ...plain, ...more, records })
}

/** The first `count` records from `from` on in partition 0. */
export async function readFrom({ client, name }: Stage, from: Start, count: number): Promise<ReadRecord[]> {
  const reader = JSON.stringify(from)
  await client.call('open', { reader, topic: name, partition: 0, from })
  const records = await client.call('read', { reader, count })
  await client.call('close', { reader })
  return records
}

/** Keys, values and headers, without where and when they were stored. */
export function contents(records: readonly ReadRecord[]): ProducedRecord[] {
  return records.map(({ key, value, headers }) => ({ key, value, headers }))
}

/** The call must fail, and the client must say with which of Kafka's errors. */
export async function expectKafkaError(name: string, call: Promise<unknown>): Promise<void> {
  const outcome = await call.then(
    (result) => `no error, but ${JSON.stringify(result)}`,
    (error: unknown) => {
      if (!(error instanceof ClientError)) throw error
      return error.kafka ?? error.message
    },
  )
  expect(outcome).toBe(name)
}
