import { describe, expect, test } from 'vitest'
import { CopyProgress } from '../../../../src/client/mirror/copy-progress.ts'
import { OffsetMap } from '../../../../src/client/mirror/offset-map.ts'
import { batchesOf } from '../../../../src/client/mirror/partition-copier.ts'
import { conflictIn } from '../../../../src/client/mirror/resume.ts'

/** The source's offsets 10 to 12 are copied to 5 to 7, and two more were to follow. */
function noted(): CopyProgress {
  const map = OffsetMap.startingAt(10, 5)
  map.add({ source: 10, count: 3 })
  return new CopyProgress(map, [{ source: 13, count: 2 }])
}

const bounds = { sourceStart: 0, sourceEnd: 20, targetStart: 0, targetEnd: 8 }

describe('where a mirror goes on', () => {
  test.each([8, 9, 10])('is clear when the target ends at %i', (targetEnd) => {
    expect(conflictIn(noted(), { ...bounds, targetEnd })).toBeUndefined()
  })

  test.each([
    [{ targetEnd: 11 }, 'the target ends at 11, but no more than 10 is of this mirror'],
    [{ targetEnd: 7 }, 'the target ends at 7, but was written up to 8: it has lost records'],
    [{ sourceEnd: 12 }, 'the source ends at 12, but was mirrored up to 13: it has lost records'],
  ])('is not with %j', (changed, reason) => {
    expect(conflictIn(noted(), { ...bounds, ...changed })).toContain(reason)
  })

  test('is at the beginning of a target that is empty, and not of one that is not', () => {
    expect(conflictIn(undefined, { ...bounds, targetStart: 8 })).toBeUndefined()
    expect(conflictIn(undefined, bounds)).toContain('the target holds records')
  })
})

test('batches have one compression, and the size that is allowed', () => {
  const copies = [
    { sizeBytes: 4, compression: 'none' as const },
    { sizeBytes: 6, compression: 'none' as const },
    { sizeBytes: 1, compression: 'none' as const },
    { sizeBytes: 99, compression: 'none' as const },
    { sizeBytes: 1, compression: 'gzip' as const },
    { sizeBytes: 1, compression: 'none' as const },
  ]
  const sizes = [...batchesOf(copies, 10)].map((batch) => batch.map(({ sizeBytes }) => sizeBytes))
  expect(sizes).toEqual([[4, 6], [1], [99], [1], [1]])
})
