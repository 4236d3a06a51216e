import { WireError } from '../../src/base/errors.ts'
import { type Api, apiKeys } from '../../src/wire/api-keys.ts'
import { heapBytesMax } from '../../src/wire/heap-bytes.ts'
import { crowdedFrames } from './crowded-frame.ts'
import { heldBytes } from './held-bytes.ts'

/** How much memory a decoded frame holds on to. */
export interface Expansion {
  /** The message, the array that the frame is full of, and what with. */
  readonly label: string
  readonly frameBytes: number
  /** Undefined where the frame was refused: its value would take too much. */
  readonly heldBytes: number | undefined
}

/** What the measurement is uncertain by. */
const noiseBytes = 64 * 1024
const triesMax = 5

/** Whether a frame's value holds on to more than any may. */
export function isExcessive({ frameBytes, heldBytes: held = 0 }: Expansion): boolean {
  return held > heapBytesMax(frameBytes) + noiseBytes
}

/** Measures the newest version of each request, filled with small elements of each of its arrays. */
export function* requestExpansions(frameBytes: number, apis: readonly Api[] = apiKeys): Generator<Expansion> {
  for (const { request } of apis) {
    const codec = request.at(request.maxVersion)
    for (const { path, bytes } of crowdedFrames(request, request.maxVersion, frameBytes)) {
      const label = `${request.name} v${request.maxVersion} ${path}`
      yield leastOfSome(() => ({
        label,
        frameBytes: bytes.length,
        heldBytes: heldUnlessRefused(() => codec.decode(bytes)),
      }))
    }
  }
}

/** What else the process allocates meanwhile is not the frame's: too much counts if it is so every time. */
function leastOfSome(measure: () => Expansion): Expansion {
  let last = measure()
  for (let tries = 1; isExcessive(last) && tries < triesMax; tries++) last = measure()
  return last
}

/** Bytes of the heap that what `make` makes holds on to; undefined if it refuses to make it. */
function heldUnlessRefused(make: () => unknown): number | undefined {
  try {
    return heldBytes(make)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}
