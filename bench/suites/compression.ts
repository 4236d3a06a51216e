import { codecByName, type CompressionName } from '../../native-free/codec.ts'
import { GrowingOutput } from '../../native-free/growing-output.ts'
import type { Lz4Block } from '../../native-free/lz4-block.ts'
import { lz4BlockJs } from '../../native-free/lz4-block-js.ts'
import { createLz4BlockWasm } from '../../native-free/lz4-block-wasm.ts'
import { isNodeZstdPresent } from '../../native-free/zstd.ts'
import { jsonLines } from '../payloads.ts'
import type { Lz4Addon } from '../peers.ts'
import type { Contestant } from '../rounds.ts'
import { timed } from '../timing.ts'
import type { Claim, PreparedSuite, Suite } from '../suite.ts'

const sizeBytes = 16 * 1024

const claims: readonly Claim[] = [
  { figure: 'lz4 block, wasm: compress', against: 'lz4 block, addon: compress', sense: 'at least', bound: 1 },
  { figure: 'lz4 block, wasm: expand', against: 'lz4 block, addon: expand', sense: 'at least', bound: 1 },
  { figure: 'lz4 codec: compress', against: 'lz4 frame, addon: compress', sense: 'at least', bound: 1 },
  { figure: 'lz4 codec: expand', against: 'lz4 frame, addon: expand', sense: 'at least', bound: 1 },
]

/** Compressing and expanding. */
export const compressionSuite: Suite = {
  name: 'compression',
  about:
    '16 KiB of JSON lines; rates count the plain bytes. First the block functions of LZ4 against those of the addon, ' +
    'each side giving a result of its own, then whole codecs in the framing of Kafka, which the addon can be told to write.',
  prepare({ peers: { lz4 } }): PreparedSuite {
    const plain = jsonLines(sizeBytes)
    return {
      contestants: [
        ...blocks('lz4 block, wasm', createLz4BlockWasm(), plain),
        ...(lz4 === undefined ? [] : [...addonBlocks(lz4, plain), ...addonFrames(lz4, plain)]),
        ...blocks('lz4 block, js', lz4BlockJs, plain),
        ...(['gzip', 'snappy', 'lz4', 'zstd'] as const).flatMap((name) => frames(name, plain)),
      ],
      claims,
      ratios: [
        ['lz4 block, js: compress', 'lz4 block, addon: compress'],
        ['lz4 block, js: expand', 'lz4 block, addon: expand'],
      ],
    }
  },
}

function both(name: string, compress: () => unknown, expand: () => unknown): Contestant[] {
  return [
    timed(`${name}: compress`, 'MB/s', sizeBytes, compress),
    timed(`${name}: expand`, 'MB/s', sizeBytes, expand),
  ]
}

function blocks(name: string, block: Lz4Block, plain: Buffer): Contestant[] {
  const compressTo = (target: Buffer) => block.compress(plain, 0, plain.length, target, 0)
  const target = Buffer.allocUnsafe(sizeBytes)
  const compressed = Buffer.from(target.subarray(0, compressTo(target)))
  return both(
    name,
    () => compressTo(Buffer.allocUnsafe(sizeBytes)),
    () => block.decompress(compressed, 0, compressed.length, new GrowingOutput('lz4', sizeBytes), sizeBytes),
  )
}

function addonBlocks(addon: Lz4Addon, plain: Buffer): Contestant[] {
  const target = Buffer.allocUnsafe(addon.encodeBound(sizeBytes))
  const compressed = Buffer.from(target.subarray(0, addon.encodeBlock(plain, target)))
  return both(
    'lz4 block, addon',
    () => addon.encodeBlock(plain, Buffer.allocUnsafe(addon.encodeBound(sizeBytes))),
    () => addon.decodeBlock(compressed, Buffer.allocUnsafe(sizeBytes)),
  )
}

function addonFrames(addon: Lz4Addon, plain: Buffer): Contestant[] {
  const options = { blockMaxSize: 64 * 1024, blockIndependence: true, streamChecksum: false }
  const frame = addon.encode(plain, options)
  return both(
    'lz4 frame, addon',
    () => addon.encode(plain, options),
    () => addon.decode(frame),
  )
}

/** Zstd is read everywhere, but written only where Node can. */
function frames(name: CompressionName, plain: Buffer): Contestant[] {
  if (name === 'zstd' && !isNodeZstdPresent) return []
  const codec = codecByName(name)
  const compressed = codec.compress(plain)
  return both(
    `${name} codec`,
    () => codec.compress(plain),
    () => codec.decompress(compressed, sizeBytes),
  )
}
