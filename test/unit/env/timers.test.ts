import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Timers } from '../../../src/env/timers.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'

const seed = process.env.TIDEMARK_SEED === undefined ? {} : { seed: Number(process.env.TIDEMARK_SEED) }

test('what is due happens in the order of its deadlines, and in that of its setting where they are equal', async () => {
  const clock = new ManualClock()
  const timers = new Timers(clock)
  const happened: string[] = []
  timers.after(30, () => happened.push('c'))
  timers.after(10, () => happened.push('a'))
  timers.after(20, () => happened.push('b'))
  timers.after(20, () => happened.push('b2'))
  await clock.runFor(25)
  expect(happened).toEqual(['a', 'b', 'b2'])
  expect(timers.count).toBe(1)
  await clock.runFor(10)
  expect(happened).toEqual(['a', 'b', 'b2', 'c'])
  expect(clock.sleeperCount).toBe(0)
})

test('what is due at once does not happen within the call', async () => {
  const clock = new ManualClock()
  const timers = new Timers(clock)
  let happened = false
  timers.after(0, () => {
    happened = true
  })
  expect(happened).toBe(false)
  await clock.runFor(1)
  expect(happened).toBe(true)
})

test('an action may set another timer', async () => {
  const clock = new ManualClock()
  const timers = new Timers(clock)
  let count = 0
  const again = (): void => {
    count++
    timers.after(10, again)
  }
  timers.after(10, again)
  await clock.runFor(100)
  expect(count).toBe(10)
  timers.close()
})

test('after closing nothing happens, and no sleep is left', async () => {
  const clock = new ManualClock()
  const timers = new Timers(clock)
  let happened = false
  const happen = (): void => {
    happened = true
  }
  timers.after(5, happen)
  timers.close()
  timers.after(5, happen)
  await clock.runFor(20)
  expect(happened).toBe(false)
  expect(timers.count).toBe(0)
})

test('of many timers, those that were not cancelled happen, each once and none early', async () => {
  const plans = fc.array(fc.record({ delayMs: fc.integer({ min: 1, max: 50 }), isCancelled: fc.boolean() }), {
    maxLength: 300,
  })
  await fc.assert(
    fc.asyncProperty(plans, async (list) => {
      const clock = new ManualClock()
      const timers = new Timers(clock)
      const happened = new Map<number, number>()
      const set = list.map(({ delayMs }, index) =>
        timers.after(delayMs, () => {
          expect(happened.has(index)).toBe(false)
          happened.set(index, clock.monotonicMs())
        }),
      )
      for (const [index, { isCancelled }] of list.entries()) if (isCancelled) set[index]?.cancel()
      expect(timers.count).toBe(list.filter(({ isCancelled }) => !isCancelled).length)
      await clock.runFor(60)
      for (const [index, { delayMs, isCancelled }] of list.entries())
        expect(happened.get(index)).toBe(isCancelled ? undefined : delayMs)
    }),
    { numRuns: 50, ...seed },
  )
})
