export function buildWasm(): Promise<Map<string, Buffer>>
export function wasmSource(name: string, binary: Buffer): string
export function writeWasm(): Promise<void>
