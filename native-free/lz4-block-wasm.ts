import { UnavailableError } from './errors.ts'
import type { GrowingOutput } from './growing-output.ts'
import type { Lz4Block } from './lz4-block.ts'
import { lz4Wasm } from './wasm/lz4.wasm.ts'
import { wasmInstantiator, type WasmMemory } from './wasm-instance.ts'

/** Where input goes, and what must lie between input and output and behind output: see the memory map in `lz4.wat`. */
const INPUT_START = 17 * 1024
const SPARE_BYTES = 64
const PAGE_BYTES = 64 * 1024

/** Instances that grew beyond this for a frame of large blocks are not kept. */
const KEPT_MEMORY_BYTES = 1024 * 1024

interface Lz4Exports {
  readonly memory: WasmMemory
  compress(from: number, size: number, to: number): number
  decompress(from: number, size: number, to: number, maxSize: number): number
}

const instantiate = wasmInstantiator<Lz4Exports>(lz4Wasm)

/** False without WebAssembly or without its SIMD instructions. */
export const isLz4WasmUsable: boolean = instantiate !== undefined

/** An instance of the module with its input and output in place. */
class Workspace {
  readonly exports: Lz4Exports
  /** All of the memory; a new one after each growth. */
  view: Uint8Array

  constructor(instantiateExports: () => Lz4Exports) {
    this.exports = instantiateExports()
    this.view = new Uint8Array(this.exports.memory.buffer)
  }

  /** Copies the input in and returns where the output, of at most `outputBytes`, may begin. */
  load(source: Uint8Array, start: number, end: number, outputBytes: number): number {
    const outputStart = INPUT_START + (end - start) + SPARE_BYTES
    this.#ensure(outputStart + outputBytes + SPARE_BYTES)
    this.view.set(source.subarray(start, end), INPUT_START)
    return outputStart
  }

  #ensure(size: number): void {
    const missing = size - this.view.length
    if (missing <= 0) return
    this.exports.memory.grow(Math.ceil(missing / PAGE_BYTES))
    this.view = new Uint8Array(this.exports.memory.buffer)
  }
}

class Lz4BlockWasm implements Lz4Block {
  readonly #instantiate: () => Lz4Exports
  /** `undefined` when the last instance trapped or grew large: the next call starts afresh. */
  #workspace: Workspace | undefined

  constructor(instantiateExports: () => Lz4Exports) {
    this.#instantiate = instantiateExports
  }

  compress(source: Uint8Array, start: number, end: number, target: Uint8Array, targetStart: number): number {
    const inputSize = end - start
    return this.#use((workspace) => {
      const to = workspace.load(source, start, end, inputSize + Math.ceil(inputSize / 255) + 16)
      const size = workspace.exports.compress(INPUT_START, inputSize, to)
      if (size >= inputSize) return 0
      target.set(workspace.view.subarray(to, to + size), targetStart)
      return size
    })
  }

  decompress(
    source: Uint8Array,
    start: number,
    end: number,
    output: GrowingOutput,
    maxBytes: number,
  ): number {
    return this.#use((workspace) => {
      const to = workspace.load(source, start, end, maxBytes)
      const size = workspace.exports.decompress(INPUT_START, end - start, to, maxBytes)
      if (size > 0) output.append(workspace.view.subarray(to, to + size))
      return size
    })
  }

  /** Runs `work` on the workspace, which is kept only if `work` neither threw (a trap) nor made it large. */
  #use(work: (workspace: Workspace) => number): number {
    const workspace = this.#workspace ?? new Workspace(this.#instantiate)
    this.#workspace = undefined
    const result = work(workspace)
    if (workspace.view.length <= KEPT_MEMORY_BYTES) this.#workspace = workspace
    return result
  }
}

/** LZ4 blocks by WebAssembly. Throws {@link UnavailableError} where {@link isLz4WasmUsable} is false. */
export function createLz4BlockWasm(): Lz4Block {
  if (instantiate === undefined) {
    throw new UnavailableError("lz4 'wasm': this runtime has no WebAssembly with SIMD; use 'js'")
  }
  return new Lz4BlockWasm(instantiate)
}
