import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Mutant } from './mutant-files.ts'
import type { Outcome } from './outcome.ts'
import { projectRoot } from './project-root.ts'
import type { Trial } from './trial.ts'
import { Workbench } from './workbench.ts'

/** A workbench for the tests of one file, whose writers, being child processes, run compiled code. */
export function useWorkbench(): Pick<Workbench, 'run'> {
  let bench: Workbench | undefined
  let compiled = ''
  beforeAll(() => {
    mkdirSync(join(projectRoot, 'dist'), { recursive: true })
    // Not where the long form is compiled to: that may be running.
    compiled = mkdtempSync(join(projectRoot, 'dist', 'torture-'))
    compileTo(compiled)
    bench = new Workbench(join(compiled, 'test/torture/writer.js'))
  })
  afterAll(() => {
    bench?.[Symbol.dispose]()
    rmSync(compiled, { recursive: true, force: true })
  })
  return {
    run: async (trial: Trial, mutant?: Mutant): Promise<Outcome> => {
      if (bench === undefined) throw new TypeError('the rig is compiled when the tests begin')
      return bench.run(trial, mutant)
    },
  }
}

function compileTo(directory: string): void {
  const compiler = join(projectRoot, 'node_modules/typescript/bin/tsc')
  const config = join(projectRoot, 'test/torture/tsconfig.json')
  execFileSync(process.execPath, [compiler, '-p', config, '--outDir', directory], { stdio: 'inherit' })
}
