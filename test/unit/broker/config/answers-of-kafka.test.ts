import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configOperations } from '../../../../src/broker/config/config-change.ts'
import { configSources } from '../../../../src/broker/config/config-layers.ts'
import {
  type ConfigResource,
  ConfigStore,
  resourceTypes,
} from '../../../../src/broker/config/config-store.ts'
import { brokerKeys } from '../../../../src/broker/config/declared-configs.ts'
import { configTypeCodes } from '../../../../src/broker/config/config-type.ts'
import type { DescribedConfig } from '../../../../src/broker/config/describe-config.ts'
import { additions, otherDefaults } from '../../../../src/broker/config/kafka-differences.ts'
import { KafkaError } from '../../../../src/wire/kafka-error.ts'
import { projectRoot } from '../../../torture/project-root.ts'

/** What a real broker answered, replayed: the same requests in the same order, and the answers compared. */

type Entry = [string, string | null, string, boolean, boolean, string, [string, string | null, string][]]

interface Step {
  readonly step: 'describe' | 'create' | 'alter'
  readonly resource: string
  readonly configs?: [string, string][]
  readonly ops?: ['SET' | 'DELETE' | 'APPEND' | 'SUBTRACT', string, string | null][]
  readonly error?: { readonly code: number; readonly message: string } | null
  readonly entries?: Entry[]
  readonly onlyChanged?: boolean
}

const path = join(projectRoot, 'data/golden/configs-4.3.1/answers.json')
const recorded = JSON.parse(readFileSync(path, 'utf8')) as {
  properties: Record<string, string>
  steps: Step[]
}

/** Answers that are another on purpose, by the change that was asked for, each with its reason. */
const otherAnswers: Readonly<Record<string, string>> = {
  'log.cleaner.threads=9': 'Threads have no effect, so there is no pool that grows step by step',
  'num.io.threads=100': 'Threads have no effect, so there is no pool that grows step by step',
  'min.insync.replicas=2': 'There are no eligible leader replicas (KIP-966) that restrict changing it',
  'min.insync.replicas=': 'There are no eligible leader replicas (KIP-966) that restrict changing it',
}

const sourceNames: Readonly<Record<string, number>> = {
  DYNAMIC_TOPIC_CONFIG: configSources.topic,
  DYNAMIC_BROKER_CONFIG: configSources.dynamicBroker,
  DYNAMIC_DEFAULT_BROKER_CONFIG: configSources.dynamicDefaultBroker,
  STATIC_BROKER_CONFIG: configSources.staticBroker,
  DEFAULT_CONFIG: configSources.default,
}

function resourceOf(text: string): ConfigResource {
  const [kind, resourceName = ''] = text.split(':')
  return { resourceType: kind === 'topic' ? resourceTypes.topic : resourceTypes.broker, resourceName }
}

/** Kafka's value, or our own default where it is another. */
function expectedValue(name: string, value: string | null, source: string): string | null {
  const isOther = source === 'DEFAULT_CONFIG' && name in otherDefaults
  return isOther ? (brokerKeys[name]?.defaultText ?? null) : value
}

function asDescribed([name, value, source, readOnly, isSensitive, type, synonyms]: Entry): DescribedConfig {
  return {
    name,
    value: expectedValue(name, value, source),
    readOnly,
    configSource: sourceNames[source] ?? -1,
    isSensitive,
    synonyms: synonyms.map(([synonym, text, from]) => ({
      name: synonym,
      value: expectedValue(synonym, text, from),
      source: sourceNames[from] ?? -1,
    })),
    configType: configTypeCodes[type as keyof typeof configTypeCodes],
    documentation: null,
  }
}

/** Kafka gives the value of the properties file's `log.retention.hours` wrong once anything was changed at run time. */
const wrongInKafka = (entry: Entry): boolean => entry[0] === 'log.retention.hours' && entry[1] === '168'

/** Not what is ours alone, and not what Kafka has to be told: that has no default in Kafka's answers. */
const isComparable = (name: string): boolean =>
  !(name in additions) && (!(name in otherDefaults) || otherDefaults[name]?.kafka !== undefined)

function attempt(action: () => void): { code: number; message: string } | null {
  try {
    action()
    return null
  } catch (error) {
    if (error instanceof KafkaError) return { code: error.kafkaCode, message: error.message }
    throw error
  }
}

const topics = new Set<string>()
const store = new ConfigStore({ staticBroker: recorded.properties, hasTopic: (name) => topics.has(name) })
// A new cluster of Kafka 4.3 sets this by itself (KIP-966).
store.put({ resourceType: resourceTypes.broker, resourceName: '' }, { 'min.insync.replicas': '1' })

function change(step: Step): void {
  const resource = resourceOf(step.resource)
  if (step.step === 'create') {
    const settings = store.planTopic((step.configs ?? []).map(([name, value]) => ({ name, value })))
    topics.add(resource.resourceName)
    store.put(resource, settings)
    return
  }
  const operations = (step.ops ?? []).map(([verb, name, value]) => ({
    name,
    configOperation: configOperations[verb.toLowerCase() as keyof typeof configOperations],
    value,
  }))
  store.alter(resource, operations)
}

function compareDescription(step: Step): void {
  const resource = resourceOf(step.resource)
  let described: DescribedConfig[] = []
  const error = attempt(() => {
    described = store.describe(resource, null, { includeSynonyms: true })
  })
  expect(error?.code).toBe(step.error?.code)
  const expected = (step.entries ?? []).filter((entry) => isComparable(entry[0]) && !wrongInKafka(entry))
  const names = new Set(expected.map(([name]) => name))
  const compared = described.filter(({ name }) => (step.onlyChanged ? names.has(name) : isComparable(name)))
  expect(compared).toEqual(expected.map(asDescribed))
}

// One test per step, in order: each goes on where the last one ended.
test.each(recorded.steps.map((step, number) => [number, step] as const))('step %i', (_, step) => {
  if (step.step === 'describe') {
    compareDescription(step)
    return
  }
  const [verb, name, value] = step.ops?.[0] ?? []
  const isOther = verb !== undefined && otherAnswers[`${name}=${value}`] !== undefined && step.error !== null
  if (isOther) return
  const error = attempt(() => change(step))
  expect(error?.code).toBe(step.error?.code)
  if (step.error) expect(error?.message).toContain(step.error.message.replace(/\.$/, ''))
})

test('the differences are all met', () => {
  const refused = recorded.steps.filter(({ step, error }) => step === 'alter' && error)
  const changes = refused.flatMap(({ ops }) => (ops ?? []).map(([, name, value]) => `${name}=${value}`))
  expect(Object.keys(otherAnswers).filter((each) => !changes.includes(each))).toEqual([])
})
