import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CorruptionError } from '../../../../src/base/errors.ts'
import { encodeEndTransactionMarker } from '../../../../src/batch/control-record.ts'
import { encodeBatch } from '../../../../src/batch/encode-batch.ts'
import type { AbortedTransaction } from '../../../../src/client/consumer/aborted-filter.ts'
import type { ConsumedRecord } from '../../../../src/client/consumer/consumed-record.ts'
import { FetchedRecords } from '../../../../src/client/consumer/fetched-records.ts'

const seed = process.env['TIDEMARK_SEED']
const seeded = seed === undefined ? {} : { seed: Number(seed) }

interface Fetched {
  readonly fetchOffset?: number
  readonly aborted?: readonly AbortedTransaction[] | null
  readonly checkCrcs?: boolean
}

function fetched(
  batches: readonly Buffer[],
  { fetchOffset = 0, aborted = null, checkCrcs = true }: Fetched = {},
) {
  const identity = (bytes: Buffer): Buffer => bytes
  return new FetchedRecords<Buffer, Buffer>({
    ...{ topic: 'orders', partition: 3, bytes: Buffer.concat(batches), fetchOffset, aborted, checkCrcs },
    ...{ key: identity, value: identity, maxDecompressedBytes: 1000, onUnreadable: () => {} },
  })
}

function allOf(records: FetchedRecords<Buffer, Buffer>, maxCount = 1000): ConsumedRecord[] {
  const all: ConsumedRecord[] = []
  for (let chunk = records.nextChunk(maxCount); chunk !== undefined; chunk = records.nextChunk(maxCount))
    all.push(...chunk)
  return all
}

function batch(baseOffset: number, count: number, more: object = {}): Buffer {
  const records = Array.from({ length: count }, (_, index) => ({ value: String(baseOffset + index) }))
  return encodeBatch(records, { now: 1, baseOffset, partitionLeaderEpoch: 5, ...more })
}

function transactional(baseOffset: number, count: number, producerId: number): Buffer {
  return batch(baseOffset, count, { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true })
}

function marker(baseOffset: number, producerId: number, type: 'ABORT' | 'COMMIT'): Buffer {
  return encodeEndTransactionMarker({
    ...{ type, coordinatorEpoch: 0, producerId, producerEpoch: 0, timestampMs: 1, baseOffset },
  })
}

const offsetsOf = (records: readonly ConsumedRecord[]): number[] => records.map(({ offset }) => offset)

describe('what was fetched', () => {
  test('comes in chunks, over the borders of batches', () => {
    const records = fetched([batch(0, 3), batch(3, 4), batch(7, 1)])
    expect(records).toMatchObject({ endOffset: 8, endLeaderEpoch: 5, isEmpty: false })
    expect(offsetsOf(records.nextChunk(2) ?? [])).toEqual([0, 1])
    expect(offsetsOf(records.nextChunk(4) ?? [])).toEqual([2, 3, 4, 5])
    expect(offsetsOf(records.nextChunk(4) ?? [])).toEqual([6, 7])
    expect(records.nextChunk(4)).toBeUndefined()
  })

  test('begins at the offset that was asked for, though the batch begins before', () => {
    const records = fetched([batch(0, 10)], { fetchOffset: 7 })
    expect(offsetsOf(allOf(records))).toEqual([7, 8, 9])
  })

  test('ends with the last whole batch', () => {
    const records = fetched([batch(0, 3), batch(3, 3).subarray(0, 70)])
    expect(records.endOffset).toBe(3)
    expect(offsetsOf(allOf(records))).toEqual([0, 1, 2])
    expect(fetched([batch(4, 3).subarray(0, 70)], { fetchOffset: 4 })).toMatchObject({
      endOffset: 4,
      isEmpty: true,
    })
  })

  test('does not show control batches, but goes on behind them', () => {
    const records = fetched([marker(0, 1, 'COMMIT'), batch(1, 1), marker(2, 1, 'ABORT')])
    expect(offsetsOf(allOf(records))).toEqual([1])
    expect(records.endOffset).toBe(3)
    const markersOnly = fetched([marker(0, 1, 'COMMIT')])
    expect(markersOnly).toMatchObject({ endOffset: 1, isEmpty: false })
    expect(markersOnly.nextChunk(1)).toBeUndefined()
  })
})

