import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mutant } from './mutant-files.ts'
import type { Outcome } from './outcome.ts'
import { directoryInMemory, missingForCuts, missingForMounts } from './requirements.ts'
import { runTrial, type Trial } from './trial.ts'

/** Room for trials: one directory on the disk and one in memory, both gone with it. */
export class Workbench implements Disposable {
  readonly #writerPath: string
  readonly #onDisk = mkdtempSync(join(tmpdir(), 'tidemark-torture-'))
  readonly #inMemory = mkdtempSync(join(directoryInMemory(), 'tidemark-torture-'))
  #trialCount = 0

  /** `writerPath` is the compiled writer. */
  constructor(writerPath: string) {
    this.#writerPath = writerPath
  }

  /** Runs one trial in a directory of its own, against the engine or against a mutant of the file layer. */
  async run(trial: Trial, mutant?: Mutant): Promise<Outcome> {
    // A disk syncs slowly, so that few records are at stake: most kills happen in memory.
    const parent = isKilling(trial) && trial.seed % 4 === 0 ? this.#onDisk : this.#inMemory
    const directory = join(parent, String(this.#trialCount++))
    mkdirSync(directory)
    try {
      return await runTrial(trial, { writerPath: this.#writerPath, directory, mutant })
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }

  [Symbol.dispose](): void {
    for (const directory of [this.#onDisk, this.#inMemory])
      rmSync(directory, { recursive: true, force: true })
  }
}

function isKilling(trial: Trial): trial is Trial & { readonly rig: 'kills' | 'broker' } {
  return trial.rig === 'kills' || trial.rig === 'broker'
}

/** Why a trial cannot be made here; undefined when it can. */
export function missingFor(trial: Trial): string | undefined {
  if (isKilling(trial)) return undefined
  return trial.rig === 'full' ? missingForMounts() : missingForCuts(trial.fileSystem)
}
