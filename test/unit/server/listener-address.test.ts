import { describe, expect, test } from 'vitest'
import {
  advertisedEndpoint,
  parseListeners,
  plainAddress,
  resolveListeners,
} from '../../../src/server/listener-address.ts'

describe('listeners', () => {
  test('by default listen on this computer only', () => {
    expect(resolveListeners([{}])).toEqual([
      {
        name: 'PLAINTEXT',
        host: '127.0.0.1',
        port: 9092,
        advertisedHost: '127.0.0.1',
        advertisedPort: undefined,
        requiresAuthentication: false,
      },
    ])
  })

  test('tell clients the port they got, unless another is to be told', () => {
    const [own, told] = resolveListeners([
      { port: 0 },
      { name: 'OUT', host: '0.0.0.0', port: 0, advertisedHost: 'broker.example', advertisedPort: 443 },
    ])
    if (own === undefined || told === undefined) throw new Error('there are two')
    expect(advertisedEndpoint(own, 40_000)).toEqual({ name: 'PLAINTEXT', host: '127.0.0.1', port: 40_000 })
    expect(advertisedEndpoint(told, 40_001)).toEqual({ name: 'OUT', host: 'broker.example', port: 443 })
  })

  test.each([
    [[], /at least one/],
    [[{ host: '0.0.0.0' }], /set advertisedHost/],
    [[{ host: '::' }], /set advertisedHost/],
    [[{ advertisedHost: '0.0.0.0' }], /set advertisedHost/],
    [[{ port: 1 }, { port: 2 }], /share 'PLAINTEXT'/],
    [[{ name: 'A' }, { name: 'B' }], /share '127.0.0.1:9092'/],
    [[{ port: 65_536 }], /0 to 65535/],
    [[{ advertisedPort: -1 }], /advertisedPort of listener PLAINTEXT/],
  ])('%j are refused', (listeners, message) => {
    expect(() => resolveListeners(listeners)).toThrow(message)
  })

  test('are read from Kafka’s text', () => {
    expect(parseListeners('PLAINTEXT://:9092, external://broker.example:0,V6://[::1]:19092')).toEqual([
      { name: 'PLAINTEXT', host: '0.0.0.0', port: 9092 },
      { name: 'EXTERNAL', host: 'broker.example', port: 0 },
      { name: 'V6', host: '::1', port: 19_092 },
    ])
  })

  test.each(['', 'localhost:9092', 'PLAINTEXT://localhost', 'PLAINTEXT://::1:9092', 'A://b:1,'])(
    '%j is no list of listeners',
    (text) => {
      expect(() => parseListeners(text)).toThrow(/is no listener: write it as/)
    },
  )
})

test('one client has one address', () => {
  expect(['::ffff:10.1.2.3', '10.1.2.3', '::1', '::ffff:1:2'].map(plainAddress)).toEqual([
    '10.1.2.3',
    '10.1.2.3',
    '::1',
    '::ffff:1:2',
  ])
})
