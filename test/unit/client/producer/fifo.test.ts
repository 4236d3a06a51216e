import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fifo } from '../../../../src/client/producer/fifo.ts'

const seed = process.env.TIDEMARK_SEED === undefined ? {} : { seed: Number(process.env.TIDEMARK_SEED) }

const step = fc.record({
  doing: fc.constantFrom('push', 'shift', 'clear'),
  times: fc.integer({ min: 1, max: 3000 }),
})

test('is a queue, whatever has moved', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const fifo = new Fifo<number>()
      let model: number[] = []
      let number = 0
      for (const { doing, times } of steps) {
        if (doing === 'clear') {
          expect(fifo.clear()).toEqual(model)
          model = []
        }
        for (let time = 0; time < times && doing === 'push'; time++) {
          fifo.push(number)
          model.push(number++)
        }
        for (let time = 0; time < times && doing === 'shift' && model.length > 0; time++) {
          fifo.shift()
          model.shift()
          if (fifo.first !== model[0] || fifo.count !== model.length) expect.fail(`after ${time} shifts`)
        }
        expect([fifo.first, fifo.count]).toEqual([model[0], model.length])
      }
    }),
    { numRuns: 100, ...seed },
  )
})
