import { expect, test } from 'vitest'
import { formatAddress, parseBootstrapServers } from '../../../src/client/network/broker-address.ts'

test('bootstrap servers are read as Kafka writes them, and written so', () => {
  expect(parseBootstrapServers('a:1, b.example ,[::1]:3,[fe80::1%eth0],10.0.0.1:65535,')).toEqual([
    { host: 'a', port: 1 },
    { host: 'b.example', port: 9092 },
    { host: '::1', port: 3 },
    { host: 'fe80::1%eth0', port: 9092 },
    { host: '10.0.0.1', port: 65_535 },
  ])
  expect(formatAddress({ host: '::1', port: 3 })).toBe('[::1]:3')
  expect(formatAddress({ host: 'a', port: 1 })).toBe('a:1')
})
