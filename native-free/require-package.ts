import { createRequire } from 'node:module'

/**
 * A CommonJS package that few need, loaded when one of them does: imported, it would take milliseconds of every start,
 * most of them for the parser by which Node finds the names that such a module exports. The caller describes as `Exports`
 * what it has. Throws what `require` throws when the package is not installed.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- names what the caller knows of the package
export function requirePackage<Exports>(name: string): Exports {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same
  return createRequire(import.meta.url)(name) as Exports
}
