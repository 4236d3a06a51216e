import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { orAborted } from '../../../src/client/cluster/retry.ts'

test('any number may wait for one signal, behind one listener that goes with the last of them', async () => {
  const abort = new AbortController()
  const never = new Promise<never>(() => {})
  const waiting = Array.from({ length: 20 }, () => orAborted(never, abort.signal))
  expect(await orAborted(Promise.resolve('done'), abort.signal)).toBe('done')
  await expect(orAborted(Promise.reject(new RangeError('failed')), abort.signal)).rejects.toThrow('failed')
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1)
  abort.abort(new Error('enough'))
  for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe('rejected')
  await expect(waiting[0]).rejects.toThrow('enough')
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0)
})
