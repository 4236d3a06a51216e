import type { Files } from '../env/env.ts'

/** Renames that are all made or all undone. */
export class RenameJournal {
  readonly #files: Files
  readonly #done: (readonly [source: string, target: string])[] = []

  constructor(files: Files) {
    this.#files = files
  }

  rename(source: string, target: string): void {
    this.#files.renameSync(source, target)
    this.#done.push([source, target])
  }

  /** Takes all renames back, the last first. Throws where the file system refuses: then it is left half way. */
  undo(): void {
    for (const [source, target] of this.#done.splice(0).toReversed()) this.#files.renameSync(target, source)
  }
}
