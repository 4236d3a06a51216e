import { basename, dirname, join } from 'node:path'
import type { File, Files, OpenMode } from '../../../src/env/env.ts'
import { cleanShutdownSidecar } from '../../../src/log/clean-shutdown.ts'
import { durablePointFile } from '../../../src/log/durable-point.ts'
import { logStartOffsetCheckpointFile, temporarySuffix } from '../../../src/log/file-names.ts'
import { type FileCall, InterposedFiles, loseUnsyncedOf } from '../../../src/testing/interposed-files.ts'
import type { FileLayer } from './workload-run.ts'

/**
 * Deliberate bugs between the engine and the disk. An enumeration that lets one pass has no teeth.
 *
 * - `directory syncs dropped`: names are never made durable
 * - `no sync before rename`: a file takes the place of another before its content is on the disk
 * - `write later`: an append is acknowledged, and written when the next call of the file comes
 * - `sync later`: an append is acknowledged, and synced when the next call of the file comes
 * - `failed sync retried`: a sync fails, which loses what it was for, and is made again, which succeeds
 * - `recovery not synced`: what was recovered is served before it is durable
 * - `start offset in place`: the start offset is written over the old one
 * - `point before cut`: the durable point is not durably lowered before the log is cut
 */
export const engineMutants: Readonly<Record<string, FileLayer>> = {
  'directory syncs dropped': instead(({ kind }) => kind === 'syncDirectory'),
  'no sync before rename': instead(({ kind, path }) => kind === 'sync' && path.endsWith(temporarySuffix)),
  'write later': (files) => new LateFiles(files, 'write'),
  'sync later': (files) => new LateFiles(files, 'sync'),
  'failed sync retried': (files) => new RetryingFiles(files),
  'recovery not synced': (files) => new UnsyncedRecovery(files),
  'start offset in place': (files) => new StartOffsetInPlace(files),
  'point before cut': instead(({ kind, path }) => kind === 'sync' && basename(path) === durablePointFile),
}

/** Answers the calls that match as if they had been made. */
function instead(matches: (call: FileCall) => boolean): FileLayer {
  return (files) => new SkippingFiles(files, matches)
}

class SkippingFiles extends InterposedFiles {
  readonly #matches: (call: FileCall) => boolean

  constructor(files: Files, matches: (call: FileCall) => boolean) {
    super(files)
    this.#matches = matches
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    return this.#matches(call) ? done(call) : run(call)
  }
}

/** What a call that did all it should would return: the bytes of a write, nothing of a sync. */
function done<T>({ kind, buffers = [] }: FileCall): T {
  return (kind === 'write' ? buffers.reduce((sum, { length }) => sum + length, 0) : undefined) as T
}

/** Makes the calls of one kind on segments when the next call of any kind on the same file comes. */
class LateFiles extends InterposedFiles {
  readonly #kind: FileCall['kind']
  readonly #held = new Map<string, () => void>()

  constructor(files: Files, kind: 'write' | 'sync') {
    super(files)
    this.#kind = kind
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    // A sync makes durable what was written, not what was held back.
    if (this.#kind === 'write' && call.kind === 'sync') return run(call)
    this.#held.get(call.path)?.()
    this.#held.delete(call.path)
    if (call.kind !== this.#kind || !call.path.endsWith('.log')) return run(call)
    const { buffers } = call
    const copy = buffers && { ...call, buffers: buffers.map((bytes) => Buffer.from(bytes)) }
    this.#held.set(call.path, () => {
      // By then the file may be closed, or the power gone.
      new Promise((resolve) => resolve(run(copy ?? call))).catch(() => undefined)
    })
    return done(call)
  }
}

class RetryingFiles extends InterposedFiles {
  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    if (call.kind === 'sync' && call.file && call.path.endsWith('.log')) loseUnsyncedOf(call.file)
    return run(call)
  }
}

/** Without the file of a clean stop there is a recovery, and the durable point is the last thing that it syncs. */
class UnsyncedRecovery extends InterposedFiles {
  readonly #beneath: Files
  #isRecovering = false

  constructor(files: Files) {
    super(files)
    this.#beneath = files
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    const stop = join(dirname(call.path), cleanShutdownSidecar)
    if (call.kind === 'lock') this.#isRecovering = this.#beneath.statSync(stop) === undefined
    if (call.kind !== 'sync') return run(call)
    if (basename(call.path) === durablePointFile) this.#isRecovering = false
    return this.#isRecovering && call.path.endsWith('.log') ? done(call) : run(call)
  }
}

const startOffsetTemporary = logStartOffsetCheckpointFile + temporarySuffix

class StartOffsetInPlace extends InterposedFiles {
  readonly #beneath: Files

  constructor(files: Files) {
    super(files)
    this.#beneath = files
  }

  override openSync(path: string, mode: OpenMode): File {
    if (basename(path) !== startOffsetTemporary) return super.openSync(path, mode)
    const file = this.#beneath.openSync(path.slice(0, -temporarySuffix.length), 'write')
    file.truncateSync(0)
    return file
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    const isItsRename = call.kind === 'rename' && basename(call.path) === startOffsetTemporary
    return isItsRename ? done(call) : run(call)
  }
}
