import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBudget } from '../../../src/server/byte-budget.ts'

const seed = process.env['TIDEMARK_SEED']
const parameters = { numRuns: 300, ...(seed === undefined ? {} : { seed: Number(seed) }) }

/** A connection that takes `size` bytes in steps of `step`, however often it has to wait. */
function taker(budget: ByteBudget, size: number, step: number) {
  let takenBytes = 0
  const goOn = () => {
    while (takenBytes < size) {
      const bytes = Math.min(step, size - takenBytes)
      if (!account.take(bytes, size - takenBytes)) return
      takenBytes += bytes
    }
  }
  const account = budget.account(goOn)
  return { account, goOn, isDone: () => takenBytes === size, takenBytes: () => takenBytes }
}

describe('a byte budget', () => {
  test('gives each its own bytes whatever the others hold', () => {
    const budget = new ByteBudget(0, 100)
    const hog = taker(budget, 1_000_000, 1_000_000)
    hog.goOn()
    const small = taker(budget, 100, 10)
    small.goOn()
    expect(small.isDone()).toBe(true)
    expect(budget.sharedBytes).toBe(999_900)
  })

  test('makes those wait who go beyond it, and serves them in order', () => {
    const budget = new ByteBudget(100, 0)
    const first = taker(budget, 100, 100)
    first.goOn()
    // The next overdraws by its one frame; after that nobody gets anything.
    const overdrawn = taker(budget, 50, 50)
    const second = taker(budget, 60, 60)
    const third = taker(budget, 10, 10)
    for (const each of [overdrawn, second, third]) each.goOn()
    expect([overdrawn.isDone(), second.isDone(), third.isDone()]).toEqual([true, false, false])
    expect(budget.waitingCount).toBe(2)
    first.account.give(60)
    // 90 are held: the second overdraws, and the third has to wait although it would have fitted.
    expect([second.isDone(), third.isDone()]).toEqual([true, false])
    expect(budget.sharedBytes).toBe(150)
    overdrawn.account.give(50)
    expect(third.isDone()).toBe(true)
    expect(budget.waitingCount).toBe(0)
  })

  test('asks only for the difference when more of a frame has come while it waited', () => {
    const budget = new ByteBudget(100, 0)
    const holder = taker(budget, 101, 101)
    holder.goOn()
    const account = budget.account(() => {})
    expect(account.take(20, 90)).toBe(false)
    holder.account.give(101)
    expect(account.take(60, 90)).toBe(true)
    expect(budget.sharedBytes).toBe(60)
    account.give(60)
    expect(budget.sharedBytes).toBe(0)
  })

  test('lets nobody have another frame before those in line have theirs', () => {
    const budget = new ByteBudget(100, 0)
    const holder = taker(budget, 150, 150)
    holder.goOn()
    const order: string[] = []
    const asks = (name: string) => {
      // Done with one frame, each at once asks for the next.
      const account = budget.account(() => {
        for (; account.take(10, 10) && order.length < 6; account.give(10)) order.push(name)
      })
      expect(account.take(10, 10)).toBe(false)
    }
    for (const name of ['a', 'b', 'c']) asks(name)
    holder.account.close()
    expect(order.slice(0, 3)).toEqual(['a', 'b', 'c'])
  })

  test('lets half frames that fill it finish, one after the other', () => {
    const budget = new ByteBudget(100, 0)
    const halves = Array.from({ length: 10 }, () => taker(budget, 50, 10))
    // All begin; each has 10 of its 50 bytes, and the budget is full.
    for (const { account } of halves) expect(account.take(10, 50)).toBe(true)
    const rests = halves.map(({ account }) => account)
    let doneCount = 0
    for (const account of rests) if (account.take(40, 40)) doneCount++
    expect(doneCount).toBe(1)
    expect(budget.sharedBytes).toBe(140)
    for (const account of rests) account.close()
    expect(budget.sharedBytes).toBe(0)
    expect(budget.waitingCount).toBe(0)
  })

  test('a connection that closes while it waits leaves the line', () => {
    const budget = new ByteBudget(10, 0)
    const holder = taker(budget, 11, 11)
    const gone = taker(budget, 5, 5)
    const next = taker(budget, 5, 5)
    for (const each of [holder, gone, next]) each.goOn()
    gone.account.close()
    expect(budget.waitingCount).toBe(1)
    holder.account.close()
    expect([gone.isDone(), next.isDone()]).toEqual([false, true])
  })

  test('never holds more than one frame above its limit, starves nobody, and ends at nothing', () => {
    const frames = fc.array(
      fc.record({ size: fc.integer({ min: 1, max: 500 }), step: fc.integer({ min: 1, max: 200 }) }),
      {
        minLength: 1,
        maxLength: 20,
      },
    )
    fc.assert(
      fc.property(
        frames,
        fc.nat(600),
        fc.nat(50),
        fc.infiniteStream(fc.nat(1000)),
        (wanted, max, own, choices) => {
          const budget = new ByteBudget(max, own)
          const takers = wanted.map(({ size, step }) => ({ ...taker(budget, size, step), size }))
          for (const each of takers) each.goOn()
          let left = takers
          while (left.length > 0) {
            expect(budget.sharedBytes).toBeLessThanOrEqual(max + 500)
            const done = left.filter(({ isDone }) => isDone())
            // Somebody can always go on, or all would wait for ever.
            expect(done.length).toBeGreaterThan(0)
            const chosen = done[choices.next().value % done.length]
            chosen?.account.give(chosen.size)
            left = left.filter((each) => each !== chosen)
          }
          expect(budget.sharedBytes).toBe(0)
        },
      ),
      parameters,
    )
  })
})
