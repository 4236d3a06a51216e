/**
 * The world as the engine sees it. Everything that touches the disk, the clock or randomness goes through an
 * {@link Env}, so that tests can fail, cut, delay and replay each of them. `nodeEnv()` is the real one;
 * `tidemark/testing` has one in memory and one that injects faults.
 */
export interface Env {
  readonly files: Files
  readonly clock: Clock
  readonly random: Random
}

export interface Clock {
  /** Wall time in whole milliseconds since 1970, for record timestamps and retention. It may jump. */
  nowMs(): number
  /** Milliseconds that never go back, with fractions, for measuring and for deadlines. */
  monotonicMs(): number
  /** Resolves after `delayMs`; rejects with `signal.reason` when aborted. Does not keep the process alive. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
  /**
   * Runs `action` once the current turn of the event loop is over: what gathers the appends of one turn, and
   * what long synchronous work awaits between slices so that others get their turn.
   */
  nextTurn(action: () => void): void
}

export interface Random {
  /** `length` bytes fit for identifiers. */
  bytes(length: number): Buffer
}

/** How {@link Files.open} opens. `read` needs the file; `write` creates it if absent and never truncates; `create` needs it absent. */
export type OpenMode = 'read' | 'write' | 'create'

/** What a path names. Sizes in bytes, times in milliseconds since 1970. */
export interface FileStat {
  readonly kind: 'file' | 'directory' | 'other'
  readonly sizeBytes: number
  readonly modifiedMs: number
}

/**
 * A file system. Calls whose name ends in `Sync` are short and return at once (the page cache answers in
 * microseconds, a hop through the thread pool costs tens); the others go through the thread pool. Failures
 * throw the system's own errors with their `code` (`ENOENT`, `ENOSPC`, `EIO`, ...). Nothing is retried here, but
 * for calls that a signal interrupted and, on Windows, renames and removes of files that another program has open.
 */
export interface Files {
  openSync(path: string, mode: OpenMode): File
  /** Names in a directory, unsorted. */
  listSync(directory: string): string[]
  /** `undefined` when the path does not exist. */
  statSync(path: string): FileStat | undefined
  /** Replaces `target` if it exists. Durable only after {@link syncDirectory} of the directory. */
  renameSync(source: string, target: string): void
  /** Removes a file; one that is already gone is no error. */
  removeSync(path: string): void
  /** Removes a directory with all it holds; one that is already gone is no error, a file is (`ENOTDIR`). */
  removeDirectorySync(path: string): void
  /** Creates a directory and its parents; one that exists is no error. */
  makeDirectorySync(path: string): void
  setModifiedSync(path: string, modifiedMs: number): void
  /** Bytes this process may still write on the disk of `path`. */
  freeBytesSync(path: string): number
  /** Makes creates, renames and removes in `directory` durable. Nothing to do on Windows. */
  syncDirectory(directory: string): Promise<void>
  syncDirectorySync(directory: string): void
  /**
   * Takes the lock file at `path` for this process, or throws `LockedError` naming the live owner. The lock of
   * a process that is gone (its pid is free or belongs to a process that started at another time) is taken over.
   */
  lockSync(path: string): Lock
  /** Calls `onChange` when something in `directory` may have changed; may also call it for nothing. */
  watch(directory: string, onChange: () => void): Watch
}

/**
 * An open file. Positions and lengths in bytes; no call moves a hidden cursor. It survives the renaming and the
 * removal of its path. Once closed, every call fails with `EBADF`, but for another close.
 */
export interface File {
  readonly path: string
  sizeSync(): number
  /** Reads up to `length` bytes into `target` at `targetOffset`; returns how many, 0 at the end of the file. */
  readSync(target: Uint8Array, targetOffset: number, length: number, position: number): number
  read(target: Uint8Array, targetOffset: number, length: number, position: number): Promise<number>
  /** One vectored write at `position`. Returns the bytes written, which may be fewer than asked. */
  writevSync(buffers: readonly Uint8Array[], position: number): number
  writev(buffers: readonly Uint8Array[], position: number): Promise<number>
  truncateSync(sizeBytes: number): void
  /** `fdatasync`: the content, and the size, are on the disk when it resolves. */
  sync(): Promise<void>
  syncSync(): void
  closeSync(): void
}

export interface Lock {
  releaseSync(): void
}

export interface Watch {
  close(): void
}
