import { join } from 'node:path'
import type { Env, Lock } from '../env/env.ts'
import { lockFile, partitionMetadataFile } from './file-names.ts'
import { makeDirectoryDurably } from './make-directory.ts'
import { encodePartitionMetadata } from './partition-metadata.ts'
import { replaceFile } from './replace-file.ts'
import { operatingError, storageError } from './storage-error.ts'

function takeLock(env: Env, path: string): Lock {
  try {
    return env.files.lockSync(join(path, lockFile))
  } catch (error) {
    throw operatingError(`locking ${path}`, error)
  }
}

/**
 * Creates the directory of a log, takes its lock, and gives the log an identity.
 *
 * @throws LockedError, StorageError
 */
export async function prepareDirectory(env: Env, path: string): Promise<Lock> {
  try {
    await makeDirectoryDurably(env.files, path)
  } catch (error) {
    throw storageError(`creating ${path}`, error)
  }
  const lock = takeLock(env, path)
  try {
    const metadata = join(path, partitionMetadataFile)
    if (env.files.statSync(metadata) === undefined)
      await replaceFile(env.files, metadata, encodePartitionMetadata(env.random.bytes(16)))
    return lock
  } catch (error) {
    lock.releaseSync()
    throw storageError(`preparing ${path}`, error)
  }
}
