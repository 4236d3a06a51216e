import type { Files } from '../env/env.ts'
import { type FileCall, type FileCallKind, InterposedFiles } from './interposed-files.ts'

/** A call that changed the file system, or made a change durable. */
export interface FileRecord {
  readonly kind: FileCallKind
  readonly path: string
  /** Where a rename led. */
  readonly target?: string
  /** Where a write began, in bytes. */
  readonly position?: number
  /** What was written, after a short write only that. */
  readonly bytes?: Buffer
  /** To what a truncate cut or extended, in bytes. */
  readonly sizeBytes?: number
}

/** Records what is done to `files`. */
export function recordingFiles(files: Files): RecordingFiles {
  return new RecordingFiles(files)
}

const recordedKinds: ReadonlySet<FileCallKind> = new Set([
  'open',
  'write',
  'truncate',
  'sync',
  'rename',
  'remove',
  'removeDirectory',
  'makeDirectory',
  'setModified',
  'syncDirectory',
  'lock',
  'unlock',
])

/** Whether a call may change the file system, or make a change durable. Opening may, unless it is for reading. */
export function mayChangeDisk({ kind, mode }: FileCall): boolean {
  return recordedKinds.has(kind) && mode !== 'read'
}

/**
 * Files that remember, in the order of their completion, the calls that succeeded and that may have changed
 * something: for tests of what comes before what. Opening counts unless it was for reading.
 */
export class RecordingFiles extends InterposedFiles {
  readonly #records: FileRecord[] = []

  /** All records so far, oldest first. */
  get records(): readonly FileRecord[] {
    return this.#records
  }

  /** Forgets all records and returns them. */
  take(): FileRecord[] {
    return this.#records.splice(0)
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    const result = run(call)
    if (!mayChangeDisk(call)) return result
    if (!(result instanceof Promise)) this.#record(call, result)
    else void result.then((value: unknown) => this.#record(call, value), ignore)
    return result
  }

  #record({ kind, path, target, position, buffers, sizeBytes }: FileCall, result: unknown): void {
    const bytes = buffers && Buffer.concat(buffers).subarray(0, Number(result))
    const details = { target, position, bytes, sizeBytes }
    const given = Object.entries(details).filter(([, value]) => value !== undefined)
    this.#records.push({ kind, path, ...Object.fromEntries(given) })
  }
}

/** The caller has the same promise, and handles its failure. */
function ignore(): void {}
