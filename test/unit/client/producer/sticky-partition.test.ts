import { expect, test } from 'vitest'
import { partitionOfKey } from '../../../../src/client/producer/partitioner.ts'
import { drawPartition, StickyPartition } from '../../../../src/client/producer/sticky-partition.ts'

test('partitions are drawn with odds against those that have much waiting', () => {
  const loads = [
    { partition: 0, queuedCount: 0 },
    { partition: 1, queuedCount: 3 },
    { partition: 2, queuedCount: 1 },
  ]
  // Kafka's own example in KIP-794: queues of 0, 3 and 1 weigh 4, 1 and 3.
  const drawn = Array.from({ length: 8 }, (_, eighth) => drawPartition(loads, eighth / 8))
  expect(drawn).toEqual([0, 0, 0, 0, 1, 2, 2, 2])
})

test('a partition is left once it has had its share', () => {
  const sticky = new StickyPartition(100)
  expect(sticky.partition).toBeUndefined()
  sticky.moveTo(3)
  sticky.add(99)
  expect(sticky.hasHadItsShare).toBe(false)
  sticky.add(1)
  expect(sticky.hasHadItsShare).toBe(true)
  sticky.moveTo(1)
  expect([sticky.partition, sticky.hasHadItsShare]).toEqual([1, false])
})

test('keys go where the Java client puts them, as text and as bytes', () => {
  // Hashes of `Utils.murmur2`, taken modulo 1000 after the sign bit is gone.
  for (const [key, hash] of [
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
  ] as const) {
    const expected = (hash & 0x7fffffff) % 1000
    expect(partitionOfKey(key, 1000)).toBe(expected)
    expect(partitionOfKey(Buffer.from(key), 1000)).toBe(expected)
  }
})
