import { expect, test } from 'vitest'
import { Timers } from '../../../src/env/timers.ts'
import { MovableDeadline } from '../../../src/server/movable-deadline.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'

function deadline(delayMs: number) {
  const clock = new ManualClock()
  const timers = new Timers(clock)
  const due: number[] = []
  return {
    clock,
    timers,
    due,
    deadline: new MovableDeadline(clock, timers, delayMs, () => due.push(clock.monotonicMs())),
  }
}

test('a deadline is met when nothing moves it', async () => {
  const { clock, due, deadline: each } = deadline(100)
  each.restart()
  await clock.runFor(99)
  expect(due).toEqual([])
  await clock.runFor(1)
  expect(due).toEqual([100])
  await clock.runFor(1000)
  expect(due).toEqual([100])
})

test('each restart counts from anew, with one timer for all', async () => {
  const { clock, timers, due, deadline: each } = deadline(100)
  for (let moves = 0; moves < 10; moves++) {
    each.restart()
    expect(timers.count).toBe(1)
    await clock.runFor(60)
  }
  await clock.runFor(39)
  expect(due).toEqual([])
  await clock.runFor(1)
  expect(due).toEqual([640])
})

test('one that is stopped or closed is not met, and an endless one sets no timer', async () => {
  const { clock, due, deadline: stopped } = deadline(100)
  stopped.restart()
  stopped.stop()
  await clock.runFor(200)
  stopped.restart()
  await clock.runFor(50)
  stopped.close()
  stopped.restart()
  await clock.runFor(1000)
  expect(due).toEqual([])
  const { timers, deadline: endless } = deadline(Number.POSITIVE_INFINITY)
  endless.restart()
  expect(timers.count).toBe(0)
})
