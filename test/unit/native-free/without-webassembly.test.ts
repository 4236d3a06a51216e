import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readVector } from './vectors.ts'

// Node has no WebAssembly under --jitless: everything that we decide at import falls back to JavaScript.

beforeAll(() => {
  vi.resetModules()
  vi.stubGlobal('WebAssembly', undefined)
})

afterAll(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('crc32c works, and wasm by name is unavailable', async () => {
  const { crc32c, createCrc32c } = await import('../../../native-free/crc32c.ts')
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  expect(() => createCrc32c('wasm')).toThrow(/no WebAssembly; use 'js'/)
})

test('lz4 works, and wasm by name is unavailable', async () => {
  const { createLz4Codec } = await import('../../../native-free/lz4.ts')
  const plain = readVector('compressed/text-300k.plain')
  expect(
    createLz4Codec().decompress(readVector('compressed/text-300k.lz4'), plain.length).equals(plain),
  ).toBe(true)
  expect(() => createLz4Codec('wasm')).toThrow(/no WebAssembly with SIMD; use 'js'/)
})

test('all codecs load; snappy alone is unavailable', async () => {
  const { codecByName } = await import('../../../native-free/codec.ts')
  for (const name of ['none', 'gzip', 'lz4'] as const) {
    expect(
      codecByName(name)
        .decompress(codecByName(name).compress(Buffer.from('tide')), 4)
        .toString(),
    ).toBe('tide')
  }
  expect(codecByName('zstd').decompress(readVector('compressed/tiny.zstd'), 8).toString()).toBe('tidemark')
  expect(() => codecByName('snappy').compress(Buffer.from('tide'))).toThrow(/snappy needs WebAssembly/)
  expect(() => codecByName('snappy').decompress(readVector('compressed/tiny.snappy'), 8)).toThrow(
    /snappy needs WebAssembly/,
  )
})
