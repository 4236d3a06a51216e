import { expect, test } from 'vitest'
import { nodeClock } from '../../../src/env/node-clock.ts'
import { TurnShare } from '../../../src/server/turn-share.ts'

/** A share whose turns come when they are called for. */
function share() {
  const actions: (() => void)[] = []
  const turns = new TurnShare({ ...nodeClock(), nextTurn: (action) => void actions.push(action) })
  return { turns, nextTurn: () => actions.splice(0).forEach((action) => action()) }
}

test('the more have to wait, the fewer requests each may start', () => {
  const { turns, nextTurn } = share()
  expect(turns.requestCount).toBe(64)
  for (let count = 0; count < 4; count++) turns.wait(() => undefined)
  expect(turns.requestCount).toBe(16)
  nextTurn()
  expect(turns.requestCount).toBe(16)
  for (let count = 0; count < 100; count++) turns.wait(() => undefined)
  expect(turns.requestCount).toBe(1)
  nextTurn()
  turns.wait(() => undefined)
  nextTurn()
  expect(turns.requestCount).toBe(64)
})

test('who waits goes on in the next turn, in order; who waits again, in the one after it', () => {
  const { turns, nextTurn } = share()
  const told: string[] = []
  turns.wait(() => {
    told.push('a')
    turns.wait(() => told.push('a again'))
  })
  turns.wait(() => told.push('b'))
  expect(told).toEqual([])
  nextTurn()
  expect(told).toEqual(['a', 'b'])
  nextTurn()
  expect(told).toEqual(['a', 'b', 'a again'])
})
