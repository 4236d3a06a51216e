import { readdirSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { FilePool } from '../../src/log/file-pool.ts'
import { IndexCache } from '../../src/log/index-cache.ts'
import { resolveLogConfig } from '../../src/log/log-config.ts'
import { PartitionLog, type PartitionLogContext } from '../../src/log/partition-log.ts'
import { StartOffsetFile } from '../../src/log/start-offset-file.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { memoryEnv, type MemoryEnv } from '../../src/testing/memory-env.ts'
import { readPartitionFile } from './kafka-directory.ts'

/** Where the copy of Kafka's partition is kept. */
export const partitionDirectory = '/kafka/fixture-0'

/** The names of the files that Kafka left in the partition's directory. */
export const partitionFiles = readdirSync(
  new URL('../../data/golden/kafka-4.0/fixture-0/', import.meta.url),
).sort()

/** The settings that Kafka wrote the partition with. */
export const kafkaSettings = {
  'segment.bytes': 65536,
  'segment.index.bytes': 65536,
  'index.interval.bytes': 4096,
} as const

/** A world in memory that holds a copy of the partition, as Kafka left it. */
export function kafkaWorld(): MemoryEnv {
  const env = memoryEnv({ clock: new ManualClock(), seed: 1 })
  env.files.makeDirectorySync(partitionDirectory)
  for (const name of partitionFiles) putBytes(env, name, readPartitionFile(name))
  return env
}

export function putBytes(env: MemoryEnv, name: string, bytes: Uint8Array): void {
  const file = env.files.openSync(`${partitionDirectory}/${name}`, 'write')
  file.truncateSync(0)
  if (bytes.length > 0) file.writevSync([bytes], 0)
  file.closeSync()
}

export function takeBytes(env: MemoryEnv, name: string): Buffer {
  const file = env.files.openSync(`${partitionDirectory}/${name}`, 'read')
  const bytes = Buffer.alloc(file.sizeSync())
  file.readSync(bytes, 0, bytes.length, 0)
  file.closeSync()
  return bytes
}

/** Opens the partition as a broker would, which knows more of it than an embedded log shows; closed when the test ends. */
export async function openPartition(
  env: MemoryEnv,
  context: Partial<PartitionLogContext> = {},
): Promise<PartitionLog> {
  const log = await PartitionLog.open(partitionDirectory, {
    env,
    config: resolveLogConfig({ ...kafkaSettings, durability: 'os' }),
    pool: new FilePool(env.files, 8),
    indexCache: new IndexCache(1024 * 1024),
    startOffsets: new StartOffsetFile(env.files, partitionDirectory),
    ...context,
  })
  onTestFinished(() => log.close().catch(() => undefined))
  return log
}
