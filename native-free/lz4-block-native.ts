import { UnavailableError } from './errors.ts'
import type { GrowingOutput } from './growing-output.ts'
import { type Lz4Block, lz4ExpansionBytesMax } from './lz4-block.ts'
import { lz4BlockJs } from './lz4-block-js.ts'
import { requirePackage } from './require-package.ts'

/**
 * The two functions we use of the `lz4` package. Its frame decoder is not among them: on a truncated frame it
 * emits an error that nobody can catch.
 */
interface Lz4Addon {
  /** Returns the size, 0 when the result does not fit `output[start, end)`. */
  encodeBlock(input: Uint8Array, output: Uint8Array, start: number, end: number): number
  /** Returns the size; negative when malformed or when `output` is too small. */
  decodeBlock(input: Uint8Array, output: Uint8Array): number
}

function loadAddon(): Lz4Addon {
  try {
    return requirePackage<Lz4Addon>('lz4')
  } catch (cause) {
    throw new UnavailableError(
      "lz4 'native': the optional package lz4 is not installed, or was built for another Node.js. " +
        "Install or rebuild it (npm install lz4, npm rebuild lz4), or use 'wasm', which needs neither.",
      { cause },
    )
  }
}

/** LZ4 blocks by the addon of the `lz4` package. Throws {@link UnavailableError} when it does not load. */
export function createLz4BlockNative(): Lz4Block {
  const addon = loadAddon()
  return {
    compress(source, start, end, target, targetStart) {
      // One byte less than the input: what does not fit is not worth keeping.
      return addon.encodeBlock(
        source.subarray(start, end),
        target,
        targetStart,
        targetStart + (end - start) - 1,
      )
    },
    decompress(source, start, end, output: GrowingOutput, maxBytes) {
      const room = output.reserve(Math.min(maxBytes, lz4ExpansionBytesMax(end - start)))
      const size = addon.decodeBlock(source.subarray(start, end), room)
      // The addon does not tell a block that is too large from a malformed one: the plain decoder does.
      if (size < 0) return lz4BlockJs.decompress(source, start, end, output, maxBytes)
      output.advance(size)
      return size
    },
  }
}
