import type { Files } from '../env/env.ts'
import { type FileCall, type FileCallKind, InterposedFiles } from './interposed-files.ts'
import { mayChangeDisk } from './recording-files.ts'

/** These make durable what a cut before them may have kept: they add no outcome. */
const addsNoOutcome: ReadonlySet<FileCallKind> = new Set(['sync', 'syncDirectory'])

/**
 * Files that stop to be looked at before every call that may change the disk, or make a change durable. What a cut may
 * leave at any other moment is among what it may leave at one of these, or at the very end: a sync under way has made
 * durable nothing that could not have survived a moment before.
 */
export class CrashPointFiles extends InterposedFiles {
  readonly #onPoint: (next: FileCall) => void
  #changeCount = 0
  readonly #count = () => {
    this.#changeCount++
  }

  constructor(files: Files, onPoint: (next: FileCall) => void) {
    super(files)
    this.#onPoint = onPoint
  }

  /** Changes so far. While it stays the same a cut can leave nothing new. */
  get changeCount(): number {
    return this.#changeCount
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    if (!mayChangeDisk(call)) return run(call)
    this.#onPoint(call)
    if (!addsNoOutcome.has(call.kind)) this.#count()
    const result = run(call)
    // What takes its time has changed something only when it is over.
    if (result instanceof Promise && call.kind === 'write') void result.then(this.#count, this.#count)
    return result
  }
}
