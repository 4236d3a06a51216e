import { expect, test } from 'vitest'
import { nearestName } from '../../../src/base/nearest-name.ts'

const names = ['segmentBytes', 'segmentMs', 'retentionMs', 'compression']

test.each([
  ['segmentByte', 'segmentBytes'],
  ['segmentbytes', 'segmentBytes'],
  ['SEGMENTBYTES', 'segmentBytes'],
  ['retentonMs', 'retentionMs'],
  ['comprission', 'compression'],
  ['segmnetMs', 'segmentMs'],
])('%s is meant to be %s', (typed, meant) => {
  expect(nearestName(typed, names)).toBe(meant)
})

test('the name itself is nearest', () => {
  for (const name of names) expect(nearestName(name, names)).toBe(name)
})

test('of equally near names the first is taken', () => {
  expect(nearestName('bat', ['cat', 'bad'])).toBe('cat')
})

test('what is far from every name means none of them', () => {
  expect(nearestName('xyz', names)).toBeUndefined()
  expect(nearestName('durability', names)).toBeUndefined()
  expect(nearestName('segmentBytes', [])).toBeUndefined()
})
