import {
  type DescribeConfigsResponse,
  describeConfigsRequest,
  describeConfigsResponse,
} from '../../wire/messages/32-describe-configs.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import { inOrderOf } from '../cluster/item-calls.ts'
import { rpc } from '../network/rpc.ts'
import {
  configAnswers,
  configKey,
  type ConfigResource,
  configSubject,
  configTarget,
  wireResource,
} from './config-resource.ts'
import { askForItems } from './item-calls.ts'
import type { ItemOptions, ItemResult } from './item-results.ts'

/** Where the value of a config comes from, by Kafka's names; `UNKNOWN` where the broker does not say. */
export type ConfigSource = (typeof configSources)[number]

const configSources = [
  'UNKNOWN',
  'DYNAMIC_TOPIC_CONFIG',
  'DYNAMIC_BROKER_CONFIG',
  'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'STATIC_BROKER_CONFIG',
  'DEFAULT_CONFIG',
  'DYNAMIC_BROKER_LOGGER_CONFIG',
  'DYNAMIC_CLIENT_METRICS_CONFIG',
  'DYNAMIC_GROUP_CONFIG',
] as const

/** What a config takes, by Kafka's names; `UNKNOWN` where the broker does not say. */
export type ConfigType = (typeof configTypes)[number]

const configTypes = [
  'UNKNOWN',
  'BOOLEAN',
  'STRING',
  'INT',
  'SHORT',
  'LONG',
  'DOUBLE',
  'LIST',
  'CLASS',
  'PASSWORD',
] as const

/** A config as it applies. */
export interface ConfigEntry {
  /** Kafka's name, such as `retention.ms`. */
  readonly name: string
  /** Null for what has no value, or is not to be told. */
  readonly value: string | null
  readonly source: ConfigSource
  /** Whether nobody has set it anywhere. */
  readonly isDefault: boolean
  /** Whether its value is not to be told. */
  readonly isSensitive: boolean
  /** Whether it can only be changed by a restart. */
  readonly isReadOnly: boolean
  readonly type: ConfigType
  /** All places that have a value for it, the one that applies first. Only when asked for. */
  readonly synonyms: readonly ConfigSynonym[]
  /** What it does. Null unless asked for. */
  readonly documentation: string | null
}

/** A value for a config in one of the places that it is looked up in. */
export interface ConfigSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: ConfigSource
}

/** The configs that are wanted of a resource. */
export interface ConfigQuery extends ConfigResource {
  /** Names of configs. Default: all. */
  readonly keys?: readonly string[]
}

/** How configs are described. */
export interface DescribeConfigsOptions extends ItemOptions {
  /** Also tells the places that a value may come from. Default false. */
  readonly includeSynonyms?: boolean
  /** Also tells what each config does. Default false. */
  readonly includeDocumentation?: boolean
}

/** The configs of a resource. */
export interface ConfigDescription extends ConfigResource, ItemResult {
  /** In the order of their names. */
  readonly configs: readonly ConfigEntry[]
}

const describeConfigsApi = rpc(describeConfigsRequest, describeConfigsResponse)
/** From this version on responses have documentation. */
const documentationSince = 3

/** See `Admin.describeConfigs`. */
export async function describeConfigs(
  client: ClusterClient,
  resources: readonly ConfigQuery[],
  options: DescribeConfigsOptions = {},
): Promise<ConfigDescription[]> {
  const { includeSynonyms = false, includeDocumentation = false } = options
  return await askForItems(
    client,
    {
      items: resources,
      targetOf: configTarget,
      subjectOf: configSubject,
      ask: async (link, items, callOptions) => {
        const asked = items.map(({ keys, ...resource }) => ({
          ...wireResource(resource),
          configurationKeys: keys === undefined ? null : [...keys],
        }))
        // Before version 3 there is no documentation, which is no reason to tell nothing.
        const input = (version: number) => ({
          ...{ resources: asked, includeSynonyms },
          includeDocumentation: includeDocumentation && version >= documentationSince,
        })
        const { results } = await link.call(describeConfigsApi, input, callOptions)
        return inOrderOf(items, configKey, configAnswers(results))
      },
      fieldsOf: ({ type, name }, answer) => ({
        ...{ type, name },
        configs: (answer?.configs ?? []).map(entryOf).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      }),
    },
    options,
  )
}

type ToldConfig = DescribeConfigsResponse['results'][number]['configs'][number]

function entryOf({ readOnly, configSource, configType, synonyms, ...told }: ToldConfig): ConfigEntry {
  const source = sourceOf(configSource)
  const { name, value, isSensitive, documentation } = told
  return {
    ...{ name, value, source, isSensitive, isReadOnly: readOnly },
    // Versions that have none are decoded as an empty one.
    documentation: documentation === '' ? null : documentation,
    isDefault: source === 'DEFAULT_CONFIG',
    type: configTypes[configType] ?? 'UNKNOWN',
    synonyms: synonyms.map((each) => ({ ...each, source: sourceOf(each.source) })),
  }
}

function sourceOf(code: number): ConfigSource {
  return configSources[code] ?? 'UNKNOWN'
}
