import { describe, expect, test } from 'vitest'
import {
  decodeCheckpoint,
  decodeOffsetCheckpoints,
  encodeCheckpoint,
  encodeOffsetCheckpoints,
} from '../../../src/log/checkpoint-file.ts'

test('writes version, count and one line per entry', () => {
  expect(encodeCheckpoint([])).toBe('0\n0\n')
  expect(encodeCheckpoint(['a 1', 'b 2'])).toBe('0\n2\na 1\nb 2\n')
})

test('reads what it wrote, and an empty file as no entries', () => {
  for (const lines of [[], ['a 1'], ['a 1', 'b 2']]) {
    expect(decodeCheckpoint(encodeCheckpoint(lines))).toEqual({ value: lines })
  }
  expect(decodeCheckpoint('')).toEqual({ value: [] })
  expect(decodeCheckpoint('0\r\n1\r\na 1\r\n')).toEqual({ value: ['a 1'] })
})

describe('refuses', () => {
  test.each([
    ['1\n0\n', `its version is '1'`],
    ['\n', `its version is ''`],
    ['0\n', `it announces '' entries and holds 0`],
    ['0\n2\na 1\n', `it announces '2' entries and holds 1`],
    ['0\n1\na 1\nb 2\n', `it announces '1' entries and holds 2`],
    ['0\nx\na 1\n', `it announces 'x' entries`],
    ['0\n1\na 13', 'its last line has no newline'],
  ])('%j', (text, fault) => expect(decodeCheckpoint(text).fault).toContain(fault))
})

const checkpoints = [
  { topic: 'orders', partition: 0, offset: 1764 },
  { topic: '__consumer_offsets', partition: 49, offset: Number.MAX_SAFE_INTEGER },
]

test('offset checkpoints are written and read', () => {
  const text = '0\n2\norders 0 1764\n__consumer_offsets 49 9007199254740991\n'
  expect(encodeOffsetCheckpoints(checkpoints)).toBe(text)
  expect(decodeOffsetCheckpoints(text)).toEqual({ value: checkpoints })
  expect(decodeOffsetCheckpoints('0\n1\n orders\t0  1764 \n')).toEqual({ value: checkpoints.slice(0, 1) })
})

test.each(['orders 0', 'orders 0 1764 5', 'orders x 1764', 'orders 0 -1', 'orders 0 9007199254740992', ''])(
  'the line %j is no offset checkpoint',
  (line) => {
    expect(decodeOffsetCheckpoints(`0\n1\n${line}\n`).fault).toBe(
      `the line '${line}' is not 'topic partition offset'`,
    )
  },
)

test('a fault of the frame is told for the entries too', () => {
  expect(decodeOffsetCheckpoints('7\n0\n').fault).toContain('its version')
})
