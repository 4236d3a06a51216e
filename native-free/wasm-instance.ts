/** The part of the WebAssembly API that we use. Node has no WebAssembly at all under `--jitless`, hence the `undefined`. */
interface WebAssemblyApi {
  readonly Module: new (binary: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: object }
}

/** A memory exported by a module. `grow` counts pages of 64 KiB and detaches the old `buffer`. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a global that the installed types do not know
const scope = globalThis as { WebAssembly?: WebAssemblyApi }

/** Whether this runtime has WebAssembly at all. */
export const hasWebAssembly = (): boolean => scope.WebAssembly !== undefined

/**
 * Compiles a module (base64) and returns a maker of fresh instances, whose exports the caller describes as `E`;
 * `undefined` when this runtime cannot run it. Compiling happens once, here; making an instance takes some ten
 * microseconds, so an instance whose state is in doubt is simply dropped.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- names what the caller knows of its module
export function wasmInstantiator<E extends object>(base64: string): (() => E) | undefined {
  const { WebAssembly } = scope
  if (WebAssembly === undefined) return undefined
  try {
    const module = new WebAssembly.Module(Buffer.from(base64, 'base64'))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same
    return () => new WebAssembly.Instance(module).exports as E
  } catch {
    return undefined // an engine without SIMD, or one whose policy forbids code generation
  }
}
