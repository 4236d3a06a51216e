import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ClusterClient } from '../../../../src/client/cluster/cluster-client.ts'
import { Consumer } from '../../../../src/client/consumer/consumer.ts'
import { nodeEnv } from '../../../../src/env/node-env.ts'
import { BrokerServer } from '../../../../src/server/broker-server.ts'
import { take } from './rig.ts'

const golden = fileURLToPath(new URL('../../../../data/golden/kafka-4.3.1-broker/clean/', import.meta.url))

/** The offsets that Kafka's own consumer has read, as its console consumer has printed them. */
function offsetsThatKafkaReads(topic: string, isolationLevel: string): number[] {
  const text = readFileSync(join(golden, `${topic}.${isolationLevel}.txt`), 'utf8')
  return [...text.matchAll(/^\w+Time:-?\d+\tOffset:(\d+)\t/gm)].map(([, offset]) => Number(offset))
}

test('a directory that Kafka wrote is read as Kafka reads it, aborted transactions and all', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-read-committed-'))
  cpSync(golden, directory, { recursive: true })
  const env = nodeEnv()
  const properties = { listeners: 'PLAINTEXT://127.0.0.1:0' }
  const server = await BrokerServer.start({ env, directories: [directory], properties })
  const client = new ClusterClient({ env, bootstrapServers: server.bootstrap })
  try {
    for (const topic of ['transactions', 'compacted'])
      for (const isolationLevel of ['read_committed', 'read_uncommitted'] as const) {
        const expected = offsetsThatKafkaReads(topic, isolationLevel)
        expect(expected.length).toBeGreaterThan(100)
        // Answers of a few batches, so that many begin within transactions.
        await using consumer = new Consumer(client, {
          ...{ assignment: [{ topic, partition: 0, offset: 0 }], isolationLevel },
          ...{ maxPartitionFetchBytes: 1500, fetchMaxWaitMs: 10 },
        })
        const records = await take(consumer, expected.length)
        expect(records.map(({ offset }) => offset)).toEqual(expected)
      }
  } finally {
    client.close()
    await server.close()
    rmSync(directory, { recursive: true })
  }
})
