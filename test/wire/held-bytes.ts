import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let exposed: (() => void) | undefined

/** Lets go of all that nobody holds on to. */
export function collectGarbage(): void {
  exposed ??= expose()
  exposed()
}

/** Bytes of the heap that what `make` makes holds on to. Other work of the process meanwhile counts, too. */
export function heldBytes(make: () => unknown): number {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  const value = make()
  collectGarbage()
  const held = process.memoryUsage().heapUsed - before
  // Looked at here, so that it is still held above.
  return value === undefined ? 0 : held
}

function expose(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
