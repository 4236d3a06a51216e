import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Codec } from '../../../native-free/codec.ts'
import { MalformedInputError, OutputLimitError, UnavailableError } from '../../../native-free/errors.ts'
import { GrowingOutput } from '../../../native-free/growing-output.ts'
import { createLz4Codec } from '../../../native-free/lz4.ts'
import { createLz4BlockWasm } from '../../../native-free/lz4-block-wasm.ts'
import { xxhash32 } from '../../../native-free/xxhash32.ts'
import { isAddonInstalled } from './addon.ts'
import { anyInput, namedInputs, noise, seeded } from './inputs.ts'
import { readVector } from './vectors.ts'

const wasm = createLz4Codec('wasm')
const js = createLz4Codec('js')

test.each(['empty', 'tiny', 'text-300k', 'random-70k'])(
  'compresses %s to the bytes that Kafka makes of it',
  (input) => {
    const plain = readVector(`compressed/${input}.plain`)
    expect(wasm.compress(plain).equals(readVector(`compressed/${input}.lz4`))).toBe(true)
  },
)

test('reads what Kafka compressed harder', () => {
  const plain = readVector('compressed/text-300k.plain')
  const compressed = readVector('compressed/text-300k.level17.lz4')
  for (const codec of [wasm, js]) expect(codec.decompress(compressed, plain.length).equals(plain)).toBe(true)
})

/** What a codec makes of a frame: its content, or the error. */
function outcomeOf(codec: Codec, frame: Buffer): string {
  try {
    return codec.decompress(frame, 5000).toString('hex')
  } catch (error) {
    return String(error)
  }
}

describe('wasm and js', () => {
  test.each([...namedInputs])('compress %s to the same bytes', (_, plain) => {
    expect(js.compress(plain).equals(wasm.compress(plain))).toBe(true)
  })

  test('compress anything to the same bytes, and read each other', () => {
    fc.assert(
      fc.property(anyInput, (plain) => {
        const compressed = wasm.compress(plain)
        return js.compress(plain).equals(compressed) && js.decompress(compressed, plain.length).equals(plain)
      }),
      { numRuns: 150, ...seeded() },
    )
  })

  test('agree on what is wrong with a block', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (block) => {
        const frame = frameOf({ blocks: [block] })
        expect(outcomeOf(js, frame)).toBe(outcomeOf(wasm, frame))
      }),
      { numRuns: 3000, ...seeded() },
    )
  })
})

test('an instance that fails is replaced', () => {
  const block = createLz4BlockWasm()
  const plain = noise(1000)
  const compressed = Buffer.alloc(3000)
  const size = block.compress(Buffer.concat([plain, plain]), 0, 2000, compressed, 0)
  // More than 4 GiB of WebAssembly memory do not exist.
  expect(() => block.decompress(compressed, 0, size, new GrowingOutput('lz4', 2 ** 40), 2 ** 40)).toThrow(
    RangeError,
  )
  const output = new GrowingOutput('lz4', 2000)
  expect(block.decompress(compressed, 0, size, output, 2000)).toBe(2000)
  expect(output.finish()).toEqual(Buffer.concat([plain, plain]))
})

test.runIf(isAddonInstalled)('the addon, asked for by name, reads and is read', () => {
  const native = createLz4Codec('native')
  fc.assert(
    fc.property(anyInput, (plain) => {
      const ours = native.decompress(wasm.compress(plain), plain.length)
      return ours.equals(plain) && wasm.decompress(native.compress(plain), plain.length).equals(plain)
    }),
    { numRuns: 100, ...seeded() },
  )
})

test.runIf(!isAddonInstalled)(
  'the addon is unavailable unless installed, and the message says what to do',
  () => {
    expect(() => createRequire(import.meta.url)('lz4')).toThrow()
    expect(() => createLz4Codec('native')).toThrow(UnavailableError)
    expect(() => createLz4Codec('native')).toThrow(/npm install lz4.*'wasm'/)
  },
)

