import type { Codec } from './codec.ts'
import type { Lz4Block } from './lz4-block.ts'
import { lz4BlockJs } from './lz4-block-js.ts'
import { createLz4BlockNative } from './lz4-block-native.ts'
import { createLz4BlockWasm, isLz4WasmUsable } from './lz4-block-wasm.ts'
import { compressLz4Frame, decompressLz4Frame, type Lz4FrameOptions } from './lz4-frame.ts'

/** Who works on the blocks. `native` is the addon of the optional peer dependency `lz4`. */
export type Lz4Implementation = 'wasm' | 'js' | 'native'

const blockCodecs: Record<Lz4Implementation, () => Lz4Block> = {
  wasm: createLz4BlockWasm,
  js: () => lz4BlockJs,
  native: createLz4BlockNative,
}

/**
 * A codec for LZ4 in Kafka's frame. The default is WebAssembly, or JavaScript where the runtime has none with SIMD;
 * the addon is used only when asked for by name, whatever is installed. Throws `UnavailableError` when the
 * asked implementation cannot run here. There is one level of speed, so `compress` takes any level as the same.
 */
export function createLz4Codec(
  implementation: Lz4Implementation = isLz4WasmUsable ? 'wasm' : 'js',
  options: Lz4FrameOptions = {},
): Codec {
  const block = blockCodecs[implementation]()
  return {
    id: 3,
    name: 'lz4',
    compress: (input) => compressLz4Frame(input, block),
    decompress: (input, maxOutputBytes) => decompressLz4Frame(input, maxOutputBytes, block, options),
  }
}
