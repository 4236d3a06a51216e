import type { File, FileStat, Files, Lock, OpenMode, Watch } from '../env/env.ts'

/** What a call does. The synchronous and the asynchronous form of a call are of one kind. */
export type FileCallKind =
  | 'open'
  | 'close'
  | 'size'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'list'
  | 'stat'
  | 'rename'
  | 'remove'
  | 'removeDirectory'
  | 'makeDirectory'
  | 'setModified'
  | 'freeBytes'
  | 'syncDirectory'
  | 'lock'
  | 'unlock'
  | 'watch'

/** One call, on its way to the files beneath. */
export interface FileCall {
  readonly kind: FileCallKind
  /** The file or directory; for an open file the path it was opened by; the source of a rename. */
  readonly path: string
  /** Where a rename leads. */
  readonly target?: string
  /** How an open opens. */
  readonly mode?: OpenMode
  /** Where a read or write begins, in bytes. */
  readonly position?: number
  /** What a write writes. */
  readonly buffers?: readonly Uint8Array[]
  /** To what a truncate cuts or extends, in bytes. */
  readonly sizeBytes?: number
  /** The open file beneath, for calls on one. */
  readonly file?: File
}

/** Files over other files, with {@link InterposedFiles.around} around each call: the way to count, record or fail them. */
export abstract class InterposedFiles implements Files {
  readonly #files: Files

  constructor(files: Files) {
    this.#files = files
  }

  /**
   * Stands around each call. `run` makes it, perhaps with other buffers than the caller gave. Asynchronous calls
   * yield a promise; what is thrown here becomes its rejection.
   */
  protected abstract around<T>(call: FileCall, run: (call: FileCall) => T): T

  openSync(path: string, mode: OpenMode): File {
    const file = this.around({ kind: 'open', path, mode }, () => this.#files.openSync(path, mode))
    return new InterposedFile(file, (call, run) => this.around(call, run))
  }

  listSync(path: string): string[] {
    return this.around({ kind: 'list', path }, () => this.#files.listSync(path))
  }

  statSync(path: string): FileStat | undefined {
    return this.around({ kind: 'stat', path }, () => this.#files.statSync(path))
  }

  renameSync(path: string, target: string): void {
    this.around({ kind: 'rename', path, target }, () => this.#files.renameSync(path, target))
  }

  removeSync(path: string): void {
    this.around({ kind: 'remove', path }, () => this.#files.removeSync(path))
  }

  removeDirectorySync(path: string): void {
    this.around({ kind: 'removeDirectory', path }, () => this.#files.removeDirectorySync(path))
  }

  makeDirectorySync(path: string): void {
    this.around({ kind: 'makeDirectory', path }, () => this.#files.makeDirectorySync(path))
  }

  setModifiedSync(path: string, modifiedMs: number): void {
    this.around({ kind: 'setModified', path }, () => this.#files.setModifiedSync(path, modifiedMs))
  }

  freeBytesSync(path: string): number {
    return this.around({ kind: 'freeBytes', path }, () => this.#files.freeBytesSync(path))
  }

  async syncDirectory(path: string): Promise<void> {
    return this.around({ kind: 'syncDirectory', path }, () => this.#files.syncDirectory(path))
  }

  syncDirectorySync(path: string): void {
    this.around({ kind: 'syncDirectory', path }, () => this.#files.syncDirectorySync(path))
  }

  lockSync(path: string): Lock {
    const lock = this.around({ kind: 'lock', path }, () => this.#files.lockSync(path))
    return { releaseSync: () => this.around({ kind: 'unlock', path }, () => lock.releaseSync()) }
  }

  watch(path: string, onChange: () => void): Watch {
    return this.around({ kind: 'watch', path }, () => this.#files.watch(path, onChange))
  }
}

/** Makes `file` forget what was not synced, as a failed sync does, if it is in memory and can. */
export function loseUnsyncedOf(file: File): void {
  if ('loseUnsynced' in file && typeof file.loseUnsynced === 'function') file.loseUnsynced()
}

class InterposedFile implements File {
  readonly path: string
  readonly #file: File
  readonly #around: <T>(call: FileCall, run: (call: FileCall) => T) => T

  constructor(file: File, around: <T>(call: FileCall, run: (call: FileCall) => T) => T) {
    this.path = file.path
    this.#file = file
    this.#around = around
  }

  sizeSync(): number {
    return this.#around(this.#call('size'), () => this.#file.sizeSync())
  }

  readSync(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    const run = () => this.#file.readSync(target, targetOffset, length, position)
    return this.#around(this.#call('read', { position }), run)
  }

  async read(target: Uint8Array, targetOffset: number, length: number, position: number): Promise<number> {
    const run = () => this.#file.read(target, targetOffset, length, position)
    return this.#around(this.#call('read', { position }), run)
  }

  writevSync(buffers: readonly Uint8Array[], position: number): number {
    const run = (call: FileCall) => this.#file.writevSync(call.buffers ?? buffers, position)
    return this.#around(this.#call('write', { position, buffers }), run)
  }

  async writev(buffers: readonly Uint8Array[], position: number): Promise<number> {
    const run = (call: FileCall) => this.#file.writev(call.buffers ?? buffers, position)
    return this.#around(this.#call('write', { position, buffers }), run)
  }

  truncateSync(sizeBytes: number): void {
    this.#around(this.#call('truncate', { sizeBytes }), () => this.#file.truncateSync(sizeBytes))
  }

  async sync(): Promise<void> {
    return this.#around(this.#call('sync'), () => this.#file.sync())
  }

  syncSync(): void {
    this.#around(this.#call('sync'), () => this.#file.syncSync())
  }

  closeSync(): void {
    this.#around(this.#call('close'), () => this.#file.closeSync())
  }

  /** Files may stand on several others: what the outermost loses is lost at the bottom. */
  loseUnsynced(): void {
    loseUnsyncedOf(this.#file)
  }

  #call(kind: FileCallKind, details: Partial<FileCall> = {}): FileCall {
    return { kind, path: this.path, file: this.#file, ...details }
  }
}
