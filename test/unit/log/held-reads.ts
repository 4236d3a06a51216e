import { type FileCall, InterposedFiles } from '../../../src/testing/interposed-files.ts'

/** Files whose asynchronous reads answer late. */
export class HeldReads extends InterposedFiles {
  #gate: Promise<void> | undefined

  /** Holds all answers back until the returned function is called. */
  hold(): () => void {
    let release = () => {}
    this.#gate = new Promise((resolve) => (release = resolve))
    return release
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    const result = run(call)
    if (call.kind !== 'read' || !(result instanceof Promise) || this.#gate === undefined) return result
    return this.#gate.then(() => result) as T
  }
}
