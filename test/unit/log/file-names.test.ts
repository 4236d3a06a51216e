import { describe, expect, test } from 'vitest'
import {
  parseSegmentFileName,
  parseTopicPartition,
  segmentFileName,
  topicPartitionDirectory,
  validTopicName,
} from '../../../src/log/file-names.ts'

describe('the names of segment files', () => {
  test.each([
    [0, '.log', 'current', '00000000000000000000.log'],
    [565, '.index', 'current', '00000000000000000565.index'],
    [1764, '.snapshot', 'deleted', '00000000000000001764.snapshot.deleted'],
    [7, '.timeindex', 'cleaned', '00000000000000000007.timeindex.cleaned'],
    [7, '.txnindex', 'swap', '00000000000000000007.txnindex.swap'],
    [Number.MAX_SAFE_INTEGER, '.log', 'tmp', '00009007199254740991.log.tmp'],
  ] as const)('%d %s %s', (baseOffset, kind, state, name) => {
    expect(segmentFileName(baseOffset, kind, state)).toBe(name)
    expect(parseSegmentFileName(name)).toEqual({ baseOffset, kind, state })
  })

  test.each([
    '565.log',
    '00000000000000000565',
    '00000000000000000565.foo',
    '00000000000000000565.log.foo',
    '00000000000000000565.log.current',
    '00000000000000000565.log.swap.deleted',
    'x00000000000000000565.log',
    '00000000000000000565.log ',
    '09007199254740992000.log', // beyond 2^53
    '-0000000000000000565.log',
    'leader-epoch-checkpoint',
    'leader-epoch-checkpoint.tmp',
  ])('%s is none', (name) => expect(parseSegmentFileName(name)).toBeUndefined())
})

describe('the directories of partitions', () => {
  test.each([
    ['orders-0', 'orders', 0],
    ['orders-eu-12', 'orders-eu', 12],
    ['a--1', 'a-', 1],
    ['__consumer_offsets-49', '__consumer_offsets', 49],
    ['x-2147483647', 'x', 2147483647],
  ])('%s', (name, topic, partition) => {
    expect(parseTopicPartition(name)).toEqual({ topic, partition })
    expect(topicPartitionDirectory({ topic, partition })).toBe(name)
  })

  test.each([
    'orders',
    '-0',
    'orders-',
    'orders-x',
    'orders-01', // would be a second directory of partition 1
    'orders-1e3',
    'orders-2147483648',
    'orders-0.0123456789abcdef0123456789abcdef-delete',
    'orders-0.0123456789abcdef0123456789abcdef-stray',
    '..-0',
    'a b-0',
    '',
  ])('%j is none', (name) => expect(parseTopicPartition(name)).toBeUndefined())
})

test('topic names are as Kafka has them', () => {
  for (const name of ['a', 'A.b_c-9', '...', 'x'.repeat(249)])
    expect([name, validTopicName(name)]).toEqual([name, true])
  for (const name of ['', '.', '..', 'a/b', 'a b', 'ä', 'a\n', 'x'.repeat(250)])
    expect([name, validTopicName(name)]).toEqual([name, false])
})
