import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CopyProgress } from '../../../../src/client/mirror/copy-progress.ts'
import { OffsetMap, runsOf } from '../../../../src/client/mirror/offset-map.ts'

const seed = process.env['TIDEMARK_SEED']
const runOptions = seed === undefined ? {} : { seed: Number(seed) }

/** Offsets that rise, with gaps. */
const offsets = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 300 })
  .map((steps) =>
    steps.reduce<number[]>((all, step) => [...all, (all.at(-1) ?? 6) + (step > 2 ? step : 1)], []),
  )

/** Where the record `source` is, found out as a reader would who counts where he is told to. */
function place(map: OffsetMap, source: number, existing: readonly number[]): number {
  const { target, countFrom, targetMax } = map.translate(source)
  if (countFrom === undefined) return target
  return Math.min(targetMax, target + existing.filter((each) => each >= countFrom && each < source).length)
}

describe('an offset map', () => {
  test('tells where each record is, however many stretches are joined', () => {
    fc.assert(
      fc.property(offsets, fc.integer({ min: 2, max: 20 }), fc.nat(5), (all, maxStretches, target) => {
        const map = OffsetMap.startingAt(3, target, maxStretches)
        for (const run of runsOf(all)) map.add(run)
        expect(map.stretches.length).toBeLessThanOrEqual(maxStretches)
        for (const [index, offset] of all.entries()) expect(place(map, offset, all)).toBe(target + index)
        expect(map.sourceEnd).toBe((all.at(-1) ?? 0) + 1)
        expect(map.targetEnd).toBe(target + all.length)
      }),
      runOptions,
    )
  })

  test('never tells a place behind the next record to be read, whatever the source has compacted since', () => {
    fc.assert(
      fc.property(offsets, fc.array(fc.boolean()), (all, kept) => {
        const map = OffsetMap.startingAt(0, 0, 4)
        for (const run of runsOf(all)) map.add(run)
        const left = all.filter((_, index) => kept[index] !== false)
        for (const [index, offset] of all.entries())
          expect(place(map, offset, left)).toBeLessThanOrEqual(index)
      }),
      runOptions,
    )
  })

  test('takes a place before the first record as the beginning, and one behind the last as the end', () => {
    const map = OffsetMap.startingAt(10, 100)
    map.add({ source: 12, count: 3 })
    map.add({ source: 20, count: 1 })
    expect([0, 12, 14, 15, 19, 20, 21, 99].map((each) => map.translate(each).target)).toEqual([
      100, 100, 102, 103, 103, 103, 104, 104,
    ])
    expect(map.stretches).toEqual([
      { source: 12, span: 3, target: 100, count: 3 },
      { source: 20, span: 1, target: 103, count: 1 },
    ])
  })
})

describe('the progress of a copy', () => {
  test('is the same after it was written down, at each step', () => {
    fc.assert(
      fc.property(offsets, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const ids = { sourceTopicId: 'a', targetTopicId: 'b' }
        const progress = new CopyProgress(OffsetMap.startingAt(0, 5))
        progress.plan(runsOf(all))
        expect([...progress.aheadOffsets()]).toEqual(all)
        const count = Math.floor(share * all.length)
        progress.settle(count)
        const again = CopyProgress.fromNote(progress.toNote(ids))
        expect(again).toMatchObject(ids)
        expect([...again.progress.aheadOffsets()]).toEqual(all.slice(count))
        expect(again.progress.copied.targetEnd).toBe(5 + count)
        expect(again.progress.toNote(ids)).toBe(progress.toNote(ids))
      }),
      runOptions,
    )
  })

  test.each([
    ['text', 'no JSON'],
    ['another version', '{"version":2,"copied":[[0,0,0,0]],"ahead":[]}'],
    ['no stretches', '{"version":1,"copied":[],"ahead":[]}'],
    ['stretches out of order', '{"version":1,"copied":[[5,1,0,1],[0,1,1,1]],"ahead":[]}'],
    ['more records than offsets', '{"version":1,"copied":[[0,1,0,2]],"ahead":[]}'],
  ])('is not read from %s', (_, note) => {
    expect(() => CopyProgress.fromNote(note)).toThrow(/no progress of a mirror/)
  })
})
