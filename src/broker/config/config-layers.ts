import { type ConfigKey, keyNamed, readSetting } from './config-key.ts'
import { brokerKeys } from './declared-configs.ts'

/** Configs that were set, by name, as the strings they are kept as. */
export type Settings = Readonly<Record<string, string>>

/** What is set under a name; a member of Object.prototype is nothing. */
export function settingNamed(settings: Settings, name: string): string | undefined {
  return Object.hasOwn(settings, name) ? settings[name] : undefined
}

/** Where a config's value comes from, by its code in DescribeConfigs responses. */
export const configSources = {
  topic: 1,
  dynamicBroker: 2,
  dynamicDefaultBroker: 3,
  staticBroker: 4,
  default: 5,
} as const

/** What was set for one broker, the strongest first. Under it lie the defaults. */
export interface BrokerLayers {
  /** Set at run time for this broker alone. */
  readonly dynamicBroker: Settings
  /** Set at run time for every broker of the cluster. */
  readonly dynamicDefaultBroker: Settings
  /** From the properties file or the command line. */
  readonly staticBroker: Settings
}

/** One place that gives a config's value, of the several that might. */
export interface ConfigSynonym {
  readonly name: string
  /** Null when it is a secret. */
  readonly value: string | null
  readonly source: number
}

const layerNames = ['dynamicBroker', 'dynamicDefaultBroker', 'staticBroker'] as const

/**
 * Several names for one thing, the strongest first, in ever larger units: how many of the first make one of each.
 */
const alternatives: readonly Readonly<Record<string, number>>[] = [
  { 'log.retention.ms': 1, 'log.retention.minutes': 60_000, 'log.retention.hours': 3_600_000 },
  { 'log.roll.ms': 1, 'log.roll.hours': 3_600_000 },
  { 'log.roll.jitter.ms': 1, 'log.roll.jitter.hours': 3_600_000 },
]

const flushAlternatives = { 'log.flush.interval.ms': 1, 'log.flush.scheduler.interval.ms': 1 }

const mechanismConfigs = [
  'sasl.jaas.config',
  'sasl.login.callback.handler.class',
  'sasl.login.class',
  'sasl.server.callback.handler.class',
  'connections.max.reauth.ms',
]

/** The name without its listener: of `listener.name.internal.max.connections` it is `max.connections`. */
export function withoutListener(name: string): string {
  const base = /^listener\.name\.[^.]*\.(.+)$/.exec(name)?.[1]
  if (base === undefined) return name
  return mechanismConfigs.find((config) => base.endsWith(config)) ?? base
}

/** The declaration of a broker's config, also under a name that holds for one listener. */
export function brokerKeyNamed(name: string): ConfigKey | undefined {
  return keyNamed(brokerKeys, name) ?? keyNamed(brokerKeys, withoutListener(name))
}

/** The names under which a broker's config may be set, with the factor to its own unit, the strongest first. */
export function alternativesOf(name: string): Readonly<Record<string, number>> {
  // Only this way round: the scheduler's interval is a config of its own too.
  if (name === 'log.flush.interval.ms') return flushAlternatives
  const group = alternatives.find((names) => Object.hasOwn(names, name))
  if (group !== undefined) return group
  const base = withoutListener(name)
  return base === name ? { [name]: 1 } : { [name]: 1, [base]: 1 }
}

/** The string that counts for this name alone; null when nothing is set and there is no default. */
export function brokerText(layers: BrokerLayers, name: string): string | null {
  for (const layer of layerNames) {
    const text = settingNamed(layers[layer], name)
    if (text !== undefined) return text
  }
  return brokerKeyNamed(name)?.defaultText ?? null
}

/**
 * The printed value that a topic inherits from a broker's config, in that config's unit: the first of its
 * alternatives that has one, wherever it was set. Negative means no limit, in any unit.
 */
export function inheritedText(layers: BrokerLayers, name: string): string | null {
  for (const [alternative, factor] of Object.entries(alternativesOf(name))) {
    const text = brokerText(layers, alternative)
    const key = brokerKeyNamed(alternative)
    if (text === null || key === undefined) continue
    if (factor === 1) return text
    const count = Number(readSetting(key, text))
    return count < 0 ? '-1' : String(count * factor)
  }
  return null
}

/**
 * Every place that gives the value of a broker's config, the strongest first, as Kafka lists them: layer by layer,
 * in each the alternatives in order, beginning with the first under the very name. So what is set as
 * `log.retention.hours` alone is no synonym of `log.retention.ms`.
 */
export function synonymsOf(layers: BrokerLayers, name: string, isSensitive: boolean): ConfigSynonym[] {
  const names = Object.keys(alternativesOf(name))
  const found: ConfigSynonym[] = []
  const add = (each: string, text: string | null | undefined, source: number): void => {
    if (text === undefined || text === null || (found.length === 0 && each !== name)) return
    found.push({ name: each, value: isSensitive ? null : text, source })
  }
  for (const layer of layerNames)
    for (const each of names) add(each, settingNamed(layers[layer], each), configSources[layer])
  for (const each of names) add(each, keyNamed(brokerKeys, each)?.defaultText, configSources.default)
  return found
}
