import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { OpenClients } from '../../../src/embedded/open-clients.ts'
import { nodeClock } from '../../../src/env/node-clock.ts'
import { turn } from '../../../src/env/turn.ts'

test('closes all, and tells what could not be closed', async () => {
  const clients = new OpenClients()
  const closed: string[] = []
  const closable = (name: string) => ({ close: async () => void closed.push(name) })
  const failing = {
    close: async () => {
      throw new Error('stuck')
    },
  }
  const kept = [clients.add(closable('a')), clients.add(failing), clients.add(closable('b'))]
  expect(await clients.closeAll()).toEqual([new Error('stuck')])
  expect(closed).toEqual(['a', 'b'])
  expect(kept).toHaveLength(3)
})

test('keeps none that are gone', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const clients = new OpenClients()
  const kept = []
  for (let round = 0; round < 10; round++) {
    for (let index = 0; index < 100; index++) {
      const client = clients.add({ close: async () => {} })
      if (index === 0) kept.push(client)
    }
    // What a WeakRef has looked at stays until the turn is over.
    await turn(nodeClock())
    collectGarbage()
  }
  expect(clients.count).toBeLessThan(250)
  expect(clients.count).toBeGreaterThanOrEqual(kept.length)
})
