import { describe, expect, test } from 'vitest'
import { ConfigStore } from '../../../../src/broker/config/config-store.ts'
import { parseAssignment, readServerProperties } from '../../../../src/broker/config/server-properties.ts'

const file = `# A broker of Kafka, as its own server.properties has it
process.roles=broker,controller
node.id=3
listeners=PLAINTEXT://:9092,\\
  CONTROLLER://:9093
num.network.threads=3
log.dirs=/var/lib/kafka
log.retention.hours=24
log.retention.hours=48
retention.ms=5
preallocate=true
segment.byte=6
remote.storage.enable=true
mesage.max.bytes=7
listener.name.plaintext.max.connections=8
`

describe('a properties file', () => {
  const read = readServerProperties(file, 'etc/server.properties')

  test('is something to start with', () => {
    const config = new ConfigStore({ staticBroker: read.settings }).brokerConfig()
    expect(config).toMatchObject({
      'node.id': 3,
      listeners: ['PLAINTEXT://:9092', 'CONTROLLER://:9093'],
      'log.dirs': ['/var/lib/kafka'],
      'log.retention.hours': 48,
    })
  })

  test('is told of names that mean nothing, and of those that were meant', () => {
    expect(read.unknown.map(({ message }) => message)).toEqual([
      "etc/server.properties:10: retention.ms is a config of topics; the broker's default for it is log.retention.ms",
      "etc/server.properties:11: preallocate is a config of topics; the broker's default for it is log.preallocate",
      "etc/server.properties:12: segment.byte is no config of a broker, and is ignored. Did you mean 'log.segment.bytes'?",
      'etc/server.properties:13: remote.storage.enable is a config of topics, and a broker has none like it',
      "etc/server.properties:14: mesage.max.bytes is no config of a broker, and is ignored. Did you mean 'message.max.bytes'?",
    ])
  })

  test('is told of what has no effect here', () => {
    expect(read.withoutEffect).toEqual([
      {
        name: 'process.roles',
        line: 2,
        message:
          'etc/server.properties:2: process.roles has no effect: Whether a process is broker, controller or both; here always both.',
      },
      {
        name: 'num.network.threads',
        line: 6,
        message:
          'etc/server.properties:6: num.network.threads has no effect: Threads that read and write sockets; here the event loop does.',
      },
    ])
  })

  test('is told of what it says twice', () => {
    expect(read.repeated.map(({ line, message }) => [line, message])).toEqual([
      [8, 'etc/server.properties:8: log.retention.hours is set again on line 9, and that counts'],
    ])
  })

  test('may hold any name', () => {
    const { settings, unknown } = readServerProperties('constructor=1')
    expect(settings).toEqual({ constructor: '1' })
    expect(unknown[0]?.message).toContain('constructor is no config of a broker, and is ignored.')
  })

  test('is refused for a value that is none, with the line', () => {
    expect(() => readServerProperties('\nmessage.max.bytes=1 MB')).toThrow(
      'server.properties:2: Invalid value 1 MB for configuration message.max.bytes: Not a number of type INT',
    )
    // What is overruled does not count, and is not judged.
    expect(readServerProperties('num.partitions=x\nnum.partitions=2').settings).toEqual({
      'num.partitions': '2',
    })
  })
})

test('an assignment of the command line', () => {
  expect(parseAssignment(' retention.ms = 5 ')).toEqual({ name: 'retention.ms', value: '5' })
  expect(parseAssignment('sasl.jaas.config=a="b"')).toEqual({ name: 'sasl.jaas.config', value: 'a="b"' })
  expect(parseAssignment('cleanup.policy=')).toEqual({ name: 'cleanup.policy', value: '' })
  expect(() => parseAssignment('retention.ms')).toThrow("'retention.ms' assigns nothing: write name=value")
  expect(() => parseAssignment('=5')).toThrow('assigns nothing')
})
