import {
  booleanKey,
  choiceKey,
  type ConfigKey,
  integerKey,
  type Resolved,
  resolveConfig,
} from '../../base/config-def.ts'
import { defaultMaxDecompressedBytes } from '../../batch/compression.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { Assignor } from '../group/assignor.ts'
import { type AssignorName, membershipDef } from '../group/membership-options.ts'
import type { DeserializerOption } from '../serialization/serializer.ts'
import type { ConsumerInterceptor } from './consumer-interceptors.ts'

const int32Max = 2 ** 31 - 1
const mebibyte = 1024 * 1024

/** What of a consumer is a number, a switch or a choice. Kafka's names are accepted. */
export const consumerSettingsDef = {
  /** A broker waits until it has so many bytes to send, at most `fetchMaxWaitMs`. Default 1. */
  fetchMinBytes: integerKey({ kafkaName: 'fetch.min.bytes', default: 1, min: 0, max: int32Max }),
  /** How long a broker waits for `fetchMinBytes`, in milliseconds. Default 500. */
  fetchMaxWaitMs: integerKey({ kafkaName: 'fetch.max.wait.ms', default: 500, min: 0, max: int32Max }),
  /** The most that one fetch brings, but for a first batch that is larger. Default 50 MiB. */
  fetchMaxBytes: integerKey({ kafkaName: 'fetch.max.bytes', default: 50 * mebibyte, min: 0, max: int32Max }),
  /** The most that one fetch brings of one partition, but for a first batch that is larger. Default 1 MiB. */
  maxPartitionFetchBytes: integerKey({
    kafkaName: 'max.partition.fetch.bytes',
    default: mebibyte,
    min: 0,
    max: int32Max,
  }),
  /** While so many bytes were fetched and not handed out, no more are fetched. Default 64 MiB. */
  maxBufferedBytes: integerKey({ default: 64 * mebibyte, min: 1 }),
  /** The most that one compressed batch may expand to. Default 128 MiB. */
  maxDecompressedBytes: integerKey({ default: defaultMaxDecompressedBytes, min: 1 }),
  /** The most records of a batch that `batches()` hands out. Default 500. */
  maxPollRecords: integerKey({ kafkaName: 'max.poll.records', default: 500, min: 1 }),
  /** Whether the checksum of each batch is verified. Default true. */
  checkCrcs: booleanKey({ kafkaName: 'check.crcs', default: true }),
  /** `read_committed` hands out records of transactions once they are committed, and none of aborted ones. Default `read_uncommitted`. */
  isolationLevel: choiceKey({
    kafkaName: 'isolation.level',
    default: 'read_uncommitted',
    choices: ['read_uncommitted', 'read_committed'],
  }),
  /**
   * Where to begin where nothing was committed, or what was committed is no longer there: at the first record that is kept, after
   * the last, or not at all: then the application hears of it, and seeks. Default `latest`.
   */
  autoOffsetReset: choiceKey({
    kafkaName: 'auto.offset.reset',
    default: 'latest',
    choices: ['latest', 'earliest', 'none'],
  }),
  /** With a group: whether what the application is done with is committed by itself, at least once. Default true. */
  autoCommit: booleanKey({ kafkaName: 'enable.auto.commit', default: true }),
  /** How often that is, in milliseconds; also whenever partitions go, and at the end. Default 5 seconds. */
  autoCommitIntervalMs: integerKey({ kafkaName: 'auto.commit.interval.ms', default: 5000, min: 1 }),
  /** Whether a broker may make a topic that is consumed and does not exist, if it is one that does. Default true. */
  allowAutoCreateTopics: booleanKey({ kafkaName: 'allow.auto.create.topics', default: true }),
} as const

/** The numbers, switches and choices of a consumer, decided. */
export type ConsumerSettings = Resolved<typeof consumerSettingsDef>

/** A partition to be read, and where to begin. */
export interface PartitionToAssign extends TopicPartition {
  /** Default: where the group left off, or else what `autoOffsetReset` says. */
  readonly offset?: number
}

/** Called when partitions come and go. What it returns is waited for; what it throws the loop hears. */
export type RebalanceListener = (partitions: readonly TopicPartition[]) => void | Promise<void>

/** How a consumer is made. Numbers, switches and choices may also be given by Kafka's names. */
export interface ConsumerOptions<K = Buffer, V = Buffer>
  extends Partial<ConsumerSettings>,
    Partial<Resolved<typeof membershipDef>>,
    KafkaNamed {
  /** The topics to read, shared with the other members of `groupId`: by name, or all that the expression matches now and later. */
  readonly topics?: readonly string[] | RegExp
  /** The partitions to read, instead of `topics`: nobody else is asked, and nobody else is kept from them. */
  readonly assignment?: readonly PartitionToAssign[]
  /** Kafka's `group.id`: who shares the topics, and under which name offsets are committed. Default: none. */
  readonly groupId?: string
  /** Kafka's `group.instance.id`: a member that comes back under the same name gets back what it had (KIP-345). Default: none. */
  readonly groupInstanceId?: string
  /** Kafka's `partition.assignment.strategy`, in order of preference. Default `['range', 'cooperative-sticky']`. */
  readonly assignors?: readonly (AssignorName | Assignor)[]
  /** Kafka's `client.rack`. Default: none. */
  readonly rackId?: string
  /** How keys are read: a format's name, a function, or one of them per topic. Default `'bytes'`. */
  readonly key?: DeserializerOption<K>
  /** How values are read, as `key`. */
  readonly value?: DeserializerOption<V>
  /** See {@link ConsumerInterceptor}; the first is called first. Default: none. */
  readonly interceptors?: readonly ConsumerInterceptor<K, V>[]
  /** Partitions came. Seeks that it makes take effect before anything is fetched. */
  readonly onAssigned?: RebalanceListener
  /** Partitions go to other members; offsets can still be committed. */
  readonly onRevoked?: RebalanceListener
  /** Partitions have gone to others already; nothing can be committed any more. Default: what `onRevoked` is. */
  readonly onLost?: RebalanceListener
}

