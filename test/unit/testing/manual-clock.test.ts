import { describe, expect, test } from 'vitest'
import { turn } from '../../../src/env/turn.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'

describe('a manual clock', () => {
  test('stands still until it is moved', async () => {
    const clock = new ManualClock(1000)
    await turn(clock)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1000, 0])
    clock.advance(5.5)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1005, 5.5]) // wall time is told in whole milliseconds
  })

  test('jumps with the wall clock only', async () => {
    const clock = new ManualClock(1000)
    const sleep = clock.sleep(10)
    clock.jump(100)
    expect([clock.nowMs(), clock.monotonicMs(), clock.sleeperCount]).toEqual([1100, 0, 1])
    clock.jump(-500)
    clock.advance(10)
    await sleep
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([610, 10])
  })

  test('does not go back', () => {
    const clock = new ManualClock()
    expect(() => clock.advance(-1)).toThrow(RangeError)
    expect(() => clock.advance(Number.NaN)).toThrow(RangeError)
  })

  test('wakes those that are due in order, and no others', async () => {
    const clock = new ManualClock()
    const woken: string[] = []
    const sleep = async (name: string, delayMs: number) => {
      await clock.sleep(delayMs)
      woken.push(name)
    }
    void sleep('c', 30)
    void sleep('a', 10)
    void sleep('b', 20)
    void sleep('a too', 10)
    void sleep('d', 31)
    clock.advance(9)
    await turn(clock)
    expect(woken).toEqual([])
    clock.advance(21)
    await turn(clock)
    expect(woken).toEqual(['a', 'a too', 'b', 'c'])
    expect(clock.sleeperCount).toBe(1)
  })

  test('lets time pass so that what is woken may sleep again', async () => {
    const clock = new ManualClock()
    const times: number[] = []
    const tick = async () => {
      for (let count = 0; count < 5; count++) {
        await clock.sleep(10)
        times.push(clock.monotonicMs())
      }
    }
    void tick()
    await clock.runFor(35)
    expect(times).toEqual([10, 20, 30])
    expect(clock.monotonicMs()).toBe(35)
    await clock.runFor(15)
    expect(times).toEqual([10, 20, 30, 40, 50])
  })

  test('a sleep of no time is over at once', async () => {
    await new ManualClock().sleep(0)
  })

  test('a sleep ends with its signal', async () => {
    const clock = new ManualClock()
    const reason = new Error('enough')
    await expect(clock.sleep(10, AbortSignal.abort(reason))).rejects.toBe(reason)
    const controller = new AbortController()
    const sleep = clock.sleep(10, controller.signal)
    controller.abort(reason)
    await expect(sleep).rejects.toBe(reason)
    expect(clock.sleeperCount).toBe(0)
  })
})
