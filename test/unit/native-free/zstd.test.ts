import { describe, expect, test } from 'vitest'
import { MalformedInputError, OutputLimitError, UnavailableError } from '../../../native-free/errors.ts'
import { createZstdCodec, isNodeZstdPresent, type ZstdImplementation } from '../../../native-free/zstd.ts'
import { readVector } from './vectors.ts'

const text = readVector('compressed/text-300k.plain')
const tiny = readVector('compressed/tiny.zstd')
const readers: ZstdImplementation[] = isNodeZstdPresent ? ['node', 'fzstd'] : ['fzstd']

const hex = (...parts: string[]): Buffer => Buffer.from(parts.join('').replaceAll(' ', ''), 'hex')
const MAGIC = '28b52ffd'
/** A last raw block of `hello`, and a frame around it with a window of 2 MiB. */
const HELLO_BLOCK = '290000 68656c6c6f'
const helloFrame = hex(MAGIC, '0058', HELLO_BLOCK)
const skippable = hex('5f2a4d18 03000000 ffffff')

describe.each(readers)('zstd read by %s', (reader) => {
  const codec = createZstdCodec(reader)
  const read = (input: Buffer, maxOutputBytes = 1_000_000): string =>
    codec.decompress(input, maxOutputBytes).toString()

  test('reads what Kafka compressed harder', () => {
    const compressed = readVector('compressed/text-300k.level19.zstd')
    expect(codec.decompress(compressed, text.length).equals(text)).toBe(true)
  })

  test('reads frames in a row and passes over skippable ones', () => {
    expect(read(Buffer.concat([tiny, skippable, helloFrame, tiny]))).toBe('tidemarkhellotidemark')
    expect(read(skippable)).toBe('')
    expect(() => read(Buffer.concat([tiny, helloFrame, tiny]), 20)).toThrow(OutputLimitError)
  })

  test('refuses a frame that is cut anywhere, also behind a whole one', () => {
    for (const input of [
      tiny,
      skippable,
      hex(MAGIC, '0458', HELLO_BLOCK, '00000000'),
      Buffer.concat([tiny, helloFrame]),
    ]) {
      for (let size = 0; size < input.length; size++) {
        if (size === tiny.length && input.length > 30) continue
        expect(() => read(input.subarray(0, size)), `${size} bytes`).toThrow(MalformedInputError)
      }
    }
    const big = readVector('compressed/text-300k.zstd')
    for (let size = big.length - 40; size < big.length; size++) {
      expect(() => read(big.subarray(0, size)), `${size} bytes`).toThrow(MalformedInputError)
    }
  })

  test.each([
    ['a declared size of one byte', hex(MAGIC, '2005', HELLO_BLOCK)],
    ['a declared size of four bytes', hex(MAGIC, 'a005000000', HELLO_BLOCK)],
    ['a declared size of eight bytes', hex(MAGIC, 'e00500000000000000', HELLO_BLOCK)],
    ['a dictionary id of 0', hex(MAGIC, '015800', HELLO_BLOCK)],
    ['the smallest window', hex(MAGIC, '0000', HELLO_BLOCK)],
    ['the largest window', hex(MAGIC, '0088', HELLO_BLOCK)],
  ])('reads a frame with %s', (_, frame) => {
    expect(read(frame)).toBe('hello')
  })

  test('reads a declared size of two bytes, which begins at 256', () => {
    expect(read(hex(MAGIC, '60 0000', '030800 61'))).toBe('a'.repeat(256))
  })

  test.each([
    ['another magic number', hex('27b52ffd', '0058', HELLO_BLOCK)],
    ['its reserved bit set', hex(MAGIC, '0858', HELLO_BLOCK)],
    ['a dictionary', hex(MAGIC, '015807', HELLO_BLOCK)],
    ['too large a window', hex(MAGIC, '0089', HELLO_BLOCK)],
    ['more content than declared', hex(MAGIC, '2004', HELLO_BLOCK)],
    ['less content than declared', hex(MAGIC, '2006', HELLO_BLOCK)],
    ['a block of the reserved type', hex(MAGIC, '0058', '2f0000 68656c6c6f')],
    ['a block beyond the largest size', hex(MAGIC, '0058', '0b0010 61')],
    ['a block beyond the window', hex(MAGIC, '0000', '032001 61', '61')],
    ['bytes behind it', hex(MAGIC, '0058', HELLO_BLOCK, '00')],
    ['a compressed block of nonsense', hex(MAGIC, '0058', '2d0000 ffffffffff')],
  ])('refuses a frame with %s', (_, frame) => {
    expect(() => read(frame)).toThrow(MalformedInputError)
  })

  test('refuses what declares more than allowed before anything else', () => {
    const declares = hex(MAGIC, 'e0 0000000000010000', HELLO_BLOCK)
    expect(() => read(declares, 1000)).toThrow(/declares 1099511627776 bytes/)
    expect(() => read(hex(MAGIC, '0058', '030010 61'), 1000)).toThrow(/declares 131072 bytes/)
  })
})

test.runIf(isNodeZstdPresent)('levels trade time for size, and the default is 3', () => {
  const codec = createZstdCodec()
  const sizeAt = (level?: number): number => codec.compress(text, level).length
  expect(sizeAt(19)).toBeLessThan(sizeAt(1))
  expect(sizeAt(-50)).toBeGreaterThan(sizeAt(1))
  expect(sizeAt()).toBe(sizeAt(3))
})

test('levels out of range are refused', () => {
  for (const level of [23, -131_073, 1.5, Number.NaN]) {
    expect(() => createZstdCodec().compress(text, level)).toThrow(RangeError)
  }
})

test.runIf(!isNodeZstdPresent)('without zstd in node:zlib, writing names the ways out', () => {
  expect(() => createZstdCodec().compress(text)).toThrow(UnavailableError)
  expect(() => createZstdCodec().compress(text)).toThrow(/22\.15 or later, or another compression/)
  expect(() => createZstdCodec('node')).toThrow(UnavailableError)
})
