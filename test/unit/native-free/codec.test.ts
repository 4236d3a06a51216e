import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Codec, codecById, codecByName } from '../../../native-free/codec.ts'
import { MalformedInputError, OutputLimitError } from '../../../native-free/errors.ts'
import { createLz4Codec } from '../../../native-free/lz4.ts'
import { createZstdCodec, isNodeZstdPresent } from '../../../native-free/zstd.ts'
import { isAddonInstalled } from './addon.ts'
import { anyDamage, anyInput, namedInputs, noise, seeded } from './inputs.ts'
import { readVector } from './vectors.ts'

/** Every codec that can run here, with the words that tell it apart. */
const codecs: [string, Codec][] = [
  ['none', codecByName('none')],
  ['gzip', codecByName('gzip')],
  ['snappy', codecByName('snappy')],
  ['lz4 by wasm', createLz4Codec('wasm')],
  ['lz4 by js', createLz4Codec('js')],
  ['zstd by fzstd', createZstdCodec('fzstd')],
]
if (isAddonInstalled) codecs.push(['lz4 by the addon', createLz4Codec('native')])
if (isNodeZstdPresent) codecs.push(['zstd by node', createZstdCodec('node')])

const canWrite = ({ name }: Codec): boolean => name !== 'zstd' || isNodeZstdPresent
const kafkaInputs = ['empty', 'tiny', 'text-300k', 'random-70k']
const plainOf = (input: string): Buffer => readVector(`compressed/${input}.plain`)

test('codecs are found by the number and the name that Kafka gives them', () => {
  const names = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
  for (const [id, name] of names.entries()) {
    expect(codecById(id)).toBe(codecByName(name))
    expect(codecByName(name)).toMatchObject({ id, name })
  }
  expect(codecById(5)).toBeUndefined()
  expect(codecById(-1)).toBeUndefined()
  expect(() => codecByName(JSON.parse('"brotli"'))).toThrow(RangeError)
})

describe.each(codecs.filter(([, codec]) => codec.name !== 'none'))(
  '%s reads what Kafka wrote',
  (_, codec) => {
    test.each(kafkaInputs)('%s', (input) => {
      const plain = plainOf(input)
      const compressed = readVector(`compressed/${input}.${codec.name}`)
      expect(codec.decompress(compressed, plain.length).equals(plain)).toBe(true)
    })
  },
)

describe.each(codecs.filter(([, codec]) => canWrite(codec)))('%s', (_, codec) => {
  test.each([...namedInputs])('gives back %s', (_name, plain) => {
    const compressed = codec.compress(plain)
    expect(codec.decompress(compressed, plain.length).equals(plain)).toBe(true)
  })

  test('gives back anything', () => {
    fc.assert(
      fc.property(anyInput, (plain) => codec.decompress(codec.compress(plain), plain.length).equals(plain)),
      { numRuns: 150, ...seeded() },
    )
  })

  test('works on views that begin and end inside of their buffer', () => {
    const buffer = noise(1000)
    const view = new Uint8Array(buffer.buffer, buffer.byteOffset + 100, 500)
    const compressed = codec.compress(view)
    const framed = new Uint8Array(compressed.length + 20).fill(9)
    framed.set(compressed, 10)
    expect(codec.decompress(framed.subarray(10, 10 + compressed.length), 500)).toEqual(Buffer.from(view))
  })

  test.each([1, 13, 65_536, 65_537, 200_000])('refuses %d bytes where one less is allowed', (size) => {
    for (const plain of [Buffer.alloc(size), noise(size)]) {
      const compressed = codec.compress(plain)
      expect(() => codec.decompress(compressed, size - 1)).toThrow(OutputLimitError)
      expect(codec.decompress(compressed, size).length).toBe(size)
      expect(codec.decompress(compressed, 2 ** 40).length).toBe(size)
    }
  })
})

