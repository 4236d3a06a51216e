import { expect, test } from 'vitest'
import { SerialQueue } from '../../../src/base/serial-queue.ts'

/** An action that notes when it runs and ends when it is told to. */
function gate() {
  let open: (value: string) => void = () => undefined
  const opened = new Promise<string>((resolve) => (open = resolve))
  return { open, opened }
}

test('actions run in the order they were given, one at a time', async () => {
  const queue = new SerialQueue()
  const events: string[] = []
  const first = gate()
  const results = [
    queue.run(async () => {
      events.push('first begins')
      await first.opened
      events.push('first ends')
      return 1
    }),
    queue.run(() => {
      events.push('second')
      return 2
    }),
    queue.run(async () => {
      events.push('third')
      return 3
    }),
  ]
  await Promise.resolve()
  expect(events).toEqual(['first begins'])
  first.open('now')
  expect(await Promise.all(results)).toEqual([1, 2, 3])
  expect(events).toEqual(['first begins', 'first ends', 'second', 'third'])
})

test('a failed action rejects its own promise and holds up no other', async () => {
  const queue = new SerialQueue()
  const thrown = queue.run(() => {
    throw new Error('thrown')
  })
  const rejected = queue.run(() => Promise.reject(new Error('rejected')))
  const fine = queue.run(() => 'fine')
  await expect(thrown).rejects.toThrow('thrown')
  await expect(rejected).rejects.toThrow('rejected')
  expect(await fine).toBe('fine')
})

test('an action is never run inside the call that gives it', async () => {
  const queue = new SerialQueue()
  let ran = false
  const done = queue.run(() => {
    ran = true
  })
  expect(ran).toBe(false)
  await done
  expect(ran).toBe(true)
})
