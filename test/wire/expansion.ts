import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Api, apiKeys } from '../../src/wire/api-keys.ts'
import { crowdedFrames } from './crowded-frame.ts'

/** How much memory a decoded frame holds on to. */
export interface Expansion {
  /** The message and the array that the frame is full of. */
  readonly label: string
  readonly frameBytes: number
  readonly heldBytes: number
}

/**
 * What a value may take: the smallest element has two bytes in the frame, and an object of 64 bytes to itself. 64 KiB
 * more are what the measurement is uncertain by.
 */
export function heldBytesMax(frameBytes: number): number {
  return 32 * frameBytes + 64 * 1024
}

const triesMax = 5

/** Measures the newest version of each request, filled with the smallest elements of each of its arrays. */
export function* requestExpansions(frameBytes: number, apis: readonly Api[] = apiKeys): Generator<Expansion> {
  const collectGarbage = exposeGc()
  for (const { request } of apis) {
    const codec = request.at(request.maxVersion)
    for (const { path, bytes } of crowdedFrames(request, request.maxVersion, frameBytes)) {
      const held = (): number => heldBy(() => codec.decode(bytes), collectGarbage)
      yield {
        label: `${request.name} v${request.maxVersion} ${path}`,
        frameBytes: bytes.length,
        heldBytes: leastOfSome(held, heldBytesMax(bytes.length)),
      }
    }
  }
}

/** What else the process allocates meanwhile is not the frame's: more than `max` counts if it is so every time. */
function leastOfSome(held: () => number, max: number): number {
  let least = held()
  for (let tries = 1; least > max && tries < triesMax; tries++) least = Math.min(least, held())
  return least
}

function heldBy(make: () => unknown, collectGarbage: () => void): number {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  const value = make()
  collectGarbage()
  const held = process.memoryUsage().heapUsed - before
  // Looked at here, so that it is still held above.
  return value === undefined ? 0 : held
}

function exposeGc(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