describe.each(codecs.filter(([, codec]) => codec.name !== 'none'))('%s, given damaged input,', (_, codec) => {
  const plain = plainOf('text-300k')
  const compressed = readVector(`compressed/text-300k.${codec.name}`)
  const samples = kafkaInputs.map((input) => readVector(`compressed/${input}.${codec.name}`))

  /** Damage may go unseen, but what comes out is bytes within the limit or one of our two errors. */
  const survives = (damaged: Buffer, maxOutputBytes: number): void => {
    try {
      expect(codec.decompress(damaged, maxOutputBytes).length).toBeLessThanOrEqual(maxOutputBytes)
    } catch (error) {
      if (!(error instanceof MalformedInputError) && !(error instanceof OutputLimitError)) throw error
    }
  }

  test('throws its own errors only, and reads the next good input', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), anyDamage, (sample, damage) =>
        survives(damage(sample), 400_000),
      ),
      { numRuns: 1500, ...seeded() },
    )
    expect(codec.decompress(compressed, plain.length).equals(plain)).toBe(true)
  })

  test('the same in the first bytes, where sizes are declared', () => {
    fc.assert(
      fc.property(fc.constantFrom(...samples), fc.nat(24), fc.nat(255), (sample, at, value) => {
        const damaged = Buffer.from(sample)
        if (at < damaged.length) damaged[at] = value
        survives(damaged, 400_000)
      }),
      { numRuns: 1500, ...seeded() },
    )
    expect(codec.decompress(compressed, plain.length).equals(plain)).toBe(true)
  })

  test('the same for bytes that were never compressed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => survives(Buffer.from(bytes), 10_000)),
      { numRuns: 1500, ...seeded() },
    )
    expect(codec.decompress(compressed, plain.length).equals(plain)).toBe(true)
  })

  test('refuses nothing at all', () => {
    expect(() => codec.decompress(Buffer.alloc(0), 100)).toThrow(MalformedInputError)
  })

  test('refuses every shorter version of it', () => {
    const tiny = readVector(`compressed/tiny.${codec.name}`)
    // A framed snappy stream may end after any chunk, so after its header too.
    const wholeBytes = codec.name === 'snappy' ? [16] : []
    for (let size = 0; size < tiny.length; size++) {
      if (wholeBytes.includes(size)) continue
      expect(() => codec.decompress(tiny.subarray(0, size), 100), `${size} bytes`).toThrow(
        MalformedInputError,
      )
    }
    for (let size = 100; size < compressed.length; size += 9_973) {
      expect(() => codec.decompress(compressed.subarray(0, size), 400_000), `${size} bytes`).toThrow(
        MalformedInputError,
      )
    }
  })
})

describe('the records of a small batch', () => {
  const plain = Buffer.from(`72000000026164${'61'.repeat(50)}000e000a02026201001000050401047a7a00`, 'hex')
  test.each([
    [
      'gzip',
      '1f8b08000000000000ff2b626060604a4c49241930f0317031312531320830b0b230b25455310000c45688524b000000',
    ],
    [
      'snappy',
      '82534e41505059000000000100000001000000204b1c7200000002616461c2010044000e000a02026201001000050401047a7a00',
    ],
    ['lz4', '04224d18604082200000008f720000000261646101001ef003000e000a02026201001000050401047a7a0000000000'],
  ] as const)('are the bytes that Kafka writes, by %s', (name, hex) => {
    expect(codecByName(name).compress(plain).toString('hex')).toBe(hex)
    expect(codecByName(name).decompress(Buffer.from(hex, 'hex'), plain.length)).toEqual(plain)
  })

  test('are read from the frame that Kafka streams, by zstd', () => {
    const frame = '28b52ffd0058040100d07200000002616461000e000a02026201001000050401047a7a00010046800b010000'
    expect(codecByName('zstd').decompress(Buffer.from(frame, 'hex'), plain.length)).toEqual(plain)
  })
})
