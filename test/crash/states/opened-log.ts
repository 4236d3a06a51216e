import { join } from 'node:path'
import type { Env } from '../../../src/env/env.ts'
import { FilePool } from '../../../src/log/file-pool.ts'
import { lockFile, partitionMetadataFile } from '../../../src/log/file-names.ts'
import { IndexCache } from '../../../src/log/index-cache.ts'
import { Log } from '../../../src/log/log.ts'
import { resolveLogConfig } from '../../../src/log/log-config.ts'
import type { LogOptions } from '../../../src/log/log-options.ts'
import { makeDirectoryDurably } from '../../../src/log/make-directory.ts'
import { PartitionLog } from '../../../src/log/partition-log.ts'
import { encodePartitionMetadata } from '../../../src/log/partition-metadata.ts'
import { replaceFile } from '../../../src/log/replace-file.ts'
import { StartOffsetFile } from '../../../src/log/start-offset-file.ts'

export const directory = '/data/orders-0'

const openFilesMax = 64

/** A log together with the partition beneath, which alone can begin a leader epoch. */
export interface OpenedLog {
  readonly log: Log
  readonly partition: PartitionLog
}

/** As `openLog`, for those who need both. */
export async function openBoth(env: Env, options: LogOptions): Promise<OpenedLog> {
  const config = resolveLogConfig({ ...options })
  await makeDirectoryDurably(env.files, directory)
  const lock = env.files.lockSync(join(directory, lockFile))
  const metadata = join(directory, partitionMetadataFile)
  if (env.files.statSync(metadata) === undefined)
    await replaceFile(env.files, metadata, encodePartitionMetadata(env.random.bytes(16)))
  const pool = new FilePool(env.files, openFilesMax)
  const startOffsets = new StartOffsetFile(env.files, directory)
  const indexCache = new IndexCache(0)
  const partition = await PartitionLog.open(directory, { env, config, pool, startOffsets, indexCache })
  if (partition.leaderEpoch < 0) await partition.beginEpoch(0)
  return { log: new Log(partition, env, config, pool, lock), partition }
}
