import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FencedEpochError, SequenceError, TransactionStateError } from '../../../src/base/errors.ts'
import { type ProducerBatch, ProducerTable } from '../../../src/log/producer-table.ts'
import { checkProperty } from './seeded-property.ts'

const sequenceMax = 0x7fffffff

/** A batch of `count` records of producer 7, epoch 0, unless told otherwise. */
function data(
  baseOffset: number,
  baseSequence: number,
  given: Partial<ProducerBatch> & { count?: number } = {},
): ProducerBatch {
  const { count = 1, ...rest } = given
  return {
    producerId: 7,
    producerEpoch: 0,
    baseSequence,
    lastSequence: (baseSequence + count - 1) % (sequenceMax + 1),
    baseOffset,
    lastOffset: baseOffset + count - 1,
    maxTimestamp: 1000 + baseOffset,
    isTransactional: false,
    isControl: false,
    ...rest,
  }
}

const transactional = (baseOffset: number, baseSequence: number, given: Partial<ProducerBatch> = {}) =>
  data(baseOffset, baseSequence, { isTransactional: true, ...given })

const marker = (offset: number, controlType: string, given: Partial<ProducerBatch> = {}) =>
  data(offset, -1, {
    lastSequence: -1,
    isTransactional: true,
    isControl: true,
    controlType,
    coordinatorEpoch: 5,
    ...given,
  })

function tableOf(...batches: ProducerBatch[]): ProducerTable {
  const table = new ProducerTable()
  for (const batch of batches) table.apply(batch)
  return table
}

describe('sequences', () => {
  test('must follow each other, with 0 after 2^31 - 1', () => {
    const table = tableOf(data(0, sequenceMax - 2, { count: 3 }))
    expect(table.check(data(3, 0))).toBeUndefined()
    expect(() => table.check(data(3, 1))).toThrow(new SequenceError(7, 0, 1))
    expect(() => table.check(data(3, sequenceMax - 1))).toThrow(SequenceError)
    const across = tableOf(data(0, sequenceMax - 1, { count: 4 }))
    expect(across.get(7)?.batches[0]).toMatchObject({ firstSequence: sequenceMax - 1, lastSequence: 1 })
    expect(across.check(data(4, 2))).toBeUndefined()
  })

  test('may be any of a producer that is not known', () => {
    expect(new ProducerTable().check(data(0, 99))).toBeUndefined()
  })

  test('begin with 0 in a new epoch, also in one that only a marker has carried', () => {
    const table = tableOf(data(0, 0), data(1, 1))
    expect(() => table.check(data(2, 2, { producerEpoch: 1 }))).toThrow(new SequenceError(7, 0, 2))
    expect(table.check(data(2, 0, { producerEpoch: 1 }))).toBeUndefined()
    table.apply(marker(2, 'ABORT', { producerEpoch: 1 }))
    expect(table.get(7)?.batches).toEqual([])
    expect(() => table.check(data(3, 2, { producerEpoch: 1 }))).toThrow(SequenceError)
    expect(table.check(data(3, 0, { producerEpoch: 1 }))).toBeUndefined()
  })
})

describe('duplicates', () => {
  const batches = Array.from({ length: 7 }, (_, number) => data(10 + number * 2, number * 2, { count: 2 }))
  const table = tableOf(...batches)

  test('of the last five batches have the earlier append as the answer', () => {
    const answers = batches
      .slice(2)
      .map((batch) => table.check({ ...batch, baseOffset: 99, lastOffset: 100 }))
    expect(answers.map((answer) => answer?.firstOffset)).toEqual([14, 16, 18, 20, 22])
    expect(answers[0]).toEqual({
      firstSequence: 4,
      lastSequence: 5,
      firstOffset: 14,
      lastOffset: 15,
      timestamp: 1014,
    })
  })

  test('of older ones are out of sequence', () => {
    expect(() => table.check(data(99, 2, { count: 2 }))).toThrow(SequenceError)
  })

  test('need the same epoch and the same two ends', () => {
    expect(() => table.check(data(99, 12, { count: 1 }))).toThrow(SequenceError)
    expect(() => table.check(data(99, 12, { count: 2, producerEpoch: 1 }))).toThrow(SequenceError)
  })
})

describe('epochs', () => {
  test('of a producer never go back', () => {
    const table = tableOf(data(0, 0, { producerEpoch: 3 }))
    expect(() => table.check(data(1, 1, { producerEpoch: 2 }))).toThrow(FencedEpochError)
    expect(() => table.check(marker(1, 'ABORT', { producerEpoch: 2 }))).toThrow(
      'producer 7: epoch 2 is older than the current epoch 3',
    )
    expect(table.check(marker(1, 'ABORT', { producerEpoch: 3 }))).toBeUndefined()
  })

  test('of a coordinator never go back', () => {
    const table = tableOf(transactional(0, 0), marker(1, 'COMMIT'))
    expect(() => table.check(marker(2, 'ABORT', { coordinatorEpoch: 4 }))).toThrow(FencedEpochError)
    expect(table.check(marker(2, 'ABORT', { coordinatorEpoch: 5 }))).toBeUndefined()
    expect(table.get(7)?.coordinatorEpoch).toBe(5)
  })
})

