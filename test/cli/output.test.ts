import { expect, test } from 'vitest'
import { painter } from '../../src/cli/output/painter.ts'
import { Progress } from '../../src/cli/output/progress.ts'
import { formatTable } from '../../src/cli/output/table.ts'
import { formatBytes, formatCount, formatDuration, formatRate } from '../../src/cli/output/units.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'

/** A terminal, or something else, that keeps what is written to it. */
function screen(isTTY: boolean) {
  const written: string[] = []
  const stream = { isTTY, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream
  return { stream, written }
}

test('progress shows on a terminal only, after a while, ten times a second, and goes when it is done', () => {
  const clock = new ManualClock()
  const { stream, written } = screen(true)
  const progress = new Progress(stream, clock, 'verifying')
  progress.bytes(1, 1000)
  expect(written).toEqual([])
  clock.advance(300)
  progress.bytes(250, 1000)
  progress.bytes(260, 1000)
  clock.advance(100)
  progress.bytes(500, 1000)
  progress[Symbol.dispose]()
  progress[Symbol.dispose]()
  expect(written).toEqual([
    '\r\u001b[Kverifying: 25 % of 1.0 kB',
    '\r\u001b[Kverifying: 50 % of 1.0 kB',
    '\r\u001b[K',
  ])
  const elsewhere = screen(false)
  const silent = new Progress(elsewhere.stream, clock, 'verifying')
  clock.advance(1000)
  silent.bytes(1, 2)
  silent[Symbol.dispose]()
  expect(elsewhere.written).toEqual([])
})

test('colours', () => {
  const before = process.env['NO_COLOR']
  delete process.env['NO_COLOR']
  expect(painter({ isTTY: true })('red', 'x')).toBe('\u001b[31mx\u001b[0m')
  expect(painter({})('red', 'x')).toBe('x')
  process.env['NO_COLOR'] = '1'
  expect(painter({ isTTY: true })('red', 'x')).toBe('x')
  if (before === undefined) delete process.env['NO_COLOR']
})

test('tables are aligned by what is seen of them', () => {
  expect(
    formatTable(
      [
        ['a', '1', '\u001b[31mred\u001b[0m', 'x'],
        ['long', '200', 'green', 'y'],
      ],
      [1],
    ),
  ).toEqual(['a       1  \u001b[31mred\u001b[0m    x', 'long  200  green  y'])
})

test('units', () => {
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567'])
  expect([0, 999, 1000, 65_050, 2.5e9].map(formatBytes)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.0 kB',
    '65.0 kB',
    '2.5 GB',
  ])
  expect([0.42, 12.3, 1250].map(formatDuration)).toEqual(['0.4 ms', '12 ms', '1.25 s'])
  expect(formatRate(500, 250, 'records')).toBe('2,000 records/s')
})
