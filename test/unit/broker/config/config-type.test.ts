import { describe, expect, test } from 'vitest'
import { configTable } from '../../../../src/broker/config/config-table.ts'
import {
  type ConfigKey,
  type ConfigValues,
  printSetting,
  readSetting,
} from '../../../../src/broker/config/config-key.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'

const keys = configTable('effective', {
  'a.switch': 'BOOLEAN false MEDIUM | Whether it is on.',
  'a.ratio': 'DOUBLE 0.5 [0,...,1] MEDIUM | Part of the whole.',
  'a.rate': 'DOUBLE 1.7976931348623157E308 MEDIUM | Bytes per second.',
  'a.count': 'INT 5 [1,...] MEDIUM | How many.',
  'a.level': 'INT -1 [1,...,9] or -1 MEDIUM | How strong.',
  'a.size': 'LONG null MEDIUM cluster-wide | How large.',
  'a.time': 'LONG 9223372036854775807 HIGH internal | How long.',
  'a.short': 'SHORT 3 LOW per-broker | Shortest of all.',
  'a.policy': 'LIST "" [compact, delete] MEDIUM | What is done.',
  'a.list': 'LIST null MEDIUM | Names.',
  'a.replicas': 'LIST "" [partitionId]:[brokerId],[partitionId]:[brokerId],... MEDIUM | Replicas.',
  'a.mode': 'STRING fast [fast, safe] MEDIUM | How it is done.',
  'a.way': 'STRING up (case insensitive) [UP, DOWN] MEDIUM | Which way it goes.',
  'a.name': 'STRING null non-empty string MEDIUM | Its name.',
  'a.secret': 'PASSWORD null MEDIUM | Its secret.',
})

type Keys = typeof keys
const print = (name: keyof Keys, text: string) => printSetting(keys[name], text)

/** The values have the types that the rows say; this fails to compile otherwise. */
const typed: ConfigValues<Keys> = {
  'a.switch': true,
  'a.ratio': 1,
  'a.rate': 1,
  'a.count': 1,
  'a.level': 1,
  'a.size': null,
  'a.time': 1,
  'a.short': 1,
  'a.policy': ['compact'],
  'a.list': null,
  'a.replicas': ['0:1'],
  'a.mode': 'safe',
  'a.way': 'any string',
  'a.name': null,
  'a.secret': null,
}

describe('values are printed as Kafka prints them', () => {
  test.each<[keyof Keys, string, string, unknown]>([
    ['a.switch', ' TRUE ', 'true', true],
    ['a.switch', 'False', 'false', false],
    ['a.ratio', '5e-1', '0.5', 0.5],
    ['a.ratio', '1', '1.0', 1],
    ['a.ratio', '.25', '0.25', 0.25],
    ['a.ratio', '0.0001', '1.0E-4', 0.0001],
    ['a.rate', '12345678', '1.2345678E7', 12_345_678],
    ['a.rate', '1e7', '1.0E7', 1e7],
    ['a.rate', '9999999', '9999999.0', 9_999_999],
    ['a.rate', '1.7976931348623157E308', '1.7976931348623157E308', Number.MAX_VALUE],
    ['a.count', ' +7 ', '7', 7],
    ['a.count', '010', '10', 10],
    ['a.count', '2147483647', '2147483647', 2 ** 31 - 1],
    ['a.level', '-1', '-1', -1],
    ['a.size', '-9223372036854775808', '-9223372036854775808', -(2 ** 63)],
    ['a.time', '9223372036854775807', '9223372036854775807', Infinity],
    ['a.time', '9223372036854775806', '9223372036854775806', 2 ** 63],
    ['a.short', '-32768', '-32768', -32_768],
    ['a.policy', 'compact , delete', 'compact,delete', ['compact', 'delete']],
    ['a.policy', '  ', '', []],
    ['a.list', 'b, a,b', 'b,a', ['b', 'a']],
    ['a.list', 'a,,b', 'a,,b', ['a', '', 'b']],
    ['a.replicas', '0:1,1:2', '0:1,1:2', ['0:1', '1:2']],
    ['a.replicas', '*', '*', ['*']],
    ['a.mode', ' safe ', 'safe', 'safe'],
    ['a.way', 'down', 'down', 'down'],
  ])('%s: %s', (name, text, printed, value) => {
    expect(print(name, text)).toBe(printed)
    const key: ConfigKey = keys[name]
    expect(readSetting(key, text)).toEqual(value)
    expect(print(name, printed)).toBe(printed)
  })
})

