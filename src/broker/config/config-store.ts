import { KafkaError } from '../../wire/kafka-error.ts'
import { mustBeTopicName } from '../topic-name-check.ts'
import { checkStaticBroker, withBothIds } from './broker-checks.ts'
import { applyOperations, type ConfigOperation, checkBroker, replaceAll } from './config-change.ts'
import { type ConfigKey, keyNamed, readSetting } from './config-key.ts'
import { type BrokerLayers, brokerKeyNamed, brokerText, type Settings } from './config-layers.ts'
import {
  type BrokerConfig,
  brokerKeys,
  effectiveBrokerNames,
  type TopicConfig,
  topicKeys,
} from './declared-configs.ts'
import {
  type DescribedConfig,
  type DescribeOptions,
  describeBroker,
  describeBrokerDefaults,
  describeTopic,
} from './describe-config.ts'
import { checkTopic, resolveTopic } from './topic-resolution.ts'

/** Codes of what may have configs, in the requests about them. */
export const resourceTypes = { topic: 2, broker: 4 } as const

/** A topic by its name, a broker by its id, or all brokers by the empty name. */
export interface ConfigResource {
  /** One of {@link resourceTypes}. */
  readonly resourceType: number
  readonly resourceName: string
}

/** What was set at run time, as plain JSON: what a metadata store keeps. */
export interface SavedConfigs {
  /** For all brokers. */
  readonly brokerDefaults: Settings
  /** By broker id. */
  readonly brokers: Readonly<Record<string, Settings>>
  /** By topic. */
  readonly topics: Readonly<Record<string, Settings>>
}

/** What {@link ConfigStore.onChange} tells: whose settings changed, and which of them. */
export interface ConfigChange extends ConfigResource {
  readonly names: readonly string[]
}

export interface ConfigStoreOptions {
  /** From the properties file and the command line. `node.id` says which broker this is. Default: nothing set. */
  readonly staticBroker?: Settings
  /** Whether there is such a topic. Default: every topic is taken to be there. */
  readonly hasTopic?: (topic: string) => boolean
}

/**
 * Every config of one broker and of the topics, in the layers that Kafka has: a topic's own settings over what was
 * set for this broker at run time, over what was set for all brokers, over the properties file, over the defaults.
 *
 * It only knows and judges. Whoever changes something asks {@link planChange} or {@link planReplacement} what the
 * settings become, writes them where the cluster keeps them, and {@link put}s them here; {@link alter} does both
 * where there is nothing else to write to.
 */
export class ConfigStore {
  readonly brokerId: number
  readonly #staticBroker: Settings
  readonly #hasTopic: (topic: string) => boolean
  #brokerDefaults: Settings = {}
  readonly #brokers = new Map<string, Settings>()
  readonly #topics = new Map<string, Settings>()
  readonly #listeners = new Set<(change: ConfigChange) => void>()
  /** What was resolved since the last change that could touch it. */
  #brokerConfig: BrokerConfig | undefined
  /** What every topic goes by that has no settings of its own: most have none. */
  #inheritedConfig: TopicConfig | undefined
  readonly #topicConfigs = new Map<string, TopicConfig>()

