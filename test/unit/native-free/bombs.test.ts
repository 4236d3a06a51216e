import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Codec, codecByName } from '../../../native-free/codec.ts'
import { OutputLimitError } from '../../../native-free/errors.ts'
import { createLz4Codec } from '../../../native-free/lz4.ts'
import { createZstdCodec, isNodeZstdPresent } from '../../../native-free/zstd.ts'

// Small inputs that expand to about as much as their format can reach, in a process of their own: what they make
// the process hold shows in the high-water mark of its memory.

const LIMIT_BYTES = 4 * 1024 * 1024
const MEMORY_BYTES_MAX = 64 * 1024 * 1024
/** Of the processor: others may be at work on this machine. Most take a hundredth of it. */
const COST_MS_MAX = 4000

const repeat = (part: Buffer, count: number): Buffer => Buffer.alloc(part.length * count, part)

/** 1 GiB: sixteen members of 64 MiB. */
const gzip = repeat(gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 }), 16)

/** 1 GiB in blocks of 64 KiB. */
const lz4Frame = createLz4Codec('js').compress(Buffer.alloc(65_536))
const lz4 = Buffer.concat([
  lz4Frame.subarray(0, 7),
  repeat(lz4Frame.subarray(7, -4), 16_384),
  Buffer.alloc(4),
])

/** 1 GiB in chunks of 32 KiB. */
const snappyStream = codecByName('snappy').compress(Buffer.alloc(32_768))
const snappy = Buffer.concat([snappyStream.subarray(0, 16), repeat(snappyStream.subarray(16), 32_768)])

/** 1 GiB in blocks of 128 KiB that repeat one byte, and in blocks whose size only decoding tells. */
const zstdHeader = Buffer.from('28b52ffd0058', 'hex')
const zstdByRuns = Buffer.concat([
  zstdHeader,
  repeat(Buffer.from('02001000', 'hex'), 8191),
  Buffer.from('03001000', 'hex'),
])
const zstdZeros = Buffer.from('5400001000000100fbff39c002', 'hex')
const zstdByMatches = Buffer.concat([zstdHeader, repeat(zstdZeros, 8192), Buffer.from('010000', 'hex')])

const bombs: [string, Codec, Buffer][] = [
  ['gzip', codecByName('gzip'), gzip],
  ['snappy', codecByName('snappy'), snappy],
  ['lz4 by wasm', createLz4Codec('wasm'), lz4],
  ['lz4 by js', createLz4Codec('js'), lz4],
  ['zstd by fzstd, runs', createZstdCodec('fzstd'), zstdByRuns],
  ['zstd by fzstd, matches', createZstdCodec('fzstd'), zstdByMatches],
]
if (isNodeZstdPresent) {
  bombs.push(['zstd by node, runs', createZstdCodec('node'), zstdByRuns])
  bombs.push(['zstd by node, matches', createZstdCodec('node'), zstdByMatches])
}

test.each(bombs)('%s: 1 GiB is refused soon and in little memory', (_, codec, bomb) => {
  const peakBefore = process.resourceUsage().maxRSS
  const before = process.cpuUsage()
  expect(() => codec.decompress(bomb, LIMIT_BYTES)).toThrow(OutputLimitError)
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(COST_MS_MAX)
  expect((process.resourceUsage().maxRSS - peakBefore) * 1024).toBeLessThan(MEMORY_BYTES_MAX)
})

test('the matches are what they are meant to be', () => {
  const two = Buffer.concat([zstdHeader, zstdZeros, zstdZeros, Buffer.from('010000', 'hex')])
  expect(
    createZstdCodec('fzstd')
      .decompress(two, LIMIT_BYTES)
      .equals(Buffer.alloc(2 * 131_072)),
  ).toBe(true)
})
