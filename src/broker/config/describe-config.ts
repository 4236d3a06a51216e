import { type ConfigKey, keyNamed, printSetting } from './config-key.ts'
import {
  type BrokerLayers,
  brokerKeyNamed,
  brokerText,
  type ConfigSynonym,
  configSources,
  type Settings,
  synonymsOf,
} from './config-layers.ts'
import { configTypeCodes } from './config-type.ts'
import { brokerKeys, type TopicConfig, topicKeys } from './declared-configs.ts'
import { inheritedFrom, topicText } from './topic-resolution.ts'

/** One config as DescribeConfigs tells of it, field by field. */
export interface DescribedConfig {
  readonly name: string
  /** In printed form; null when there is none, and for secrets. */
  readonly value: string | null
  readonly readOnly: boolean
  /** One of `configSources`. */
  readonly configSource: number
  readonly isSensitive: boolean
  /** Empty unless asked for. */
  readonly synonyms: readonly ConfigSynonym[]
  /** One of `configTypeCodes`. */
  readonly configType: number
  /** Null unless asked for, and for what nobody declared. */
  readonly documentation: string | null
}

/** What to tell besides names and values; both are left out by default, as in requests. */
export interface DescribeOptions {
  readonly includeSynonyms?: boolean
  readonly includeDocumentation?: boolean
}

/** A topic's configs, sorted by name; internal ones where they are set. `wanted` undefined for all. */
export function describeTopic(
  own: Settings,
  layers: BrokerLayers,
  wanted: ReadonlySet<string> | undefined,
  options: DescribeOptions,
): DescribedConfig[] {
  const names = Object.keys(topicKeys) as (keyof TopicConfig)[]
  return names
    .filter((name) => (wanted === undefined || wanted.has(name)) && isShown(topicKeys[name], own))
    .sort()
    .map((name) => describeTopicConfig(name, own, layers, options))
}

/**
 * What a broker goes by, sorted by name, with what was set for it that nobody declared. `wanted` undefined for all.
 */
export function describeBroker(
  layers: BrokerLayers,
  wanted: ReadonlySet<string> | undefined,
  options: DescribeOptions,
): DescribedConfig[] {
  const set = { ...layers.staticBroker, ...layers.dynamicDefaultBroker, ...layers.dynamicBroker }
  const declared = Object.values(brokerKeys).filter((key) => isShown(key, set))
  const names = new Set([...declared.map(({ name }) => name), ...Object.keys(set)])
  return [...names]
    .filter((name) => wanted === undefined || wanted.has(name))
    .sort()
    .map((name) => describeBrokerConfig(name, layers, options))
}

/** What was set at run time for every broker, sorted by name, and nothing else. `wanted` undefined for all. */
export function describeBrokerDefaults(
  dynamicDefaultBroker: Settings,
  wanted: ReadonlySet<string> | undefined,
  options: DescribeOptions,
): DescribedConfig[] {
  const layers = { dynamicBroker: {}, dynamicDefaultBroker, staticBroker: {} }
  const synonymsHere = (synonym: ConfigSynonym) => synonym.source === configSources.dynamicDefaultBroker
  return Object.keys(dynamicDefaultBroker)
    .filter((name) => wanted === undefined || wanted.has(name))
    .sort()
    .map((name) => describeBrokerConfig(name, layers, options))
    .map((described) => ({ ...described, synonyms: described.synonyms.filter(synonymsHere) }))
}

function isShown(key: ConfigKey, set: Settings): boolean {
  return !key.isInternal || set[key.name] !== undefined
}

function describeTopicConfig(
  name: keyof TopicConfig,
  own: Settings,
  layers: BrokerLayers,
  options: DescribeOptions,
): DescribedConfig {
  const key: ConfigKey = topicKeys[name]
  const value = printed(key, topicText(name, own, layers))
  const brokerName = inheritedFrom[name]
  const inherited = brokerName === undefined ? [] : synonymsOf(layers, brokerName, false)
  const set = own[name] === undefined ? [] : [{ name, value, source: configSources.topic }]
  return describe(key, { name, value, readOnly: false, synonyms: [...set, ...inherited] }, options)
}

function describeBrokerConfig(name: string, layers: BrokerLayers, options: DescribeOptions): DescribedConfig {
  const key = brokerKeyNamed(name)
  const isSensitive = isSecret(key)
  const value = isSensitive ? null : printed(key, brokerText(layers, name))
  // Read-only is what is not declared as dynamic under this very name, so also what holds for one listener.
  const mode = keyNamed(brokerKeys, name)?.dynamicMode ?? 'read-only'
  const synonyms = synonymsOf(layers, name, isSensitive)
  return describe(key, { name, value, readOnly: mode === 'read-only', synonyms }, options)
}

function describe(
  key: ConfigKey | undefined,
  config: Pick<DescribedConfig, 'name' | 'value' | 'readOnly' | 'synonyms'>,
  options: DescribeOptions,
): DescribedConfig {
  return {
    name: config.name,
    value: config.value,
    readOnly: config.readOnly,
    configSource: config.synonyms[0]?.source ?? configSources.default,
    isSensitive: isSecret(key),
    synonyms: options.includeSynonyms === true ? config.synonyms : [],
    configType: configTypeCodes[key?.type ?? 'UNKNOWN'],
    documentation: options.includeDocumentation === true ? documentationOf(key) : null,
  }
}

/** What nobody declared may be a secret of a plug-in. */
function isSecret(key: ConfigKey | undefined): boolean {
  return key === undefined || key.type === 'PASSWORD'
}

function printed(key: ConfigKey | undefined, text: string | null): string | null {
  return key === undefined || text === null ? text : printSetting(key, text)
}

function documentationOf(key: ConfigKey | undefined): string | null {
  if (key === undefined) return null
  return key.hasEffect ? key.documentation : `${key.documentation} Has no effect here.`
}
