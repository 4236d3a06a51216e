import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildWasm, wasmSource } from '../../../native-free/wasm/build.mjs'

const folder = new URL('../../../native-free/wasm/', import.meta.url)
const modules = await buildWasm()

test('there are the modules we know of', () => {
  expect([...modules.keys()]).toEqual(['crc32c', 'lz4'])
})

test.each([...modules])('%s.wasm.ts is what its source assembles to', (name, binary) => {
  expect(readFileSync(new URL(`${name}.wasm.ts`, folder), 'utf8')).toBe(wasmSource(name, binary))
  expect(binary.length).toBeLessThan(4096)
})