interface FrameParts {
  flg?: number
  bd?: number
  contentBytes?: bigint
  blocks?: readonly Uint8Array[]
  /** Blocks with the flag for "stored as it is". */
  stored?: readonly Uint8Array[]
  content?: Uint8Array
  magicInChecksum?: boolean
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

/** A frame by the book, with every feature that its flags name. */
function frameOf({
  flg = 0x60,
  bd = 0x40,
  contentBytes,
  blocks = [],
  stored = [],
  content,
  magicInChecksum,
}: FrameParts): Buffer {
  const size = Buffer.alloc(contentBytes === undefined ? 0 : 8)
  if (contentBytes !== undefined) size.writeBigUInt64LE(contentBytes)
  const descriptor = Buffer.concat([Buffer.from([flg, bd]), size])
  const magic = Buffer.from('04224d18', 'hex')
  const hashed = magicInChecksum ? Buffer.concat([magic, descriptor]) : descriptor
  const parts: Uint8Array[] = [magic, descriptor, Buffer.from([(xxhash32(hashed) >> 8) & 255])]
  const put = (block: Uint8Array, flag: number): void => {
    parts.push(uint32(block.length + flag), block)
    if (flg & 0x10) parts.push(uint32(xxhash32(block)))
  }
  for (const block of blocks) put(block, 0)
  for (const block of stored) put(block, 2 ** 31)
  parts.push(uint32(0))
  if (flg & 0x04) parts.push(uint32(xxhash32(content ?? Buffer.alloc(0))))
  return Buffer.concat(parts)
}

const hello = Buffer.from('hello')

/** A block of `size` times `a`, at least 280: one literal, a match, five literals. */
function runOf(size: number): Buffer {
  const rest = size - 6 - 4 - 15
  const length = [...Array.from({ length: Math.floor(rest / 255) }, () => 255), rest % 255]
  return Buffer.concat([
    Buffer.from('1f610100', 'hex'),
    Buffer.from(length),
    Buffer.from('506161616161', 'hex'),
  ])
}

describe.each([
  ['wasm', wasm],
  ['js', js],
])('a frame read by %s', (_, codec) => {
  const read = (frame: Buffer, maxOutputBytes = 1_000_000): string =>
    codec.decompress(frame, maxOutputBytes).toString()

  test('may hold compressed and stored blocks', () => {
    expect(read(frameOf({ blocks: [runOf(300)], stored: [hello] }))).toBe(`${'a'.repeat(300)}hello`)
  })

  test.each([4, 5, 6, 7])('may declare blocks of size code %d, which bounds them', (code) => {
    const blockBytes = 1 << (8 + 2 * code)
    const bd = code << 4
    expect(read(frameOf({ bd, stored: [Buffer.alloc(blockBytes, 'x')] }), 5_000_000).length).toBe(blockBytes)
    expect(() => read(frameOf({ bd, stored: [Buffer.alloc(blockBytes + 1)] }), 5_000_000)).toThrow(
      MalformedInputError,
    )
    expect(read(frameOf({ bd, blocks: [runOf(blockBytes)] }), 5_000_000).length).toBe(blockBytes)
    expect(() => read(frameOf({ bd, blocks: [runOf(blockBytes + 1)] }), 5_000_000)).toThrow(/holds more than/)
  })

  test('may carry block checksums, a content checksum and a content size, which are verified', () => {
    const good: FrameParts = { flg: 0x7c, contentBytes: 5n, stored: [hello], content: hello }
    expect(read(frameOf(good))).toBe('hello')
    expect(() => read(frameOf({ ...good, contentBytes: 4n }))).toThrow(/declares 4 bytes and holds 5/)
    expect(() => read(frameOf({ ...good, content: Buffer.from('hallo') }))).toThrow(/checksum of the content/)
    const damaged = frameOf(good)
    damaged.write('j', damaged.indexOf('hello'))
    expect(() => read(damaged)).toThrow(/checksum of a block/)
  })

  test('that declares more content than allowed is refused at once', () => {
    expect(() => read(frameOf({ flg: 0x68, contentBytes: 2n ** 60n }), 100)).toThrow(OutputLimitError)
  })

  test('may follow another, each with its own content checksum', () => {
    const one = frameOf({ flg: 0x64, stored: [hello], content: hello })
    expect(read(Buffer.concat([one, one, frameOf({ blocks: [runOf(300)] })]))).toBe(
      `hellohello${'a'.repeat(300)}`,
    )
  })

  test.each([
    ['whose blocks depend on earlier ones', { flg: 0x40 }, /depend on earlier/],
    ['of version 0', { flg: 0x20 }, /version 0/],
    ['of version 2', { flg: 0xa0 }, /version 2/],
    ['with a dictionary', { flg: 0x61 }, /dictionary/],
    ['with the reserved bit of FLG', { flg: 0x62 }, /reserved/],
    ['with a low reserved bit of BD', { bd: 0x41 }, /reserved/],
    ['with the high reserved bit of BD', { bd: 0xc0 }, /reserved/],
    ['with block size code 3', { bd: 0x30 }, /code 3/],
  ])('%s is refused', (_name, parts, message) => {
    expect(() => read(frameOf({ ...parts, stored: [hello] }))).toThrow(MalformedInputError)
    expect(() => read(frameOf({ ...parts, stored: [hello] }))).toThrow(message)
  })

  test.each([
    ['a wrong header checksum', (frame: Buffer) => frame.fill(0, 6, 7)],
    ['another magic number', (frame: Buffer) => frame.fill(0x50, 0, 1)],
    ['no end mark', (frame: Buffer) => frame.subarray(0, -4)],
    ['bytes behind it', (frame: Buffer) => Buffer.concat([frame, hello])],
    [
      'a skippable frame behind it',
      (frame: Buffer) => Buffer.concat([frame, Buffer.from('502a4d180100000000', 'hex')]),
    ],
    ['an empty block', (frame: Buffer) => Buffer.concat([frame.subarray(0, -4), uint32(2 ** 31), uint32(0)])],
  ])('with %s is refused', (_name, damage) => {
    expect(() => read(damage(frameOf({ stored: [hello] })))).toThrow(MalformedInputError)
  })

  test.each([
    ['promises more literals than it has, or than fit', `f0${'ff'.repeat(300)}00`],
    ['ends after a token', '10'],
    ['ends inside its literals', '306161'],
    ['ends inside a length', 'f0ff'],
    ['ends inside a distance', '106101'],
    ['ends after a match', '10610100'],
    ['has distance 0', '10610000 50 6161616161'],
    ['reaches back beyond its beginning', '10610200 50 6161616161'],
  ])('with a block that %s is refused', (_name, hex) => {
    const block = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    expect(() => read(frameOf({ blocks: [block] }))).toThrow(MalformedInputError)
    expect(() => read(frameOf({ blocks: [block] }))).toThrow(/breaks the format/)
  })
})

test('the header checksum of old messages is accepted only when asked for', () => {
  const old = readVector('compressed/tiny.magic0.lz4')
  const tolerant = createLz4Codec('wasm', { brokenHeaderChecksum: true })
  expect(() => wasm.decompress(old, 100)).toThrow(MalformedInputError)
  expect(tolerant.decompress(old, 100).toString()).toBe('tidemark')
  expect(tolerant.decompress(readVector('compressed/tiny.lz4'), 100).toString()).toBe('tidemark')
  expect(() => tolerant.decompress(frameOf({ stored: [hello] }).fill(0, 6, 7), 100)).toThrow(
    MalformedInputError,
  )
  expect(tolerant.decompress(frameOf({ stored: [hello], magicInChecksum: true }), 100)).toEqual(hello)
})
