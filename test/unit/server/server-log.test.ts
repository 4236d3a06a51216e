import { expect, test } from 'vitest'
import { LimitedLog } from '../../../src/server/server-log.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'

test('one line per kind and second, and the next says how many were left out', () => {
  const clock = new ManualClock()
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  const log = new LimitedLog({ info: write, warn: write, error: write }, clock)
  for (let index = 0; index < 5; index++) log.warn('full', `full ${index}`)
  log.error('accept', 'other')
  clock.advance(999)
  log.warn('full', 'too early')
  clock.advance(1)
  log.warn('full', 'again')
  clock.advance(1000)
  log.warn('full', 'alone')
  expect(lines).toEqual(['full 0', 'other', 'again (and 5 more like it)', 'alone'])
})