describe('transactions', () => {
  test('open with the first batch and close with a marker', () => {
    const table = tableOf(data(0, 0, { producerId: 1 }), transactional(1, 0), transactional(2, 1))
    expect(table.firstUnstableOffset).toBe(1)
    expect(table.get(7)?.currentTransactionFirstOffset).toBe(1)
    expect(() => table.check(data(3, 2))).toThrow(TransactionStateError)
    expect(table.apply(marker(3, 'COMMIT'))).toBeUndefined()
    expect(table.firstUnstableOffset).toBeUndefined()
    expect(table.check(data(4, 2))).toBeUndefined()
    expect(table.get(7)).toMatchObject({
      currentTransactionFirstOffset: -1,
      coordinatorEpoch: 5,
      lastTimestamp: 1003,
    })
  })

  test('that are aborted tell from where on the log is still undecided', () => {
    const other = { producerId: 8 }
    const table = tableOf(transactional(0, 0), transactional(1, 0, other), transactional(2, 1))
    const first = { producerId: 7, firstOffset: 0, lastOffset: 3, lastStableOffset: 1 }
    expect(table.apply(marker(3, 'ABORT'))).toEqual(first)
    const second = { producerId: 8, firstOffset: 1, lastOffset: 4, lastStableOffset: 5 }
    expect(table.apply(marker(4, 'ABORT', other))).toEqual(second)
  })

  test('that wrote nothing leave no entry', () => {
    expect(new ProducerTable().apply(marker(0, 'ABORT'))).toBeUndefined()
    expect(tableOf(data(0, 0)).apply(marker(1, 'ABORT'))).toBeUndefined()
  })

  test('are not ended by an emptied marker or by control batches of another kind', () => {
    const table = tableOf(transactional(0, 0))
    const { controlType: _, coordinatorEpoch: __, ...emptied } = marker(1, 'ABORT')
    table.apply(emptied)
    table.apply(marker(1, 'UNKNOWN'))
    expect(table.firstUnstableOffset).toBe(0)
    expect(table.get(7)?.lastTimestamp).toBe(1000)
  })
})

test('batches without a producer are ignored', () => {
  const table = tableOf(data(0, -1, { producerId: -1, producerEpoch: -1 }))
  expect(table.size).toBe(0)
  expect(table.check(data(1, -1, { producerId: -1, producerEpoch: -1 }))).toBeUndefined()
})

test('producers expire once they are old enough and have no open transaction', () => {
  const table = tableOf(data(0, 0), transactional(1, 0, { producerId: 8 }), data(500, 0, { producerId: 9 }))
  expect(table.expire(1499, 500)).toBe(0)
  table.apply(data(600, 0))
  expect([table.expire(1999, 500), table.size]).toEqual([0, 3])
  expect([table.expire(2000, 500), table.size]).toEqual([1, 2])
  expect([
    table.get(9),
    table.expire(9999, 500),
    [...table.entries()].map((entry) => entry.producerId),
  ]).toEqual([undefined, 1, [8]])
})

test('what is loaded replaces everything, open transactions included', () => {
  const table = tableOf(transactional(5, 0, { producerId: 8 }), transactional(6, 0, { producerId: 9 }))
  const copy = tableOf(transactional(0, 0))
  copy.load([...table.entries()].toReversed())
  expect(copy.firstUnstableOffset).toBe(5)
  expect(copy.get(7)).toBeUndefined()
  copy.apply(marker(7, 'COMMIT', { producerId: 8 }))
  expect(copy.firstUnstableOffset).toBe(6)
  copy.load(copy.entries())
  expect(copy.size).toBe(2)
  copy.clear()
  expect([copy.size, copy.firstUnstableOffset]).toEqual([0, undefined])
})

test('one write at a time is noted', () => {
  const table = new ProducerTable()
  expect(() => table.commit()).toThrow('follows a begin')
  expect(() => table.rollback()).toThrow('follows a begin')
  table.begin()
  expect(() => table.begin()).toThrow('one write at a time')
  expect(() => table.expire(0, 0)).toThrow('under way')
  expect(() => table.load([])).toThrow('under way')
  table.commit()
  table.begin()
})

/** Batches of a few producers, of all kinds, with offsets that rise as in a log. */
const someBatches = fc
  .array(
    fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 3 })),
    {
      maxLength: 40,
      size: 'max',
    },
  )
  .map((steps) =>
    steps.map(([producerId, producerEpoch, kind], offset) => {
      if (kind < 2) return data(offset, offset, { producerId, producerEpoch, isTransactional: kind === 1 })
      return marker(offset, kind === 2 ? 'ABORT' : 'COMMIT', { producerId, producerEpoch })
    }),
  )

test('a rollback undoes exactly what was applied since the begin', () => {
  checkProperty(fc.tuple(someBatches, fc.nat(40), fc.nat(40)), ([batches, one, other]) => {
    const [from, to] = [Math.min(one, other), Math.max(one, other)]
    const table = tableOf(...batches.slice(0, from))
    table.begin()
    for (const batch of batches.slice(from, to)) table.apply(batch)
    table.rollback()
    const expected = tableOf(...batches.slice(0, from))
    expect([...table.entries()]).toEqual([...expected.entries()])
    expect(table.firstUnstableOffset).toBe(expected.firstUnstableOffset)
    // And it goes on as if nothing had been: the same answers to the same batches, written this time.
    table.begin()
    expect(batches.slice(from).map((batch) => table.apply(batch))).toEqual(
      batches.slice(from).map((batch) => expected.apply(batch)),
    )
    table.commit()
    expect([...table.entries()]).toEqual([...expected.entries()])
  })
})

test('the first unstable offset is the least first offset of all open transactions', () => {
  checkProperty(someBatches, (batches) => {
    const table = new ProducerTable()
    const open = new Map<number, number>()
    for (const batch of batches) {
      table.apply(batch)
      if (batch.isControl) open.delete(batch.producerId)
      else if (batch.isTransactional && !open.has(batch.producerId))
        open.set(batch.producerId, batch.baseOffset)
      expect(table.firstUnstableOffset ?? Infinity).toBe(Math.min(...open.values()))
    }
  })
})
