import { describe, expect, test } from 'vitest'
import { LeaderEpochs } from '../../../src/log/leader-epochs.ts'

const epochsOf = (...entries: [number, number][]) =>
  new LeaderEpochs(entries.map(([epoch, startOffset]) => ({ epoch, startOffset })))
const pairs = (epochs: LeaderEpochs) => epochs.entries.map(({ epoch, startOffset }) => [epoch, startOffset])

test('an epoch that is assigned replaces what does not come before it', () => {
  const epochs = epochsOf([0, 0], [2, 818], [5, 1356])
  expect(epochs.assign(5, 1400)).toBe(false)
  expect(epochs.assign(5, 1356)).toBe(false)
  expect(epochs.assign(5, 1300)).toBe(true)
  expect(pairs(epochs)).toEqual([
    [0, 0],
    [2, 818],
    [5, 1300],
  ])
  expect(epochs.assign(6, 818)).toBe(true)
  expect(pairs(epochs)).toEqual([
    [0, 0],
    [6, 818],
  ])
  expect(epochs.assign(3, 900)).toBe(true)
  expect(pairs(epochs)).toEqual([
    [0, 0],
    [3, 900],
  ])
  expect(epochs.latestEpoch).toBe(3)
  expect(() => epochs.assign(-1, 0)).toThrow(RangeError)
  expect(() => epochs.assign(4, -1)).toThrow(RangeError)
})

test('offsets belong to the epoch that began last before them', () => {
  const epochs = epochsOf([1, 10], [4, 20])
  expect([9, 10, 19, 20, 999].map((offset) => epochs.epochFor(offset))).toEqual([-1, 1, 1, 4, 4])
  expect(new LeaderEpochs().epochFor(0)).toBe(-1)
  expect(new LeaderEpochs().latestEpoch).toBe(-1)
})

test('an epoch ends where the next greater begins, the latest with the log', () => {
  const epochs = epochsOf([1, 10], [4, 20])
  const ends = [-1, 0, 1, 2, 3, 4, 5].map((epoch) => epochs.endOffsetFor(epoch, 99))
  expect(ends.map(({ epoch, endOffset }) => [epoch, endOffset])).toEqual([
    [-1, -1],
    [0, 10],
    [1, 20],
    [1, 20],
    [1, 20],
    [4, 99],
    [-1, -1],
  ])
  expect(new LeaderEpochs().endOffsetFor(-1, 99)).toEqual({ epoch: -1, endOffset: -1 })
})

test('is cut at both ends with the log', () => {
  const epochs = epochsOf([0, 0], [2, 818], [5, 1356])
  expect(epochs.truncateFromEnd(1357)).toBe(false)
  expect(epochs.truncateFromEnd(1356)).toBe(true)
  expect(pairs(epochs)).toEqual([
    [0, 0],
    [2, 818],
  ])
  expect(epochs.truncateFromStart(0)).toBe(false)
  expect(epochs.truncateFromStart(700)).toBe(true)
  expect(pairs(epochs)).toEqual([
    [0, 700],
    [2, 818],
  ])
  expect(epochs.truncateFromStart(600)).toBe(false)
  expect(epochs.truncateFromStart(900)).toBe(true)
  expect(pairs(epochs)).toEqual([[2, 900]])
  expect(epochs.clear()).toBe(true)
  expect(epochs.clear()).toBe(false)
  expect(pairs(epochs)).toEqual([])
})

test('is written as a checkpoint and read again', () => {
  const text = '0\n3\n0 0\n2 818\n5 1356\n'
  expect(epochsOf([0, 0], [2, 818], [5, 1356]).encode()).toBe(text)
  expect(LeaderEpochs.decode(text).value?.entries).toEqual(epochsOf([0, 0], [2, 818], [5, 1356]).entries)
  expect(LeaderEpochs.decode('').value?.encode()).toBe('0\n0\n')
})

describe('refuses', () => {
  test.each([
    ['0\n1\nx 0\n', `the line 'x 0' is not 'epoch startOffset'`],
    ['0\n1\n-1 0\n', `the line '-1 0' is not`],
    ['0\n1\n2147483648 0\n', 'is not'],
    ['0\n1\n1 9007199254740992\n', 'is not'],
    ['0\n1\n1 2 3\n', 'is not'],
    ['0\n2\n1 0\n1 5\n', `'1 5' does not follow '1 0'`],
    ['0\n2\n1 5\n2 5\n', `'2 5' does not follow '1 5'`],
    ['0\n2\n1 0\n', 'announces'],
  ])('%j', (text, fault) => expect(LeaderEpochs.decode(text).fault).toContain(fault))
})
