import { join } from 'node:path'
import { readInt64, writeInt64 } from '../base/int64.ts'
import { crc32cRange } from '../../native-free/crc32c.ts'
import type { Files } from '../env/env.ts'
import type { FilePool } from './file-pool.ts'
import { readWhole } from './replace-file.ts'
import { writeFully } from './write-fully.ts'

/** Everything before `offset` was synced; the segment with `baseOffset` was `sizeBytes` long when it was. */
export interface DurablePoint {
  readonly offset: number
  readonly baseOffset: number
  readonly sizeBytes: number
}

/** In a partition's directory. Kafka ignores files it does not know. */
export const durablePointFile = 'tidemark-durable-point'

/*
 * version int32 (0), crc uint32 (CRC-32C of what follows), offset int64, segment base offset int64, segment
 * size int64: 32 bytes, within one disk sector, so that a power cut leaves the old or the new ones.
 */
const sizeBytes = 32
const checkedFrom = 8

/**
 * Remembers how far the log is durable, which is this log's recovery point: what lies before was synced, so that
 * damage there is damage and no torn write, and it need not be scanned after a crash.
 *
 * The file is written after every sync but synced itself only when the point moves back. A crash of the process
 * so leaves it exact, and a power cut leaves some earlier point, which was true when it was written and still is.
 */
export class DurablePointStore {
  readonly #pool: FilePool
  readonly #path: string
  readonly #bytes = Buffer.alloc(sizeBytes)

  constructor(pool: FilePool, directory: string) {
    this.#pool = pool
    this.#path = join(directory, durablePointFile)
  }

  /** The stored point; undefined when there is none, or its bytes are damaged: then everything is to be scanned. */
  static load(files: Files, directory: string): DurablePoint | undefined {
    const path = join(directory, durablePointFile)
    if (files.statSync(path)?.sizeBytes !== sizeBytes) return undefined
    const bytes = readWhole(files, path, sizeBytes)
    if (bytes?.length !== sizeBytes || bytes.readInt32BE(0) !== 0) return undefined
    if (bytes.readUInt32BE(4) !== crc32cRange(bytes, checkedFrom, sizeBytes)) return undefined
    return {
      offset: readInt64(bytes, 8, 'offset'),
      baseOffset: readInt64(bytes, 16, 'baseOffset'),
      sizeBytes: readInt64(bytes, 24, 'sizeBytes'),
    }
  }

  /** Without effect on the acknowledged data when it fails: the point then stays where it was, and more is scanned. */
  store(point: DurablePoint): void {
    try {
      this.#write(point)
    } catch {
      // An older point is as true as a newer one.
    }
  }

  /** Before data is cut, too: the point must not be beyond the log, whatever happens next. */
  storeDurably(point: DurablePoint): void {
    this.#write(point)
    const file = this.#pool.get(this.#path, 'write')
    // What stood here before may have been longer, and no point.
    if (file.sizeSync() !== sizeBytes) file.truncateSync(sizeBytes)
    file.syncSync()
  }

  #write(point: DurablePoint): void {
    encodeInto(this.#bytes, point)
    const file = this.#pool.get(this.#path, 'write')
    writeFully(file, [this.#bytes], 0)
  }
}

/** The bytes of the file that says `point`. */
export function encodeDurablePoint(point: DurablePoint): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  encodeInto(bytes, point)
  return bytes
}

function encodeInto(bytes: Buffer, point: DurablePoint): void {
  writeInt64(bytes, point.offset, 8, 'offset')
  writeInt64(bytes, point.baseOffset, 16, 'baseOffset')
  writeInt64(bytes, point.sizeBytes, 24, 'sizeBytes')
  bytes.writeUInt32BE(crc32cRange(bytes, checkedFrom, sizeBytes), 4)
}
