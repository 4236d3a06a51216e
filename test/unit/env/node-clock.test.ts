import { execFileSync } from 'node:child_process'
import { describe, expect, test, vi } from 'vitest'
import { nodeClock } from '../../../src/env/node-clock.ts'
import { nodeEnv } from '../../../src/env/node-env.ts'
import { compileEnv } from './compiled-env.ts'
import { turn } from '../../../src/env/turn.ts'

const clock = nodeClock()

describe('the real clock', () => {
  test('tells the time of the world, and time that only goes on', () => {
    expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(60_000)
    const before = clock.monotonicMs()
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(before)
  })

  test('sleeps at least about as long as asked', async () => {
    const before = clock.monotonicMs()
    await clock.sleep(20)
    expect(clock.monotonicMs() - before).toBeGreaterThan(18)
  })

  test('a sleep ends with its signal, before it began or after', async () => {
    const reason = new Error('enough')
    await expect(clock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason)
    const controller = new AbortController()
    const sleep = clock.sleep(60_000, controller.signal)
    controller.abort(reason)
    await expect(sleep).rejects.toBe(reason)
  })

  test('a sleep that is over leaves nothing with the signal', async () => {
    const { signal } = new AbortController()
    const remove = vi.spyOn(signal, 'removeEventListener')
    await clock.sleep(1, signal)
    expect(remove).toHaveBeenCalledTimes(1)
  })

  test('a sleep may be longer than a timer can hold', async () => {
    const controller = new AbortController()
    let isOver = false
    const sleep = clock.sleep(2 ** 40, controller.signal).finally(() => (isOver = true))
    // A timer that is too long fires after a millisecond.
    await clock.sleep(10)
    expect(isOver).toBe(false)
    controller.abort()
    await expect(sleep).rejects.toThrow()
  })

  test('the next turn comes after all that is due in this one', async () => {
    const order: string[] = []
    const over = turn(clock).then(() => order.push('next turn'))
    await Promise.resolve().then(() => order.push('this turn'))
    await over
    expect(order).toEqual(['this turn', 'next turn'])
  })
})

test('neither a sleep nor a watch keeps a process alive', () => {
  const program = `
    const { nodeEnv } = await import(process.argv[1])
    const { clock, files } = nodeEnv()
    files.watch('.', () => {})
    void clock.sleep(3_600_000)`
  const args = ['--input-type=module', '--eval', program, compileEnv()]
  execFileSync(process.execPath, args, { timeout: 100_000 })
})

test('the real environment has randomness that does not repeat', () => {
  const { random } = nodeEnv()
  expect(random.bytes(16)).toHaveLength(16)
  expect(random.bytes(16)).not.toEqual(random.bytes(16))
})
