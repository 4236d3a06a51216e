import type Crc32cJs from 'crc-32/crc32c.js'
import { UnavailableError } from './errors.ts'
import { byteAt } from './little-endian.ts'
import { requirePackage } from './require-package.ts'
import { crc32cWasm } from './wasm/crc32c.wasm.ts'
import { wasmInstantiator, type WasmMemory } from './wasm-instance.ts'

/**
 * CRC-32C (Castagnoli), the checksum of Kafka's record batches, over `bytes[start, end)`. `seed` is the result for
 * the bytes before (0 at the beginning), so a checksum can be taken piece by piece. Result: unsigned 32 bits.
 */
export type Crc32cRange = (bytes: Uint8Array, start: number, end: number, seed?: number) => number

/** Where the module wants its input, and how much at a time: see the memory map in `crc32c.wat`. */
const WINDOW_START = 19 * 1024
const WINDOW_BYTES = 45 * 1024

/** Up to this size copying byte by byte beats making the view that `TypedArray.set` needs. */
const SMALL_BYTES = 48

interface Crc32cExports {
  readonly memory: WasmMemory
  readonly update: (state: number, size: number) => number
}

const instantiate = wasmInstantiator<Crc32cExports>(crc32cWasm)

function createWasm(): Crc32cRange {
  if (instantiate === undefined) {
    throw new UnavailableError("crc32c 'wasm': this runtime has no WebAssembly; use 'js'")
  }
  const { memory, update } = instantiate()
  const window = new Uint8Array(memory.buffer, WINDOW_START, WINDOW_BYTES)
  return (bytes, start, end, seed = 0) => {
    checkRange(bytes, start, end)
    let state = ~seed
    for (let at = start; at < end; at += WINDOW_BYTES) {
      const size = Math.min(end - at, WINDOW_BYTES)
      if (size <= SMALL_BYTES) for (let i = 0; i < size; i++) window[i] = byteAt(bytes, at + i)
      else window.set(bytes.subarray(at, at + size))
      state = update(state, size)
    }
    return ~state >>> 0
  }
}

function createJs(): Crc32cRange {
  const crc32cJs = requirePackage<typeof Crc32cJs>('crc-32/crc32c.js')
  return (bytes, start, end, seed = 0) => {
    checkRange(bytes, start, end)
    return crc32cJs.buf(bytes.subarray(start, end), seed) >>> 0
  }
}

/** A range beyond the bytes would silently take the checksum of something else. */
function checkRange(bytes: Uint8Array, start: number, end: number): void {
  if (start >= 0 && start <= end && end <= bytes.length) return
  throw new RangeError(`the range [${start}, ${end}) is not within ${bytes.length} bytes`)
}

/**
 * A CRC-32C by name: `wasm` (see `crc32c.wat`; 64 KiB of memory of its own) or `js` (the `crc-32` package).
 * Throws {@link UnavailableError} for `wasm` where the runtime has none. Synchronous, so one instance serves all.
 */
export function createCrc32c(implementation: 'wasm' | 'js'): Crc32cRange {
  return implementation === 'wasm' ? createWasm() : createJs()
}

/** {@link Crc32cRange} by WebAssembly where the runtime has it, else in JavaScript. */
export const crc32cRange: Crc32cRange = createCrc32c(instantiate === undefined ? 'js' : 'wasm')

/** CRC-32C of all of `bytes`; see {@link Crc32cRange} for `seed` and the result. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  return crc32cRange(bytes, 0, bytes.length, seed)
}

/** CRC-32C of several buffers as if they were joined. */
export function crc32cOf(buffers: readonly Uint8Array[], seed = 0): number {
  let crc = seed
  for (const bytes of buffers) crc = crc32c(bytes, crc)
  return crc
}
