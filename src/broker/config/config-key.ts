import { nearestName } from '../../base/nearest-name.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import { type ConfigType, printConfigValue, readConfigValue, typeExpectation } from './config-type.ts'
import type { Validity } from './validity.ts'

/** Who may change a broker's config while it runs. Topic configs may always be changed. */
export type DynamicMode = 'read-only' | 'per-broker' | 'cluster-wide'

/** One declared config. `T` is what {@link readSetting} makes of its strings. */
export interface ConfigKey<T = unknown> {
  readonly name: string
  readonly type: ConfigType
  /** The default in printed form; null for none. */
  readonly defaultText: string | null
  readonly validity: Validity | undefined
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW'
  readonly dynamicMode: DynamicMode
  /** Described only where it is set: a config for tests. */
  readonly isInternal: boolean
  /** False for a name of Kafka's that is accepted and has no meaning here. */
  readonly hasEffect: boolean
  readonly documentation: string
  /** Carries the type of the values; there is nothing in it. */
  readonly valueType?: T
}

/** Declarations by name. */
export type ConfigKeys = Readonly<Record<string, ConfigKey>>

/** The values of a table of keys, by Kafka's names. */
export type ConfigValues<K extends ConfigKeys> = {
  readonly [N in keyof K]: K[N] extends ConfigKey<infer T> ? T : never
}

/**
 * The printed form of `text`, checked: what is kept and described. Throws a KafkaError INVALID_CONFIG that begins
 * with Kafka's words and goes on with what the config means and may be.
 */
export function printSetting(key: ConfigKey, text: string): string {
  const printed = printConfigValue(key.type, text)
  if (printed === undefined) throw invalidValue(key, text, typeExpectation(key.type))
  const fault = key.validity?.fault(printed, key.name)
  if (fault !== undefined) throw invalidValue(key, fault.shown, fault.reason)
  return printed
}

/** The value of a string; null stays null. Throws as {@link printSetting}. */
export function readSetting<T>(key: ConfigKey<T>, text: string | null): T {
  return (text === null ? null : readConfigValue(key.type, printSetting(key, text))) as T
}

/** The key of that name; a member of Object.prototype is none. */
export function keyNamed(keys: ConfigKeys, name: string): ConfigKey | undefined {
  return Object.hasOwn(keys, name) ? keys[name] : undefined
}

/** `Did you mean ...?` with a space before it, or nothing. */
export function proposal(name: string, names: Iterable<string>): string {
  const meant = nearestName(name, names)
  return meant === undefined ? '' : ` Did you mean '${meant}'?`
}

function invalidValue(key: ConfigKey, shown: string, reason: string): KafkaError {
  const range = key.validity === undefined ? '' : ` ${key.validity.notation}`
  const fallback = key.defaultText === null ? '' : `, default ${key.defaultText || 'empty'}`
  // A password that was mistyped is a password nearly told.
  const value = key.type === 'PASSWORD' ? '[hidden]' : shown
  return new KafkaError(
    'INVALID_CONFIG',
    `Invalid value ${value} for configuration ${key.name}: ${reason}. ` +
      `(${key.type}${range}${fallback}: ${key.documentation})`,
  )
}
