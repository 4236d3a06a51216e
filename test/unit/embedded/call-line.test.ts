import { describe, expect, test } from 'vitest'
import { CallLine } from '../../../src/embedded/call-line.ts'
import { nodeClock } from '../../../src/env/node-clock.ts'
import { turn } from '../../../src/env/turn.ts'

const clock = nodeClock()

/** A line, what was started and told in it, and how to let a call finish. */
function lineOf(...kinds: ('blocks' | 'overlaps')[]) {
  const line = new CallLine(clock)
  const events: string[] = []
  const finish: (() => void)[] = []
  for (const [index, kind] of kinds.entries())
    line.enter({
      overlaps: kind === 'overlaps',
      start: async () => {
        events.push(`start ${index}`)
        await new Promise<void>((resolve) => (finish[index] = resolve))
        return () => events.push(`tell ${index}`)
      },
    })
  const finished = async (index: number) => {
    finish[index]?.()
    await turn(clock)
    await turn(clock)
  }
  return { line, events, finished }
}

describe('CallLine', () => {
  test('starts the first within the call, and the next when that is done', async () => {
    const { line, events, finished } = lineOf('blocks', 'blocks')
    expect(events).toEqual(['start 0'])
    expect(line.count).toBe(2)
    await finished(0)
    expect(events).toEqual(['start 0', 'tell 0', 'start 1'])
    await finished(1)
    expect(events.at(-1)).toBe('tell 1')
    expect(line.count).toBe(0)
  })

  test('starts the next behind what overlaps, and tells in the order of the line', async () => {
    const { events, finished } = lineOf('overlaps', 'overlaps', 'blocks', 'overlaps')
    expect(events).toEqual(['start 0', 'start 1', 'start 2'])
    await finished(2)
    await finished(1)
    expect(events).toEqual(['start 0', 'start 1', 'start 2', 'start 3'])
    await finished(0)
    expect(events.slice(4)).toEqual(['tell 0', 'tell 1', 'tell 2'])
    await finished(3)
    expect(events.at(-1)).toBe('tell 3')
  })

  test('tells nobody in the turn in which it was asked', async () => {
    const line = new CallLine(clock)
    let turns = 0
    clock.nextTurn(() => turns++)
    const told = new Promise<number>((resolve) =>
      line.enter({ overlaps: true, start: async () => () => resolve(turns) }),
    )
    expect(await told).toBe(1)
  })

  test('once cleared starts and tells nobody, and takes new calls', async () => {
    const { line, events, finished } = lineOf('blocks', 'blocks')
    line.clear()
    expect(line.count).toBe(0)
    await finished(0)
    expect(events).toEqual(['start 0'])
    line.enter({ overlaps: false, start: async () => () => events.push('tell new') })
    await turn(clock)
    await turn(clock)
    expect(events).toEqual(['start 0', 'tell new'])
  })
})