describe('what is no value is refused in words that Kafka uses and that teach', () => {
  test.each<[keyof Keys, string, string]>([
    ['a.switch', 'yes', 'Expected value to be either true or false'],
    ['a.switch', '', 'Expected value to be either true or false'],
    ['a.ratio', 'half', 'Not a number of type DOUBLE'],
    ['a.ratio', 'NaN', 'Not a number of type DOUBLE'],
    ['a.rate', '1e999', 'Not a number of type DOUBLE'],
    ['a.ratio', '1.5', 'Value must be no more than 1'],
    ['a.ratio', '-0.5', 'Value must be at least 0'],
    ['a.count', '1.5', 'Not a number of type INT'],
    ['a.count', '', 'Not a number of type INT'],
    ['a.count', '2147483648', 'Not a number of type INT'],
    ['a.count', '-2147483649', 'Not a number of type INT'],
    ['a.count', '1_000', 'Not a number of type INT'],
    ['a.count', '0', 'Value must be at least 1'],
    ['a.level', '10', 'Value must be between 1 and 9 or equal to -1'],
    ['a.level', '0', 'Value must be between 1 and 9 or equal to -1'],
    ['a.size', '9223372036854775808', 'Not a number of type LONG'],
    ['a.short', '32768', 'Not a number of type SHORT'],
    ['a.mode', 'Safe', 'String must be one of: fast, safe'],
    ['a.way', 'left', 'String must be one of (case insensitive): UP, DOWN'],
    ['a.name', ' ', 'String must be non-empty'],
  ])('%s: %s', (name, text, reason) => {
    const message = `Invalid value ${text.trim()} for configuration ${name}: ${reason}`
    // As given where it is of the wrong type, as printed where it is out of range.
    expect(() => print(name, text)).toThrow(
      new RegExp(message.replace(/[()[\]:.+*]/g, '.').replace('  ', ' +')),
    )
    expect(() => print(name, text)).toThrow(KafkaError)
  })

  test('with type, range, default and meaning behind', () => {
    expect(() => print('a.count', '0')).toThrow(
      'Invalid value 0 for configuration a.count: Value must be at least 1. (INT [1,...], default 5: How many.)',
    )
    expect(() => print('a.size', 'x')).toThrow('(LONG: How large.)')
    expect(() => print('a.policy', 'x')).toThrow('(LIST [compact, delete], default empty: What is done.)')
  })

  test('showing the one element that is wrong', () => {
    expect(() => print('a.policy', 'delete,foo')).toThrow('Invalid value foo for configuration a.policy')
  })

  test('never showing a secret', () => {
    const restricted = configTable('effective', {
      'a.secret': 'PASSWORD null non-empty string MEDIUM | Its secret.',
    })
    expect(() => printSetting(restricted['a.secret'], '  ')).toThrow('Invalid value [hidden]')
  })
})

test('rows say all there is to say', () => {
  expect(keys['a.time']).toMatchObject({ isInternal: true, importance: 'HIGH', dynamicMode: 'read-only' })
  expect(keys['a.size']).toMatchObject({ isInternal: false, dynamicMode: 'cluster-wide', defaultText: null })
  expect(keys['a.short']).toMatchObject({ dynamicMode: 'per-broker', importance: 'LOW', hasEffect: true })
  expect(keys['a.policy']).toMatchObject({ defaultText: '', documentation: 'What is done.' })
  expect(() => configTable('effective', { bad: 'INT 5 | No importance.' })).toThrow('the declaration of bad')
  expect(Object.keys(typed)).toEqual(Object.keys(keys))
})
