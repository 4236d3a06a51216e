import { expect, onTestFinished } from 'vitest'
import type { Header } from '../../../../src/batch/log-record.ts'
import type { ConsumedRecord } from '../../../../src/client/consumer/consumed-record.ts'
import { readRange } from '../../../../src/client/mirror/read-range.ts'
import { Tidemark } from '../../../../src/embedded/tidemark.ts'
import { nodeClock } from '../../../../src/env/node-clock.ts'

/** Two clusters in memory, closed after the test. */
export async function twoClusters(): Promise<{ from: Tidemark; to: Tidemark }> {
  const [from, to] = [await Tidemark.memory({ seed: 1 }), await Tidemark.memory({ seed: 2 })]
  onTestFinished(async () => {
    await from.close()
    await to.close()
  })
  return { from, to }
}

/** What of a record must come through, and where it is. */
export interface Seen {
  readonly offset: number
  readonly timestamp: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [string, string | null])[]
}

/** All records of a partition. */
export async function recordsOf(cluster: Tidemark, topic: string, partition = 0): Promise<ConsumedRecord[]> {
  const [start, end] = await cluster.admin().listOffsets([
    { topic, partition, at: 'earliest' },
    { topic, partition, at: 'latest' },
  ])
  const range = { topic, partition, start: start?.offset ?? 0, end: end?.offset ?? 0 }
  const found: ConsumedRecord[] = []
  for await (const record of readRange(cluster, range, {
    clock: nodeClock(),
    isolationLevel: 'read_committed',
  }))
    found.push(record)
  return found
}

/** The same, to be compared. */
export async function seen(cluster: Tidemark, topic: string, partition = 0): Promise<Seen[]> {
  return (await recordsOf(cluster, topic, partition)).map(seenOf)
}

/** The same wherever it is. */
export async function contents(cluster: Tidemark, topic: string, partition = 0): Promise<Seen[]> {
  return (await seen(cluster, topic, partition)).map((record) => ({ ...record, offset: -1 }))
}

/** Expects partitions to be the same on both sides, offsets included. */
export async function expectEqual(
  from: Tidemark,
  to: Tidemark,
  topic: string,
  partitions = 1,
): Promise<void> {
  for (let partition = 0; partition < partitions; partition++)
    expect(await seen(to, topic, partition)).toEqual(await seen(from, topic, partition))
}

function seenOf({ offset, timestamp, keyBytes, valueBytes, headerList }: ConsumedRecord): Seen {
  const headers = headerList.map(({ key, value }: Header) => [key, textOf(value)] as const)
  return { offset, timestamp, key: textOf(keyBytes), value: textOf(valueBytes), headers }
}

function textOf(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('latin1')
}