  /** Throws a KafkaError INVALID_CONFIG when the static settings are wrong, each by itself or among themselves. */
  constructor(options: ConfigStoreOptions = {}) {
    this.#staticBroker = withBothIds(options.staticBroker ?? {})
    this.#hasTopic = options.hasTopic ?? (() => true)
    checkStaticBroker(this.#staticBroker)
    this.brokerId = readSetting(brokerKeys['node.id'], brokerText(this.#layers(), 'node.id'))
  }

  /** What this broker goes by, now. A new object after each change. */
  brokerConfig(): BrokerConfig {
    this.#brokerConfig ??= this.#resolveBroker()
    return this.#brokerConfig
  }

  /** What a topic goes by, now; also before it is made. A new object after each change. */
  topicConfig(topic: string): TopicConfig {
    const own = this.#topics.get(topic)
    if (own === undefined) {
      this.#inheritedConfig ??= resolveTopic({}, this.#layers())
      return this.#inheritedConfig
    }
    let config = this.#topicConfigs.get(topic)
    if (config === undefined) {
      config = resolveTopic(own, this.#layers())
      this.#topicConfigs.set(topic, config)
    }
    return config
  }

  /**
   * The settings of a topic that is to be made with these configs. Throws a KafkaError INVALID_CONFIG. {@link put}
   * them once the topic is made.
   */
  planTopic(configs: readonly { readonly name: string; readonly value: string | null }[]): Settings {
    const missing = configs.filter(({ value }) => value === null).map(({ name }) => name)
    if (missing.length > 0)
      throw new KafkaError(
        'INVALID_CONFIG',
        `Null value not supported for topic configs: ${missing.join(',')}`,
      )
    const settings = replaceAll(configs)
    checkTopic(settings, this.#layers())
    return settings
  }

  /**
   * The configs of a resource, as DescribeConfigs tells of them; `names` null, undefined or empty for all. Throws a
   * KafkaError UNKNOWN_TOPIC_OR_PARTITION for a topic that is not there, INVALID_REQUEST for another broker.
   */
  describe(
    resource: ConfigResource,
    names?: readonly string[] | null,
    options: DescribeOptions = {},
  ): DescribedConfig[] {
    const wanted = names === null || names === undefined || names.length === 0 ? undefined : new Set(names)
    const { resourceType, resourceName } = resource
    if (resourceType === resourceTypes.topic) mustBeTopicName(resourceName)
    this.#checkResource(resource, ' or empty string')
    if (resourceType === resourceTypes.topic)
      return describeTopic(this.settings(resource), this.#layers(), wanted, options)
    if (resourceName === '') return describeBrokerDefaults(this.#brokerDefaults, wanted, options)
    return describeBroker(this.#layers(), wanted, options)
  }

  /** The configs of a topic with these settings of its own, be it that there is none yet. */
  describePlanned(settings: Settings): DescribedConfig[] {
    return describeTopic(settings, this.#layers(), undefined, {})
  }

  /**
   * What the settings of a resource become by incremental changes. Throws a KafkaError as IncrementalAlterConfigs
   * answers: INVALID_CONFIG, INVALID_REQUEST, UNKNOWN_TOPIC_OR_PARTITION.
   */
  planChange(resource: ConfigResource, operations: readonly ConfigOperation[]): Settings {
    this.#checkResource(resource, '')
    const keyOf =
      resource.resourceType === resourceTypes.topic
        ? (name: string): ConfigKey | undefined => keyNamed(topicKeys, name)
        : brokerKeyNamed
    return this.#checked(resource, applyOperations(this.settings(resource), operations, keyOf))
  }

  /**
   * What the settings become by the older AlterConfigs: what is given, and nothing else stays. Throws as {@link
   * planChange}.
   */
  planReplacement(
    resource: ConfigResource,
    configs: readonly { readonly name: string; readonly value: string | null }[],
  ): Settings {
    this.#checkResource(resource, '')
    return this.#checked(resource, replaceAll(configs))
  }

  /** {@link planChange}, and at once {@link put} unless `validateOnly`. Returns the settings. */
  alter(
    resource: ConfigResource,
    operations: readonly ConfigOperation[],
    options: { readonly validateOnly?: boolean } = {},
  ): Settings {
    const settings = this.planChange(resource, operations)
    if (options.validateOnly !== true) this.put(resource, settings)
    return settings
  }

  /** What was set at run time for a resource. */
  settings({ resourceType, resourceName }: ConfigResource): Settings {
    if (resourceType === resourceTypes.topic) return this.#topics.get(resourceName) ?? {}
    return resourceName === '' ? this.#brokerDefaults : (this.#brokers.get(resourceName) ?? {})
  }

  /**
   * Takes settings that were judged before, here or by another broker, and tells the listeners what is different.
   * Empty settings forget the resource: so a deleted topic goes.
   */
  put(resource: ConfigResource, settings: Settings): void {
    const names = changedNames(this.settings(resource), settings)
    if (names.length === 0) return
    const { resourceType, resourceName } = resource
    if (resourceType !== resourceTypes.topic && resourceName === '') this.#brokerDefaults = { ...settings }
    else {
      const kept = resourceType === resourceTypes.topic ? this.#topics : this.#brokers
      if (Object.keys(settings).length === 0) kept.delete(resourceName)
      else kept.set(resourceName, { ...settings })
    }
    this.#forgetResolved(resource)
    for (const listener of [...this.#listeners]) listener({ resourceType, resourceName, names })
  }

  /** Calls `listener` after each change, when the new values are there to be asked for. Returns what ends that. */
  onChange(listener: (change: ConfigChange) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Everything that was set at run time. */
  toJSON(): SavedConfigs {
    return {
      brokerDefaults: { ...this.#brokerDefaults },
      brokers: Object.fromEntries(this.#brokers),
      topics: Object.fromEntries(this.#topics),
    }
  }

  /** Puts what {@link toJSON} gave in the place of what is here, telling the listeners what is different. */
  restore(saved: SavedConfigs): void {
    const { topic, broker } = resourceTypes
    this.put({ resourceType: broker, resourceName: '' }, saved.brokerDefaults)
    for (const [resourceType, kept, next] of [
      [broker, this.#brokers, saved.brokers],
      [topic, this.#topics, saved.topics],
    ] as const) {
      for (const resourceName of new Set([...kept.keys(), ...Object.keys(next)]))
        this.put(
          { resourceType, resourceName },
          Object.hasOwn(next, resourceName) ? (next[resourceName] ?? {}) : {},
        )
    }
  }

  #layers(): BrokerLayers {
    return {
      dynamicBroker: this.#brokers.get(String(this.brokerId)) ?? {},
      dynamicDefaultBroker: this.#brokerDefaults,
      staticBroker: this.#staticBroker,
    }
  }

  #resolveBroker(): BrokerConfig {
    const layers = this.#layers()
    const values = effectiveBrokerNames.map((name) => {
      const key: ConfigKey = brokerKeys[name]
      return [name, readSetting(key, brokerText(layers, name))]
    })
    return Object.fromEntries(values) as BrokerConfig
  }

  /** A topic's settings touch that topic; a broker's touch everything that inherits from them. */
  #forgetResolved({ resourceType, resourceName }: ConfigResource): void {
    if (resourceType === resourceTypes.topic) {
      this.#topicConfigs.delete(resourceName)
      return
    }
    this.#brokerConfig = undefined
    this.#inheritedConfig = undefined
    this.#topicConfigs.clear()
  }

  #checked({ resourceType, resourceName }: ConfigResource, settings: Settings): Settings {
    if (resourceType === resourceTypes.topic) checkTopic(settings, this.#layers())
    else checkBroker(settings, resourceName === '' ? 'all brokers' : 'one broker')
    return settings
  }

  #checkResource({ resourceType, resourceName }: ConfigResource, orElse: string): void {
    if (resourceType === resourceTypes.topic) this.#checkTopicName(resourceName)
    else if (resourceType !== resourceTypes.broker)
      throw new KafkaError(
        'INVALID_REQUEST',
        `Unsupported resource type ${resourceType}: topics are ${resourceTypes.topic}, brokers ${resourceTypes.broker}`,
      )
    else if (resourceName !== '' && resourceName !== String(this.brokerId))
      throw new KafkaError(
        'INVALID_REQUEST',
        `Unexpected broker id, expected ${this.brokerId}${orElse}, but received ${resourceName}`,
      )
  }

  #checkTopicName(topic: string): void {
    if (topic === '') throw new KafkaError('INVALID_REQUEST', 'Default topic resources are not allowed.')
    mustBeTopicName(topic)
    if (!this.#hasTopic(topic))
      throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${topic}' does not exist.`)
  }
}

function changedNames(before: Settings, after: Settings): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].filter((name) => before[name] !== after[name]).sort()
}
