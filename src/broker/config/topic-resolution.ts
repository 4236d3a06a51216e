import { KafkaError } from '../../wire/kafka-error.ts'
import { type ConfigKey, keyNamed, proposal, readSetting } from './config-key.ts'
import { type BrokerLayers, inheritedText, type Settings } from './config-layers.ts'
import { type TopicConfig, topicKeys } from './declared-configs.ts'

/**
 * The broker's config from which a topic inherits, where the two are related. Its alternatives, such as
 * `log.retention.hours` for `log.retention.ms`, come with it.
 */
export const inheritedFrom: Readonly<Record<string, string>> = {
  'cleanup.policy': 'log.cleanup.policy',
  'compression.gzip.level': 'compression.gzip.level',
  'compression.lz4.level': 'compression.lz4.level',
  'compression.type': 'compression.type',
  'compression.zstd.level': 'compression.zstd.level',
  'delete.retention.ms': 'log.cleaner.delete.retention.ms',
  'file.delete.delay.ms': 'log.segment.delete.delay.ms',
  'flush.messages': 'log.flush.interval.messages',
  'flush.ms': 'log.flush.interval.ms',
  'index.interval.bytes': 'log.index.interval.bytes',
  'local.retention.bytes': 'log.local.retention.bytes',
  'local.retention.ms': 'log.local.retention.ms',
  'max.compaction.lag.ms': 'log.cleaner.max.compaction.lag.ms',
  'max.message.bytes': 'message.max.bytes',
  'message.timestamp.after.max.ms': 'log.message.timestamp.after.max.ms',
  'message.timestamp.before.max.ms': 'log.message.timestamp.before.max.ms',
  'message.timestamp.type': 'log.message.timestamp.type',
  'min.cleanable.dirty.ratio': 'log.cleaner.min.cleanable.ratio',
  'min.compaction.lag.ms': 'log.cleaner.min.compaction.lag.ms',
  'min.insync.replicas': 'min.insync.replicas',
  preallocate: 'log.preallocate',
  'retention.bytes': 'log.retention.bytes',
  'retention.ms': 'log.retention.ms',
  'segment.bytes': 'log.segment.bytes',
  'segment.index.bytes': 'log.index.size.max.bytes',
  'segment.jitter.ms': 'log.roll.jitter.ms',
  'segment.ms': 'log.roll.ms',
  'tidemark.durability': 'tidemark.durability',
  'unclean.leader.election.enable': 'unclean.leader.election.enable',
}

/** The string that counts for a topic's config: its own, else the broker's, else the default. */
export function topicText(name: keyof TopicConfig, own: Settings, layers: BrokerLayers): string | null {
  const set = own[name]
  if (set !== undefined) return set
  const brokerName = inheritedFrom[name]
  const inherited = brokerName === undefined ? null : inheritedText(layers, brokerName)
  return inherited ?? topicKeys[name].defaultText
}

/** All values of a topic. Throws a KafkaError INVALID_CONFIG for a string that is none. */
export function resolveTopic(own: Settings, layers: BrokerLayers): TopicConfig {
  const names = Object.keys(topicKeys) as (keyof TopicConfig)[]
  const values = names.map((name) => {
    const key: ConfigKey = topicKeys[name]
    return [name, readSetting(key, topicText(name, own, layers))]
  })
  return Object.fromEntries(values) as TopicConfig
}

/**
 * Judges what is to be set for a topic, as CreateTopics and changes do. Throws a KafkaError INVALID_CONFIG for a
 * name that is no topic config, a value that is none of its config's, and values that contradict each other.
 */
export function checkTopic(own: Settings, layers: BrokerLayers): void {
  for (const name of Object.keys(own)) {
    if (keyNamed(topicKeys, name) === undefined)
      throw new KafkaError(
        'INVALID_CONFIG',
        `Unknown topic config name: ${name}.${proposal(name, Object.keys(topicKeys))}`,
      )
  }
  const config = resolveTopic(own, layers)
  const minLagMs = config['min.compaction.lag.ms']
  const maxLagMs = config['max.compaction.lag.ms']
  if (minLagMs > maxLagMs)
    throw new KafkaError(
      'INVALID_CONFIG',
      `conflict topic config setting min.compaction.lag.ms (${minLagMs}) > max.compaction.lag.ms (${maxLagMs}). ` +
        'A record could then neither be compacted nor stay: lower the first or raise the second.',
    )
  if (config['remote.storage.enable'])
    throw new KafkaError(
      'INVALID_CONFIG',
      'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage. ' +
        'There is none here: leave remote.storage.enable out.',
    )
}
