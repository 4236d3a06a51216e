import { KafkaError } from '../../wire/kafka-error.ts'
import { type ConfigKey, keyNamed, printSetting } from './config-key.ts'
import { brokerKeyNamed, type Settings, settingNamed } from './config-layers.ts'
import { brokerKeys } from './declared-configs.ts'

/** What IncrementalAlterConfigs does with one config, by its code. */
export const configOperations = { set: 0, delete: 1, append: 2, subtract: 3 } as const

/** One change of one config; `value` means nothing where it is deleted. */
export interface ConfigOperation {
  readonly name: string
  readonly configOperation: number
  readonly value: string | null
}

/**
 * The settings after incremental changes (KIP-339), not yet judged. APPEND and SUBTRACT work on the elements of a
 * list, of its declared default where nothing is set; an element that is there is not added again. Throws a
 * KafkaError INVALID_REQUEST for a name given twice, a missing value and an unknown operation, INVALID_CONFIG for
 * APPEND or SUBTRACT on what is no list.
 */
export function applyOperations(
  own: Settings,
  operations: readonly ConfigOperation[],
  keyOf: (name: string) => ConfigKey | undefined,
): Settings {
  refuseDuplicates(operations.map(({ name }) => name))
  refuseNulls(operations.filter(({ configOperation }) => configOperation !== configOperations.delete))
  const after = new Map(Object.entries(own))
  for (const { name, configOperation, value } of operations) {
    if (configOperation === configOperations.delete) after.delete(name)
    else if (configOperation === configOperations.set) after.set(name, value ?? '')
    else
      after.set(name, changedList(settingNamed(own, name), name, configOperation, value ?? '', keyOf(name)))
  }
  return Object.fromEntries(after)
}

/**
 * The settings of the older AlterConfigs: what is given, and nothing else stays. Errors as {@link applyOperations}.
 */
export function replaceAll(
  configs: readonly { readonly name: string; readonly value: string | null }[],
): Settings {
  refuseDuplicates(configs.map(({ name }) => name))
  refuseNulls(configs)
  return Object.fromEntries(configs.map(({ name, value }) => [name, value ?? '']))
}

/**
 * Judges what is to be set while brokers run, for one of them or for all. Throws a KafkaError INVALID_REQUEST,
 * which is Kafka's choice for brokers, where it is INVALID_CONFIG for topics. Names that nobody declared pass, as
 * in Kafka: they are there for plug-ins.
 */
export function checkBroker(settings: Settings, scope: 'one broker' | 'all brokers'): void {
  const names = Object.keys(settings)
  refuse(
    names.filter((name) => keyNamed(brokerKeys, name)?.dynamicMode === 'read-only'),
    'Cannot update these configs dynamically',
    'Set them in the properties file and start the broker again.',
  )
  refuse(
    names.filter((name) => listenerSecurity.test(name)),
    'These security configs can be dynamically updated only per-listener using the listener prefix',
    'Write listener.name.<listener>. before the name.',
  )
  for (const [name, text] of Object.entries(settings)) checkBrokerValue(name, text)
  if (scope === 'one broker') return
  refuse(
    names.filter((name) => keyNamed(brokerKeys, name)?.dynamicMode === 'per-broker'),
    'Cannot update these configs at default cluster level, broker id must be specified',
    'They differ from broker to broker.',
  )
}

/** What a certificate is replaced by while the broker runs, KIP-226. */
const listenerSecurity =
  /^ssl\.(keystore\.(type|location|password|key|certificate\.chain)|truststore\.(type|location|password|certificates)|key\.password)$/

function checkBrokerValue(name: string, text: string): void {
  const key = brokerKeyNamed(name)
  if (key === undefined) return
  try {
    printSetting(key, text)
  } catch (error) {
    if (error instanceof KafkaError) throw new KafkaError('INVALID_REQUEST', error.message)
    throw error
  }
}

function changedList(
  own: string | undefined,
  name: string,
  operation: number,
  value: string,
  key: ConfigKey | undefined,
): string {
  const verb = operationName(operation)
  if (key?.type !== 'LIST')
    throw new KafkaError(
      'INVALID_CONFIG',
      `Can't ${verb} to key ${name} because its type is not LIST. Use SET, which replaces the value.`,
    )
  const before = (own ?? key.defaultText ?? '').split(',').filter((element) => element !== '')
  const given = value.split(',')
  const after =
    verb === 'APPEND'
      ? new Set([...before, ...given])
      : new Set(before.filter((element) => !given.includes(element)))
  return [...after].join(',')
}

function operationName(operation: number): 'APPEND' | 'SUBTRACT' {
  if (operation === configOperations.append) return 'APPEND'
  if (operation === configOperations.subtract) return 'SUBTRACT'
  throw new KafkaError(
    'INVALID_REQUEST',
    `Unknown config operation ${operation}: 0 is SET, 1 DELETE, 2 APPEND, 3 SUBTRACT`,
  )
}

function refuseDuplicates(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new KafkaError('INVALID_REQUEST', `Error due to duplicate config keys: give ${twice} once`)
}

function refuseNulls(configs: readonly { readonly name: string; readonly value: string | null }[]): void {
  const missing = configs.filter(({ value }) => value === null).map(({ name }) => name)
  if (missing.length > 0)
    throw new KafkaError('INVALID_REQUEST', `Null value not supported for : ${missing.join(', ')}`)
}

function refuse(names: readonly string[], complaint: string, advice: string): void {
  if (names.length === 0) return
  throw new KafkaError('INVALID_REQUEST', `${complaint}: [${names.join(', ')}]. ${advice}`)
}
