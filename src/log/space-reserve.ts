import { join } from 'node:path'
import type { Files } from '../env/env.ts'
import { writeFully } from './write-fully.ts'

/** In the log's directory. Kafka ignores files it does not know. */
export const reserveFile = 'tidemark-reserve'

/** Beyond the reserve itself, this much must be free before writing begins again, so that it does not end at once. */
const resumeHeadroomBytes = 64 * 1024

/**
 * Room kept on the disk for what must still be written when it is full: checkpoints, the clean-shutdown file, the
 * indexes of a segment. A file of real bytes, given up when an append meets a full disk, and taken again before
 * appends are accepted again.
 */
export class SpaceReserve {
  readonly #files: Files
  readonly #directory: string
  readonly #path: string
  readonly #sizeBytes: number
  #held = false

  /** `sizeBytes` 0 keeps no reserve. */
  constructor(files: Files, directory: string, sizeBytes: number) {
    this.#files = files
    this.#directory = directory
    this.#path = join(directory, reserveFile)
    this.#sizeBytes = sizeBytes
    this.#held = sizeBytes === 0
  }

  /** False after {@link release} until {@link acquire} succeeds: the disk is full and appends are refused. */
  get isHeld(): boolean {
    return this.#held
  }

  /** Fills the reserve. Throws the file system's error when there is no room for it. */
  acquire(): void {
    if (this.#held) return
    const file = this.#files.openSync(this.#path, 'write')
    try {
      // Zeros may be stored as a hole that reserves nothing; these bytes cannot.
      if (file.sizeSync() < this.#sizeBytes) writeFully(file, [Buffer.alloc(this.#sizeBytes, 0xa5)], 0)
      this.#held = true
    } finally {
      file.closeSync()
      if (!this.#held) this.release()
    }
  }

  /** Gives the room back: a full disk was met. */
  release(): void {
    if (this.#sizeBytes === 0) return
    this.#held = false
    this.#files.removeSync(this.#path)
  }

  /** Gives the room back if others have left so little that what must be written next would not fit. */
  makeRoom(): void {
    if (this.#sizeBytes > 0 && this.#files.freeBytesSync(this.#directory) < resumeHeadroomBytes)
      this.release()
  }

  /** Whether an append of `bytes` may be tried: the reserve is held, or there is room enough to take it again. */
  admits(bytes: number): boolean {
    if (this.#held) return true
    if (this.#files.freeBytesSync(this.#directory) < this.#sizeBytes + bytes + resumeHeadroomBytes)
      return false
    try {
      this.acquire()
    } catch {
      return false
    }
    return true
  }
}
