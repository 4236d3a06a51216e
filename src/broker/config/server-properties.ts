import { KafkaError } from '../../wire/kafka-error.ts'
import { keyNamed, printSetting, proposal } from './config-key.ts'
import { brokerKeyNamed, type Settings, settingNamed } from './config-layers.ts'
import { brokerKeys, topicKeys } from './declared-configs.ts'
import { parseProperties, type Property } from './java-properties.ts'
import { inheritedFrom } from './topic-resolution.ts'

/** Something to tell whoever wrote the file. It starts all the same. */
export interface PropertyNote {
  readonly name: string
  readonly line: number
  /** A whole sentence, with file and line before it. */
  readonly message: string
}

/** What a properties file says, for a broker to start with. */
export interface ServerProperties {
  /** Every assignment, the last one of each name, also those that are noted below. */
  readonly settings: Settings
  /** Names that are no config of a broker, with the one that may have been meant. Kafka warns of them too. */
  readonly unknown: readonly PropertyNote[]
  /** Kafka's names that have no effect here. */
  readonly withoutEffect: readonly PropertyNote[]
  /** Assignments that a later one of the same name has overruled. */
  readonly repeated: readonly PropertyNote[]
}

/**
 * Reads a `server.properties` as Kafka has them. Throws a KafkaError INVALID_CONFIG that names `file` and the line
 * for a malformed line or value. What must hold between several is judged by {@link ConfigStore}.
 */
export function readServerProperties(text: string, file = 'server.properties'): ServerProperties {
  const properties = parseProperties(text, file)
  const lastOf = new Map(properties.map((property) => [property.name, property]))
  const counting = [...lastOf.values()]
  for (const property of counting) checkValue(property, file)
  const notes = (which: readonly Property[], say: (property: Property) => string): PropertyNote[] =>
    which.map((each) => ({ name: each.name, line: each.line, message: `${file}:${each.line}: ${say(each)}` }))
  return {
    settings: Object.fromEntries(counting.map(({ name, value }) => [name, value])),
    unknown: notes(
      counting.filter(({ name }) => brokerKeyNamed(name) === undefined),
      ({ name }) => unknownName(name),
    ),
    withoutEffect: notes(
      counting.filter(({ name }) => brokerKeyNamed(name)?.hasEffect === false),
      ({ name }) => `${name} has no effect: ${brokerKeyNamed(name)?.documentation ?? ''}`,
    ),
    repeated: notes(
      properties.filter((property) => lastOf.get(property.name) !== property),
      ({ name }) => `${name} is set again on line ${lastOf.get(name)?.line}, and that counts`,
    ),
  }
}

/**
 * Reads `name=value` as `--config` takes it; blanks around both are dropped, and the value may hold further `=`.
 * Throws a KafkaError INVALID_CONFIG when there is no `=`.
 */
export function parseAssignment(text: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf('=')
  if (at < 1)
    throw new KafkaError(
      'INVALID_CONFIG',
      `'${text}' assigns nothing: write name=value, such as retention.ms=3600000`,
    )
  return { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() }
}

function checkValue({ name, value, line }: Property, file: string): void {
  const key = brokerKeyNamed(name)
  if (key === undefined) return
  try {
    printSetting(key, value)
  } catch (error) {
    if (error instanceof KafkaError)
      throw new KafkaError('INVALID_CONFIG', `${file}:${line}: ${error.message}`, { cause: error })
    throw error
  }
}

function unknownName(name: string): string {
  const brokerName = settingNamed(inheritedFrom, name)
  if (brokerName !== undefined)
    return `${name} is a config of topics; the broker's default for it is ${brokerName}`
  if (keyNamed(topicKeys, name) !== undefined)
    return `${name} is a config of topics, and a broker has none like it`
  return `${name} is no config of a broker, and is ignored.${proposal(name, Object.keys(brokerKeys))}`
}