/** The options that Kafka has a name for, by these names. */
export type KafkaNamed = {
  readonly [Name in
    | 'fetch.min.bytes'
    | 'fetch.max.wait.ms'
    | 'fetch.max.bytes'
    | 'max.partition.fetch.bytes'
    | 'max.poll.records'
    | 'auto.commit.interval.ms'
    | 'session.timeout.ms'
    | 'heartbeat.interval.ms'
    | 'max.poll.interval.ms']?: number
} & { readonly [Name in 'check.crcs' | 'enable.auto.commit' | 'allow.auto.create.topics']?: boolean } & {
  readonly [Name in 'group.id' | 'group.instance.id' | 'client.rack']?: string
} & {
  readonly 'isolation.level'?: ConsumerSettings['isolationLevel']
  readonly 'auto.offset.reset'?: ConsumerSettings['autoOffsetReset']
  readonly 'partition.assignment.strategy'?: readonly (AssignorName | Assignor)[]
}

const isAnything = (value: unknown): value is unknown => value !== null
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isFunction = (value: unknown): value is RebalanceListener => typeof value === 'function'
const isList = (value: unknown): value is readonly never[] => Array.isArray(value)
const isTopics = (value: unknown): value is readonly string[] | RegExp =>
  value instanceof RegExp || (isList(value) && value.every(isText))
const isPartitions = (value: unknown): value is readonly PartitionToAssign[] =>
  isList(value) && value.every(isPartition)

const consumerDef = {
  ...consumerSettingsDef,
  ...membershipDef,
  topics: optionalKey('a list of names, or a regular expression', isTopics),
  assignment: optionalKey('a list of { topic, partition, offset? }', isPartitions),
  groupId: optionalKey('a name', isText, 'group.id'),
  groupInstanceId: optionalKey('a name', isText, 'group.instance.id'),
  assignors: optionalKey('a list of assignors', isList, 'partition.assignment.strategy'),
  rackId: optionalKey('a name', isText, 'client.rack'),
  // Checked where their functions are found.
  key: optionalKey('a deserializer', isAnything),
  value: optionalKey('a deserializer', isAnything),
  interceptors: optionalKey('a list of interceptors', isList),
  onAssigned: optionalKey('a function', isFunction),
  onRevoked: optionalKey('a function', isFunction),
  onLost: optionalKey('a function', isFunction),
}

/** The options of a consumer, with defaults, by our names. */
export type ResolvedConsumerOptions<K, V> = ConsumerSettings &
  Resolved<typeof membershipDef> &
  Pick<
    ConsumerOptions<K, V>,
    | 'topics'
    | 'assignment'
    | 'groupId'
    | 'groupInstanceId'
    | 'assignors'
    | 'rackId'
    | 'key'
    | 'value'
    | 'interceptors'
    | 'onAssigned'
    | 'onRevoked'
    | 'onLost'
  >

/**
 * Applies defaults and checks, once.
 *
 * @throws TypeError for an unknown name, a value of the wrong type, or options that do not go together; RangeError for a number
 *   out of range
 */
export function resolveConsumerOptions<K, V>(options: ConsumerOptions<K, V>): ResolvedConsumerOptions<K, V> {
  const resolved = resolveConfig(consumerDef, { ...options }) as ResolvedConsumerOptions<K, V>
  if (resolved.topics !== undefined && resolved.assignment !== undefined)
    throw new TypeError('give topics, which a group shares, or assignment, which is up to you, but not both')
  if (resolved.topics !== undefined && resolved.groupId === undefined)
    throw new TypeError(
      'topics are shared within a group: give a groupId too, or assignment instead of topics',
    )
  return resolved
}

function isPartition(value: unknown): value is PartitionToAssign {
  if (typeof value !== 'object' || value === null) return false
  const { topic, partition, offset = 0 } = value as Partial<PartitionToAssign>
  return isText(topic) && isOffset(partition) && isOffset(offset)
}

/** Whether `value` is a number that an offset, or a partition, can have. */
export function isOffset(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function optionalKey<T>(
  what: string,
  is: (value: unknown) => value is T,
  kafkaName?: string,
): ConfigKey<T | undefined> {
  return {
    ...(kafkaName === undefined ? {} : { kafkaName }),
    default: undefined,
    parse(name, value) {
      if (is(value)) return value
      throw new TypeError(`${name} must be ${what}; got ${typeof value}`)
    },
  }
}
