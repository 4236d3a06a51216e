import { expect, test } from 'vitest'
import { ConnectedClient } from '../../../src/server/connected-client.ts'

function connected(): ConnectedClient {
  const remote = { remoteAddress: '127.0.0.1', remotePort: 1, listenerName: 'PLAINTEXT' }
  return new ConnectedClient({ id: 1, ...remote, isAuthenticated: true })
}

test('a signal that was asked for is aborted at the end', () => {
  const client = connected()
  const { ending } = client
  expect([ending.aborted, client.ending]).toEqual([false, ending])
  client.end()
  expect(ending.aborted).toBe(true)
})

test('one that is asked for later has been aborted', () => {
  const client = connected()
  client.end()
  client.end()
  expect(client.ending.aborted).toBe(true)
})
