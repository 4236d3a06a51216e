import { type LogConfig, logConfig, resolveLogConfig } from '../../log/log-config.ts'
import type { BrokerConfig, TopicConfig } from './declared-configs.ts'

type Configs = TopicConfig & BrokerConfig

/**
 * What the log of a partition goes by: every config that a log knows by Kafka's name, the topic's value of it or
 * else the broker's, and the durability. Where Kafka's values and a log's are not the same, the nearest that the
 * log takes.
 */
export function toLogConfig(topic: TopicConfig, broker: BrokerConfig): LogConfig {
  const configs: Configs = { ...broker, ...topic }
  const given: Record<string, unknown> = { durability: durabilityOf(topic) }
  for (const key of Object.values(logConfig)) {
    const name = 'kafkaName' in key ? key.kafkaName : undefined
    if (name !== undefined && isConfig(name, configs)) given[name] = adapted(name, configs)
  }
  return resolveLogConfig(given)
}

/**
 * `flush.ms` and `flush.messages` promise that no more than so much is lost with the power. Where the log leaves
 * syncing to the operating system they would be broken, so then it syncs at intervals.
 */
function durabilityOf(topic: TopicConfig): LogConfig['durability'] {
  const durability = topic['tidemark.durability']
  const isFlushed = [topic['flush.ms'], topic['flush.messages']].some((limit) => Number.isFinite(wide(limit)))
  return durability === 'os' && isFlushed ? 'interval' : durability
}

/** What is not taken as it stands: by Kafka's name, the value for the log; undefined is the log's default. */
const adaptations: { readonly [N in keyof Configs]?: (configs: Configs) => unknown } = {
  'cleanup.policy': (configs) => configs['cleanup.policy'].join(',') || 'delete',
  // What producers send is kept as they sent it; this is for what the broker itself writes.
  'compression.type': (configs) =>
    ({ producer: 'none', uncompressed: 'none' })[configs['compression.type'] as string] ??
    configs['compression.type'],
  // No limit of Kafka's is one of a log, which then takes its own.
  'flush.ms': ({ 'flush.ms': ms }) => (Number.isFinite(wide(ms)) ? atLeast(1, ms) : undefined),
  'log.cleaner.backoff.ms': (configs) => finite(atLeast(1, configs['log.cleaner.backoff.ms'])),
  'log.cleaner.dedupe.buffer.size': (configs) =>
    Math.min(2 ** 35, atLeast(1024, configs['log.cleaner.dedupe.buffer.size'])),
  'delete.retention.ms': (configs) => finite(configs['delete.retention.ms']),
  'file.delete.delay.ms': (configs) => finite(configs['file.delete.delay.ms']),
  'log.retention.check.interval.ms': (configs) => finite(configs['log.retention.check.interval.ms']),
  'min.compaction.lag.ms': (configs) => finite(configs['min.compaction.lag.ms']),
  // An empty policy keeps everything, whatever the limits say.
  'retention.bytes': (configs) => (isKept(configs) ? -1 : unlimitedBelow0(configs['retention.bytes'])),
  'retention.ms': (configs) => (isKept(configs) ? -1 : wide(configs['retention.ms'])),
  'segment.bytes': (configs) => atLeast(1024, configs['internal.segment.bytes'] ?? configs['segment.bytes']),
  // Two entries of the larger index are the least that it can be searched with.
  'segment.index.bytes': (configs) => atLeast(24, configs['segment.index.bytes']),
}

function adapted<N extends keyof Configs>(name: N, configs: Configs): unknown {
  const adaptation = adaptations[name]
  if (adaptation !== undefined) return adaptation(configs)
  const value = configs[name]
  return typeof value === 'number' ? wide(value) : value
}

function isConfig(name: string, configs: Configs): name is keyof Configs {
  return Object.hasOwn(configs, name)
}

function isKept(configs: Configs): boolean {
  return configs['cleanup.policy'].length === 0
}

function unlimitedBelow0(value: number): number {
  return value < 0 ? -1 : wide(value)
}

function atLeast(min: number, value: number): number {
  return Math.max(min, value)
}

/** Longs that no double counts exactly are as good as no limit. */
function wide(value: number): number {
  return value > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : value
}

/** The same for what has to end: 285,000 years. */
function finite(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER)
}
