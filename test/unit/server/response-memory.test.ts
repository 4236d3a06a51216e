import { expect, test } from 'vitest'
import { type ResponseHolder, ResponseMemory } from '../../../src/server/response-memory.ts'

interface TestHolder extends ResponseHolder {
  isGivenUp: boolean
}

function holder(memory: ResponseMemory, stalledSinceMs: number): TestHolder {
  const each: TestHolder = {
    stalledSinceMs,
    isGivenUp: false,
    giveUp() {
      each.isGivenUp = true
      memory.hold(each, 0)
    },
  }
  return each
}

test('when it is too much, those that read least are given up, as many as it takes', () => {
  const memory = new ResponseMemory(100)
  const [reading, slow, slower, idle] = [30, 20, 10, Number.POSITIVE_INFINITY].map((ms) => holder(memory, ms))
  if (!reading || !slow || !slower || !idle) throw new Error('there are four')
  for (const each of [reading, slow, slower]) memory.hold(each, 30)
  memory.hold(idle, 10)
  expect(memory.totalBytes).toBe(100)
  memory.hold(reading, 75)
  expect([slower, slow, reading, idle].map(({ isGivenUp }) => isGivenUp)).toEqual([true, true, false, false])
  expect(memory.totalBytes).toBe(85)
  memory.hold(idle, 1000)
  // What is left may be more than the limit when it is one alone's.
  expect([reading.isGivenUp, idle.isGivenUp]).toEqual([true, false])
  memory.hold(idle, 0)
  expect(memory.totalBytes).toBe(0)
})
