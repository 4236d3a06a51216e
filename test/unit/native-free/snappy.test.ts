import { describe, expect, test } from 'vitest'
import { MalformedInputError, OutputLimitError } from '../../../native-free/errors.ts'
import { snappyCodec } from '../../../native-free/snappy.ts'
import { readVector } from './vectors.ts'

const header = Buffer.from('82534e41505059000000000100000001', 'hex')
/** Raw blocks: 10 plain bytes as literals, and 64 times `a`. */
const literals = Buffer.from('0a2468797065727061 72616d'.replaceAll(' ', ''), 'hex')
const manyAs = Buffer.from('40 0061 fa0100'.replaceAll(' ', ''), 'hex')

const chunk = (block: Buffer): Buffer => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(block.length)
  return Buffer.concat([size, block])
}

const read = (...parts: Buffer[]): string => snappyCodec.decompress(Buffer.concat(parts), 100_000).toString()

test.each(['empty', 'tiny', 'random-70k'])('compresses %s to the bytes that Kafka makes of it', (input) => {
  const plain = readVector(`compressed/${input}.plain`)
  expect(snappyCodec.compress(plain).equals(readVector(`compressed/${input}.snappy`))).toBe(true)
})

describe('reads', () => {
  test('a raw block, as librdkafka writes it', () => {
    expect(read(literals)).toBe('hyperparam')
    expect(read(manyAs)).toBe('a'.repeat(64))
  })

  test('a raw block of a whole batch, and then a small one again', () => {
    // 64 bytes of literals in one element, 6400 times.
    const element = Buffer.concat([Buffer.from([60 << 2, 63]), Buffer.alloc(64, 'tide')])
    const block = Buffer.concat([
      Buffer.from([0x80, 0x80, 0x19]),
      Buffer.alloc(6400 * element.length, element),
    ])
    expect(snappyCodec.decompress(block, 409_600).equals(Buffer.alloc(409_600, 'tide'))).toBe(true)
    expect(read(literals)).toBe('hyperparam')
  })

  test('framed chunks, and one stream behind another', () => {
    expect(read(header, chunk(literals), chunk(manyAs))).toBe(`hyperparam${'a'.repeat(64)}`)
    expect(read(header, chunk(literals), header, chunk(literals))).toBe('hyperparamhyperparam')
    expect(read(header)).toBe('')
  })
})

describe('refuses', () => {
  test.each([
    ['a chunk that is cut', [header, chunk(literals).subarray(0, -1)]],
    ['a chunk of negative size', [header, Buffer.from('ffffffff', 'hex'), literals]],
    ['an empty chunk', [header, Buffer.alloc(4)]],
    ['a cut header', [header.subarray(0, 15)]],
    ['a newer framing', [Buffer.from('82534e41505059000000000200000002', 'hex'), chunk(literals)]],
    ['a block without elements', [Buffer.from([10])]],
    ['a size of more than 32 bits', [Buffer.from('ffffffffff01', 'hex'), literals]],
    ['a size that never ends', [Buffer.from('ffffffffffffffff', 'hex')]],
    ['a block that declares more than it can hold', [Buffer.from('ffff7f', 'hex'), Buffer.alloc(20)]],
    ['a block that holds less than it declares', [Buffer.from([11]), literals.subarray(1)]],
    ['a block that holds more than it declares', [Buffer.from([9]), literals.subarray(1)]],
  ])('%s', (_, parts) => {
    expect(() => read(...parts)).toThrow(MalformedInputError)
  })

  test('chunks whose sizes add up to more than allowed', () => {
    const input = Buffer.concat([header, chunk(literals), chunk(literals)])
    expect(snappyCodec.decompress(input, 20).length).toBe(20)
    expect(() => snappyCodec.decompress(input, 19)).toThrow(OutputLimitError)
    expect(() => snappyCodec.decompress(input, 19)).toThrow(/declares 20 bytes, more than the 19/)
  })
})
