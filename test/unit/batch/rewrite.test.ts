import { describe, expect, test } from 'vitest'
import { Batch } from '../../../src/batch/batch.ts'
import { encodeBatch } from '../../../src/batch/encode-batch.ts'
import { headerOnlyBatch, rewriteBatch } from '../../../src/batch/rewrite.ts'
import { dumpBatch, readVectors } from './kafka-dump.ts'

const now = 1_700_000_000_000
const day = 86_400_000
const vectors = readVectors('batches-4.3.1/vectors.txt')
const vectors2 = readVectors('kafka-4.0/vectors2.txt')

/** The vectors that Kafka's filter made of others, and of which, and keeping which offsets. */
const filtered = vectors.flatMap((vector) => {
  const [sourceName = '', what] = vector.name.split(', ')
  if (what === undefined) return []
  const source = what.endsWith('of that') ? `${sourceName}, kept 101 102 103 horizon` : sourceName
  return [{ ...vector, source, kept: new Set(what.match(/\d+/g)?.map(Number)) }]
})

function vectorOf(name: string): Buffer {
  const vector = [...vectors, ...vectors2].find((one) => one.name.startsWith(name))
  if (vector === undefined) throw new Error(`no vector ${name}`)
  return vector.bytes
}

/** Sizes and checksums are the compressor's to decide; everything else is not. */
function withoutCompressed(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.startsWith('batch') ? line.replace(/crc=\w+ /, '').replace(/ size=\d+/, '') : line,
  )
}

function horizonOf(bytes: Buffer, keep: (offset: number) => boolean): number {
  const rewritten = rewriteBatch(new Batch(bytes), ({ offset }) => keep(offset), { deleteHorizonMs: 55 })
  return new Batch(rewritten ?? Buffer.alloc(0)).deleteHorizonMs
}

describe('rewriteBatch', () => {
  test.each(filtered)('$name as Kafka writes it', ({ name, source, kept, bytes, lines }) => {
    const options = { deleteHorizonMs: now + 1000 + day, retainEmpty: true }
    const rewritten = rewriteBatch(new Batch(vectorOf(source)), ({ offset }) => kept.has(offset), options)
    const batch = new Batch(rewritten ?? Buffer.alloc(0))
    // Of a legacy batch Kafka keeps the offsets of the records only; here it keeps those of the batch as others do.
    const comparable = (dump: readonly string[]) =>
      name.startsWith('magic') ? dump.map((line) => line.replace(/base=\d+ last=\d+ /, '')) : dump
    expect(comparable(withoutCompressed(dumpBatch(batch)))).toEqual(comparable(withoutCompressed(lines)))
    expect(batch.isValid()).toBe(true)
    if (name.startsWith('none')) expect(batch.buffer.toString('hex')).toBe(bytes.toString('hex'))
  })

  test('there is something of each kind', () => {
    expect(filtered.length).toBe(26)
  })

  test('the vector with a tombstone and a dropped first record', () => {
    const rewritten = rewriteBatch(new Batch(vectorOf('none, pid 7')), ({ offset }) => offset > 10, {
      deleteHorizonMs: now + 1000 + day,
    })
    expect(rewritten?.toString('hex')).toBe(vectorOf('compacted: offset 10 dropped').toString('hex'))
  })

  test('a batch that loses nothing is the same bytes, not a copy', () => {
    const batch = new Batch(Buffer.concat([Buffer.alloc(9), vectorOf('lz4 CreateTime')]), 9)
    const rewritten = rewriteBatch(batch, () => true)
    expect(rewritten?.buffer).toBe(batch.buffer.buffer)
    expect(rewritten?.equals(vectorOf('lz4 CreateTime'))).toBe(true)
  })

  test('a horizon is set only where a tombstone is kept, or on a marker', () => {
    const bytes = encodeBatch([{ value: 'a' }, {}], { now })
    expect(horizonOf(bytes, (offset) => offset === 0)).toBe(-1)
    expect(horizonOf(bytes, (offset) => offset === 1)).toBe(55)
    expect(horizonOf(encodeBatch([{ value: 'a' }], { now, isControl: true }), () => true)).toBe(55)
    expect(horizonOf(encodeBatch([{}], { now, deleteHorizonMs: 44 }), () => true)).toBe(44)
  })

  test('another compression can be asked for', () => {
    const options = { compression: 'gzip' } as const
    const rewritten = rewriteBatch(new Batch(vectorOf('zstd')), ({ offset }) => offset > 10, options)
    const batch = new Batch(rewritten ?? Buffer.alloc(0))
    expect(batch).toMatchObject({ compression: 'gzip', baseOffset: 10, lastOffset: 12, recordsCount: 2 })
    expect(dumpBatch(batch)[2]).toBe('rec off=12 ts=1699999999997 seq=0 k=null v="zz" h=[] size=9')
  })

  test('nothing kept leaves nothing, unless a header is asked for', () => {
    const batch = new Batch(vectorOf('none, pid 7'))
    expect(rewriteBatch(batch, () => false)).toBeUndefined()
    const empty = rewriteBatch(batch, () => false, { retainEmpty: true })
    expect(empty?.toString('hex')).toBe(vectorOf('compacted: all records dropped').toString('hex'))
    expect(new Batch(empty ?? Buffer.alloc(0)).isValid()).toBe(true)
  })

  test('a header-only batch stays one', () => {
    const batch = new Batch(vectorOf('compacted: all records dropped'))
    expect([...batch.records()]).toEqual([])
    expect(rewriteBatch(batch, () => true)).toBeUndefined()
    expect(rewriteBatch(batch, () => true, { retainEmpty: true })?.equals(batch.buffer)).toBe(true)
  })
})

test('headerOnlyBatch writes the bytes that Kafka writes', () => {
  const records = Array.from({ length: 5 }, (_, index) => ({ value: 'v', timestamp: now + 50 * index }))
  const producer = { producerId: 42, producerEpoch: 1, baseSequence: 10 }
  const source = encodeBatch(records, { now, baseOffset: 100, partitionLeaderEpoch: 4, ...producer })
  expect(headerOnlyBatch(new Batch(source)).toString('hex')).toBe(
    '0000000000000064000000310000000402f4f339ff000000000004ffffffffffffffff0000018bcfe568c8000000000000002a00010000000a00000000',
  )
})