describe('damage', () => {
  const damaged = (baseOffset: number): Buffer => {
    const bytes = batch(baseOffset, 2)
    // The last byte of the last value: behind it there is the count of headers.
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 2) ^ 1, bytes.length - 2)
    return bytes
  }

  test('is told where reading comes to it, again and again', () => {
    const records = fetched([batch(0, 2), damaged(2), batch(4, 2)])
    expect(offsetsOf(records.nextChunk(10) ?? [])).toEqual([0, 1])
    for (let round = 0; round < 2; round++)
      expect(() => records.nextChunk(10)).toThrow(/^orders-3: the batch at offset 2 is damaged: its checksum/)
    expect(() => fetched([damaged(2)])).toThrow(CorruptionError)
  })

  test('of the last batch does not say where to fetch next', () => {
    expect(fetched([batch(0, 2), damaged(2)]).endOffset).toBe(2)
  })

  test('of what no checksum covers is told, too', () => {
    const torn = batch(2, 2)
    torn.writeInt32BE(3, 8)
    const records = fetched([batch(0, 2), torn])
    expect(records.endOffset).toBe(2)
    expect(offsetsOf(allOf(records))).toEqual([0, 1])
    expect(() => fetched([torn])).toThrow(/^orders-3.*its length field says 3/)
  })

  test('is not looked for when checksums are not checked', () => {
    expect(offsetsOf(allOf(fetched([damaged(0)], { checkCrcs: false })))).toEqual([0, 1])
  })
})

describe('aborted transactions', () => {
  test('are left out up to their markers', () => {
    const log = [
      transactional(0, 2, 1),
      transactional(2, 1, 2),
      marker(3, 1, 'ABORT'),
      transactional(4, 1, 1),
    ]
    const records = fetched([...log, batch(5, 1)], { aborted: [{ producerId: 1, firstOffset: 0 }] })
    expect(offsetsOf(allOf(records))).toEqual([2, 4, 5])
  })

  test('whose data lies before what was fetched leave a marker that does no harm', () => {
    const records = fetched([marker(5, 1, 'ABORT'), transactional(6, 1, 1), marker(7, 1, 'COMMIT')], {
      ...{ fetchOffset: 5, aborted: [] },
    })
    expect(offsetsOf(allOf(records))).toEqual([6])
  })

  test('are not looked at under read_uncommitted', () => {
    expect(offsetsOf(allOf(fetched([transactional(0, 2, 1), marker(2, 1, 'ABORT')])))).toEqual([0, 1])
  })

  test('of any number of producers at once, fetched from anywhere, leave what was committed', () => {
    const step = fc.record({
      producer: fc.nat(3),
      act: fc.constantFrom('write', 'write', 'ABORT', 'COMMIT', 'plain'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(), (steps, start) => {
        const { batches, transactions, plain } = simulate(steps)
        const visible = [
          ...plain,
          ...transactions.filter(({ isAborted }) => !isAborted).flatMap(({ offsets }) => offsets),
        ]
        const from = batches.length === 0 ? 0 : start % batches.length
        const fetchOffset = batches[from]?.offset ?? 0
        const aborted = transactions
          .filter(({ isAborted, endOffset }) => isAborted && endOffset >= fetchOffset)
          .map(({ producerId, offsets }) => ({ producerId, firstOffset: offsets[0] ?? 0 }))
        const records = fetched(
          batches.slice(from).map(({ bytes }) => bytes),
          { fetchOffset, aborted },
        )
        const expected = visible.filter((offset) => offset >= fetchOffset).toSorted((a, b) => a - b)
        expect(offsetsOf(allOf(records, 3))).toEqual(expected)
      }),
      seeded,
    )
  })
})

interface Transaction {
  readonly producerId: number
  readonly offsets: number[]
  isAborted: boolean
  endOffset: number
}

/** A log in which producers write in transactions, which are all ended in the end. */
function simulate(steps: readonly { readonly producer: number; readonly act: string }[]) {
  const batches: { readonly offset: number; readonly bytes: Buffer }[] = []
  const plain: number[] = []
  const transactions: Transaction[] = []
  const open = new Map<number, Transaction>()
  let offset = 0
  const end = (producerId: number, type: 'ABORT' | 'COMMIT'): void => {
    const transaction = open.get(producerId)
    if (transaction === undefined) return
    batches.push({ offset, bytes: marker(offset, producerId, type) })
    Object.assign(transaction, { isAborted: type === 'ABORT', endOffset: offset++ })
    open.delete(producerId)
  }
  for (const { producer: producerId, act } of steps) {
    if (act === 'ABORT' || act === 'COMMIT') end(producerId, act)
    else if (act === 'plain') {
      batches.push({ offset, bytes: batch(offset, 1) })
      plain.push(offset++)
    } else {
      const known = open.get(producerId)
      const transaction = known ?? { producerId, offsets: [], isAborted: false, endOffset: -1 }
      if (known === undefined) transactions.push(transaction)
      open.set(producerId, transaction)
      const count = 1 + (batches.length % 2)
      batches.push({ offset, bytes: transactional(offset, count, producerId) })
      for (let written = 0; written < count; written++) transaction.offsets.push(offset++)
    }
  }
  for (const producerId of [...open.keys()]) end(producerId, 'ABORT')
  return { batches, plain, transactions }
}
