import { join } from 'node:path'
import { CorruptionError } from '../base/errors.ts'
import type { Env } from '../env/env.ts'
import { metaPropertiesFile } from '../log/file-names.ts'
import { readWhole, replaceFile } from '../log/replace-file.ts'
import { parseProperties } from './config/java-properties.ts'
import { uuidToBase64Url } from '../../native-free/uuid.ts'

/** Whose a data directory is: Kafka's `meta.properties`, version 1. */
export interface DirectoryIdentity {
  readonly nodeId: number
  readonly clusterId: string
  readonly directoryId: string
}

const fileBytesMax = 64 * 1024

/**
 * The identity of the data directory at `path`: what its `meta.properties` says, of Kafka's version 0 (ZooKeeper) or 1
 * (KRaft), or a new one, which is written.
 *
 * @throws CorruptionError when it belongs to another node, or cannot be read
 */
export async function loadIdentity(path: string, env: Env, nodeId: number): Promise<DirectoryIdentity> {
  const file = join(path, metaPropertiesFile)
  const text = readWhole(env.files, file, fileBytesMax)?.toString()
  const found = propertiesIn(text ?? '', file)
  const foundNode = found['node.id'] ?? found['broker.id']
  if (foundNode !== undefined && foundNode !== String(nodeId))
    throw new CorruptionError(
      file,
      -1,
      `the directory belongs to node ${foundNode}, and this is node ${nodeId}`,
      `Start with node.id=${foundNode}, or with another directory`,
    )
  if (text !== undefined && (foundNode === undefined || found['cluster.id'] === undefined))
    throw new CorruptionError(file, -1, `it lacks 'node.id' or 'cluster.id'`, 'Restore the file')
  const newId = (): string => uuidToBase64Url(env.random.bytes(16))
  const identity = {
    nodeId,
    clusterId: found['cluster.id'] ?? newId(),
    directoryId: found['directory.id'] ?? newId(),
  }
  const isWhole = found.version === '1' && found['directory.id'] !== undefined
  if (!isWhole) await replaceFile(env.files, file, encode(identity))
  return identity
}

function encode({ nodeId, clusterId, directoryId }: DirectoryIdentity): string {
  return `version=1\nnode.id=${nodeId}\ncluster.id=${clusterId}\ndirectory.id=${directoryId}\n`
}

function propertiesIn(text: string, file: string): Readonly<Record<string, string>> {
  return Object.fromEntries(parseProperties(text, file).map(({ name, value }) => [name, value]))
}
