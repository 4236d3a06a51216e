import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerQueue } from '../../../src/server/answer-queue.ts'

const seed = process.env['TIDEMARK_SEED']

test('answers leave in the order of the questions, each as soon as it may', () => {
  const order = fc
    .integer({ min: 1, max: 30 })
    .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count }))
  fc.assert(
    fc.property(order, (answered) => {
      const emitted: number[] = []
      const queue = new AnswerQueue<number>((answer) => emitted.push(answer))
      const places = answered.map(() => queue.enter())
      const done = new Set<number>()
      for (const index of answered) {
        queue.answer(places[index] as (typeof places)[number], index)
        done.add(index)
        const whole = [...places.keys()].findIndex((each) => !done.has(each))
        expect(emitted.length).toBe(whole === -1 ? places.length : whole)
      }
      expect(emitted).toEqual([...places.keys()])
      expect(queue.count).toBe(0)
    }),
    seed === undefined ? {} : { seed: Number(seed) },
  )
})

test('who is forgotten is not answered', () => {
  const emitted: string[] = []
  const queue = new AnswerQueue<string>((answer) => {
    emitted.push(answer)
    queue.clear()
  })
  const [first, second] = [queue.enter(), queue.enter()]
  queue.answer(second, 'second')
  queue.answer(first, 'first')
  expect(emitted).toEqual(['first'])
  expect(queue.count).toBe(0)
})
