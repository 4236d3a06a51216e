import { join } from 'node:path'
import { uuidFromBase64Url, uuidToBase64Url } from '../../native-free/uuid.ts'
import type { Files } from '../env/env.ts'
import type { Decoded } from './decoded.ts'
import { partitionMetadataFile } from './file-names.ts'
import { readWhole } from './replace-file.ts'

/*
 * Kafka's `partition.metadata` (PartitionMetadataFile, KIP-516): the topic's id, so that a directory left over from
 * a deleted topic of the same name is not taken for the new one. Two lines, with no newline after the second.
 */
const version = '0'

/** The text of the file: 43 bytes for a topic id of 16 bytes. An id of zeros stands for none and is refused. */
export function encodePartitionMetadata(topicId: Uint8Array): string {
  if (isZero(topicId)) throw new RangeError('a topic id of zeros stands for none and cannot be kept')
  return `version: ${version}\ntopic_id: ${uuidToBase64Url(topicId)}`
}

/** The topic id, 16 bytes, or what is wrong with the text. */
export function decodePartitionMetadata(text: string): Decoded<Buffer> {
  const [, foundVersion, id] = /^version\s*:\s*(\S+)\s*\r?\ntopic_id\s*:\s*(\S+)\s*$/.exec(text) ?? []
  if (foundVersion === undefined || id === undefined)
    return { fault: `it does not hold 'version' and 'topic_id'` }
  if (foundVersion !== version) return { fault: `its version is ${foundVersion}, known is only ${version}` }
  if (!/^[\w-]{21}[AQgw]$/.test(id)) return { fault: `its topic id '${id}' is not 16 bytes in base64url` }
  const topicId = uuidFromBase64Url(id)
  return isZero(topicId) ? { fault: 'its topic id is zero, which stands for none' } : { value: topicId }
}

/** The file takes far less: a larger one is none of Kafka's. */
const fileBytesMax = 4096

/** The topic id in a partition's directory, as Kafka prints it; undefined when there is none that can be read. */
export function readTopicId(files: Files, directory: string): string | undefined {
  const bytes = readWhole(files, join(directory, partitionMetadataFile), fileBytesMax)
  const id = bytes === undefined ? undefined : decodePartitionMetadata(bytes.toString()).value
  return id === undefined ? undefined : uuidToBase64Url(id)
}

function isZero(topicId: Uint8Array): boolean {
  return topicId.every((byte) => byte === 0)
}
