import { createRequire } from 'node:module'
import { dirname } from 'node:path'

const nameOfPackage = 'tidemark/package.json'

/** The directory of this package. Asked of Node: the build puts this code into a file at another depth than its source. */
export function packageRoot(): string {
  return dirname(createRequire(import.meta.url).resolve(nameOfPackage))
}

/** The version that the package has. */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)(nameOfPackage) as { version: string }
  return version
}
