import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type ConfigKey, type ConfigKeys, readSetting } from '../../../../src/broker/config/config-key.ts'
import {
  brokerKeys,
  effectiveBrokerNames,
  topicKeys,
} from '../../../../src/broker/config/declared-configs.ts'
import { additions, otherDefaults } from '../../../../src/broker/config/kafka-differences.ts'
import { alternativesOf } from '../../../../src/broker/config/config-layers.ts'
import { inheritedFrom } from '../../../../src/broker/config/topic-resolution.ts'

/** What Kafka 4.3.1's own definitions say, taken from its classes. */
interface Fact {
  readonly type: string
  readonly default: string | number | boolean | null
  readonly importance: string
  readonly valid?: string
  readonly dynamic?: string | false
  readonly internal?: boolean
}

interface Facts {
  readonly topic: Readonly<Record<string, Fact>>
  readonly broker: Readonly<Record<string, Fact>>
  readonly topicSynonyms: Readonly<Record<string, string>>
}

const factsFile = new URL('../../../../data/wire/facts-4.3.1.json', import.meta.url)
// The largest long is no number of JSON: read as text before it is rounded.
const facts: Facts = JSON.parse(readFileSync(factsFile, 'utf8').replace(/:(9223372036854775807)\b/g, ':"$1"'))

/** A default as we print it; what Kafka has to be told is undefined. */
function printedDefault(fact: Fact): string | null | undefined {
  if (fact.default === '<required>') return undefined
  if (fact.default === Number.MAX_VALUE) return '1.7976931348623157E308'
  return fact.default === null ? null : String(fact.default)
}

function declaredAs(key: ConfigKey): object {
  return {
    type: key.type,
    importance: key.importance,
    valid: key.validity?.notation ?? '',
    dynamic: key.dynamicMode,
    internal: key.isInternal,
  }
}

function knownAs(fact: Fact): object {
  return {
    type: fact.type,
    importance: fact.importance,
    valid: fact.valid ?? '',
    dynamic: fact.dynamic || 'read-only',
    internal: fact.internal ?? false,
  }
}

describe.each([
  ['topic', topicKeys, facts.topic],
  ['broker', brokerKeys, facts.broker],
] as [string, ConfigKeys, Readonly<Record<string, Fact>>][])('the configs of a %s', (_, keys, known) => {
  test('are those of Kafka and the additions', () => {
    const added = Object.keys(keys).filter((name) => !(name in known))
    expect(Object.keys(known).filter((name) => !(name in keys))).toEqual([])
    expect(added.filter((name) => !(name in additions))).toEqual([])
  })

  test.each(Object.entries(known))('include %s as Kafka declares it', (name, fact) => {
    const key = keys[name] as ConfigKey
    expect(key.name).toBe(name)
    expect(declaredAs(key)).toEqual(knownAs(fact))
    const difference = keys === brokerKeys ? otherDefaults[name] : undefined
    expect(difference === undefined ? key.defaultText : difference.kafka).toBe(printedDefault(fact))
  })

  test('have defaults that are valid and printed', () => {
    for (const key of Object.values(keys)) {
      const value = readSetting(key, key.defaultText)
      expect(value === null, key.name).toBe(key.defaultText === null)
    }
  })

  test('are each documented in one sentence or two', () => {
    for (const { name, documentation } of Object.values(keys)) {
      expect(documentation, name).toMatch(/^[A-Z].{8,130}\.$/)
    }
  })
})

test('facts are all there', () => {
  expect(Object.keys(facts.topic)).toHaveLength(34)
  expect(Object.keys(facts.broker)).toHaveLength(360)
})

test('every difference from Kafka is one, and has a reason', () => {
  for (const [name, { kafka, reason }] of Object.entries(otherDefaults)) {
    expect(brokerKeys[name]?.defaultText, name).not.toBe(kafka)
    expect(reason, name).toMatch(/^[A-Z].{10,}\.$/)
  }
  for (const name of Object.keys(additions)) {
    expect(facts.broker[name], name).toBeUndefined()
    expect(brokerKeys[name], name).toBeDefined()
  }
})

test('topics inherit from what Kafka says they do', () => {
  const declared = Object.entries(inheritedFrom)
    .filter(([name]) => !(name in additions))
    .map(([name, brokerName]) => [name, Object.keys(alternativesOf(brokerName)).join(' ')])
  expect(Object.fromEntries(declared)).toEqual(facts.topicSynonyms)
})

test('a topic that inherits by default has the default that is declared for it', () => {
  for (const [name, brokerName] of Object.entries(inheritedFrom)) {
    const inherited = brokerKeys[brokerName]?.defaultText
    const own = (topicKeys as ConfigKeys)[name]?.defaultText
    if (inherited !== null && alternativesOf(brokerName)[brokerName] === 1) expect(own, name).toBe(inherited)
  }
})

test('what has no effect is known apart from what has', () => {
  const withoutEffect = Object.values(brokerKeys).filter(({ hasEffect }) => !hasEffect)
  expect(effectiveBrokerNames.length + withoutEffect.length).toBe(Object.keys(brokerKeys).length)
  expect(effectiveBrokerNames).toContain('message.max.bytes')
  expect(withoutEffect.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['num.io.threads', 'controller.quorum.voters', 'remote.log.reader.threads']),
  )
})
