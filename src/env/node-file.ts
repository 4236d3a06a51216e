import * as fs from 'node:fs'
import type { File } from './env.ts'
import { pooledCall, systemCall } from './system-call.ts'
import { systemError } from './system-error.ts'

/**
 * An open file descriptor. Once closed every call fails with `EBADF`: the number may belong to another file by
 * then, and a late write must not reach that one. Closing twice is no error. The caller lets asynchronous calls
 * settle before it closes.
 */
export class NodeFile implements File {
  readonly path: string
  #descriptor: number | undefined

  constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  sizeSync(): number {
    const descriptor = this.#open('fstat')
    return systemCall(() => fs.fstatSync(descriptor).size)
  }

  readSync(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    const descriptor = this.#open('read')
    return systemCall(() => fs.readSync(descriptor, target, targetOffset, length, position))
  }

  async read(target: Uint8Array, targetOffset: number, length: number, position: number): Promise<number> {
    const descriptor = this.#open('read')
    return pooledCall((done) => fs.read(descriptor, target, targetOffset, length, position, done))
  }

  // libuv splits what exceeds the system's limit of buffers per call (IOV_MAX, 1024) and goes on after a short
  // write, so fewer bytes than asked means that the next call would fail.
  writevSync(buffers: readonly Uint8Array[], position: number): number {
    const descriptor = this.#open('write')
    return systemCall(() => fs.writevSync(descriptor, buffers, position))
  }

  async writev(buffers: readonly Uint8Array[], position: number): Promise<number> {
    const descriptor = this.#open('write')
    return pooledCall((done) => fs.writev(descriptor, buffers, position, done))
  }

  truncateSync(sizeBytes: number): void {
    const descriptor = this.#open('ftruncate')
    systemCall(() => fs.ftruncateSync(descriptor, sizeBytes))
  }

  // fdatasync leaves out the times, and on macOS libuv asks the drive itself (F_FULLFSYNC).
  async sync(): Promise<void> {
    const descriptor = this.#open('fdatasync')
    return pooledCall<void>((done) => fs.fdatasync(descriptor, (error) => done(error)))
  }

  syncSync(): void {
    const descriptor = this.#open('fdatasync')
    systemCall(() => fs.fdatasyncSync(descriptor))
  }

  closeSync(): void {
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    // Never repeated, even when interrupted: the descriptor is free again in either case.
    if (descriptor !== undefined) fs.closeSync(descriptor)
  }

  #open(syscall: string): number {
    if (this.#descriptor === undefined) throw systemError('EBADF', syscall)
    return this.#descriptor
  }
}
