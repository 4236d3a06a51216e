import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryDirectory } from './temporary-directory.ts'

const projectRoot = new URL('../../..', import.meta.url).pathname

/** Compiles `src/env` for child processes, which run plain Node; returns the URL of its `node-env.js`. */
export function compileEnv(): string {
  const directory = temporaryDirectory()
  const compilerOptions = {
    rootDir: projectRoot,
    outDir: join(directory, 'dist'),
    typeRoots: [join(projectRoot, 'node_modules/@types')],
    declaration: false,
    sourceMap: false,
  }
  const config = {
    extends: join(projectRoot, 'tsconfig.json'),
    compilerOptions,
    include: [],
    files: [join(projectRoot, 'src/env/node-env.ts')],
  }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module' }))
  execFileSync(process.execPath, [join(projectRoot, 'node_modules/typescript/bin/tsc'), '-p', directory])
  return pathToFileURL(join(directory, 'dist/src/env/node-env.js')).href
}
