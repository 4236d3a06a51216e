import {
  booleanKey,
  choiceKey,
  type ConfigKey,
  integerKey,
  resolveConfig,
  type Resolved,
} from '../../base/config-def.ts'
import type { CompressionName } from '../../batch/compression.ts'
import type { SerializerOption } from '../serialization/serializer.ts'
import type { ProducerInterceptor } from './interceptors.ts'
import type { Partitioner } from './partitioner.ts'
import type { Acks } from './produce-call.ts'

const int32Max = 2 ** 31 - 1

const acksKey: ConfigKey<Acks> = {
  kafkaName: 'acks',
  default: -1,
  parse(name, value) {
    if (value === 'all' || value === -1) return -1
    if (value === 0 || value === 1) return value
    throw new TypeError(`${name} must be 'all', 1 or 0; got ${JSON.stringify(value)}`)
  },
}

/** Settings of a producer that are numbers, names and switches. Kafka's names are accepted. */
const producerDef = {
  acks: acksKey,
  enableIdempotence: booleanKey({ kafkaName: 'enable.idempotence', default: true }),
  batchSize: integerKey({ kafkaName: 'batch.size', default: 16_384, min: 0, max: int32Max }),
  lingerMs: integerKey({ kafkaName: 'linger.ms', default: 5, min: 0 }),
  bufferMemory: integerKey({ kafkaName: 'buffer.memory', default: 32 * 1024 * 1024, min: 1 }),
  maxBlockMs: integerKey({ kafkaName: 'max.block.ms', default: 60_000, min: 0 }),
  maxRequestSize: integerKey({ kafkaName: 'max.request.size', default: 1024 * 1024, min: 1, max: int32Max }),
  maxInFlightRequests: integerKey({
    kafkaName: 'max.in.flight.requests.per.connection',
    default: 5,
    min: 1,
  }),
  compression: choiceKey<CompressionName>({
    kafkaName: 'compression.type',
    default: 'none',
    choices: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  }),
  retries: integerKey({ kafkaName: 'retries', default: int32Max, min: 0, max: int32Max }),
  deliveryTimeoutMs: integerKey({ kafkaName: 'delivery.timeout.ms', default: 120_000, min: 0 }),
  allowAutoTopicCreation: booleanKey({ default: true }),
  partitionerIgnoreKeys: booleanKey({ kafkaName: 'partitioner.ignore.keys', default: false }),
  adaptivePartitioning: booleanKey({
    kafkaName: 'partitioner.adaptive.partitioning.enable',
    default: true,
  }),
} as const

/** How a producer works. Numbers may go by Kafka's names as well, such as `'linger.ms'`. */
export interface ProducerOptions<K, V> {
  /** How keys are written: `'string'`, `'json'`, `'int32'`, ..., a function, or one of these per topic. Default `'bytes'`. */
  readonly key?: SerializerOption<K>
  /** How values are written. Default `'bytes'`: strings and `Uint8Array`s as they are. */
  readonly value?: SerializerOption<V>
  /** Replicas that must have a record before it is acknowledged: `'all'` that are in sync (-1), the leader (1), or none (0). Default `'all'`. */
  readonly acks?: 'all' | Acks
  /**
   * Whether brokers keep every record from being written twice, or out of order, when it is sent again (KIP-98). It needs `acks` `'all'`,
   * at least one retry, and at most 5 requests in flight. Default: true, unless one of these is set otherwise.
   */
  readonly enableIdempotence?: boolean
  /** Bytes that a batch may grow to, before compression; a larger record has one for itself. 0: no batching. Default 16,384. */
  readonly batchSize?: number
  /** Milliseconds that a batch waits for more records, unless it is full. 0: until the end of the turn of the event loop. Default 5. */
  readonly lingerMs?: number
  /** Bytes that batches may take that are not acknowledged. When they do, `send` waits. Default 32 MiB. */
  readonly bufferMemory?: number
  /** Milliseconds that `send` may wait for metadata and for memory. Default 60,000. */
  readonly maxBlockMs?: number
  /** Bytes that the batches of one request may take, and so the largest record. Default 1 MiB. */
  readonly maxRequestSize?: number
  /**
   * Requests to one broker that may be unanswered at once. Without idempotence records keep their order through retries only with 1.
   * Default 5.
   */
  readonly maxInFlightRequests?: number
  /** Default `'none'`. */
  readonly compression?: CompressionName
  /** On the codec's own scale. Default: the codec's. */
  readonly compressionLevel?: number
  /** How often a batch may be sent again. Better left alone: `deliveryTimeoutMs` is what counts. Default 2^31 - 1. */
  readonly retries?: number
  /** Milliseconds from `send` until a record is acknowledged or has failed, but for the time in which `send` waits. Default 120,000. */
  readonly deliveryTimeoutMs?: number
  /** Milliseconds that a broker may take to answer. Default: the client's `requestTimeoutMs`, 30,000. */
  readonly requestTimeoutMs?: number
  /** Milliseconds before the first retry; they double with each. Default: the client's, 100. */
  readonly retryBackoffMs?: number
  /** Milliseconds before a retry at most. Default: the client's, 1000. */
  readonly retryBackoffMaxMs?: number
  /** Whether brokers may make topics that do not exist, if they are set to (`auto.create.topics.enable`). Default true. */
  readonly allowAutoTopicCreation?: boolean
  /** Chooses partitions. Default: by the key, as the Java client; without a key one after the other, each for a batch. */
  readonly partitioner?: Partitioner
  /** Whether records are spread as if they had no key. Default false. */
  readonly partitionerIgnoreKeys?: boolean
  /** Whether records without a key go more often to partitions with less waiting for them (KIP-794). Default true. */
  readonly adaptivePartitioning?: boolean
  /** Called in this order for each record. Default: none. */
  readonly interceptors?: readonly ProducerInterceptor<K, V>[]
}

/** Kafka's names for the settings that have one. */
export type KafkaProducerOptions = {
  readonly [name in
    | 'enable.idempotence'
    | 'batch.size'
    | 'linger.ms'
    | 'buffer.memory'
    | 'max.block.ms'
    | 'max.request.size'
    | 'max.in.flight.requests.per.connection'
    | 'compression.type'
    | 'retries'
    | 'delivery.timeout.ms'
    | 'request.timeout.ms'
    | 'retry.backoff.ms'
    | 'retry.backoff.max.ms'
    | 'partitioner.ignore.keys'
    | 'partitioner.adaptive.partitioning.enable']?: number | string | boolean
}

/** What the client's own limits decide unless a producer says otherwise. */
interface InheritedLimits {
  readonly requestTimeoutMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
}

/** Everything decided. */
export type ResolvedProducerOptions = Resolved<typeof producerDef> &
  InheritedLimits & { readonly compressionLevel: number | undefined }

/** Options that are no numbers, names or switches: others look after them. */
const otherNames = ['key', 'value', 'partitioner', 'interceptors', 'compressionLevel'] as const

/**
 * Applies defaults and checks, once.
 *
 * @throws TypeError for an unknown name or what does not go together, RangeError for a value out of range
 */
export function resolveProducerOptions<K, V>(
  options: ProducerOptions<K, V> & KafkaProducerOptions,
  limits: InheritedLimits,
): ResolvedProducerOptions {
  const given = Object.fromEntries(
    Object.entries(options).filter(([name]) => !(otherNames as readonly string[]).includes(name)),
  )
  const def = { ...producerDef, ...inheritedDef(limits) }
  const resolved = resolveConfig(def, given)
  const enableIdempotence = decideIdempotence(resolved, statesIdempotence(options))
  const deliveryTimeoutMs = decideDeliveryTimeout(resolved, options)
  const { compressionLevel } = options
  return { ...resolved, enableIdempotence, deliveryTimeoutMs, compressionLevel }
}

function inheritedDef({ requestTimeoutMs, retryBackoffMs, retryBackoffMaxMs }: InheritedLimits) {
  return {
    requestTimeoutMs: integerKey({ kafkaName: 'request.timeout.ms', default: requestTimeoutMs, min: 1 }),
    retryBackoffMs: integerKey({ kafkaName: 'retry.backoff.ms', default: retryBackoffMs, min: 0 }),
    retryBackoffMaxMs: integerKey({ kafkaName: 'retry.backoff.max.ms', default: retryBackoffMaxMs, min: 0 }),
  } as const
}

function statesIdempotence<K, V>(options: ProducerOptions<K, V> & KafkaProducerOptions): boolean {
  return options.enableIdempotence === true || options['enable.idempotence'] === true
}

/** Idempotence that nobody asked for gives way to settings that exclude it; asked for, they contradict each other. */
function decideIdempotence(
  { enableIdempotence, acks, retries, maxInFlightRequests }: Resolved<typeof producerDef>,
  isStated: boolean,
): boolean {
  const obstacle =
    (acks !== -1 && "acks: 'all'") ||
    (retries === 0 && 'retries of at least 1') ||
    (maxInFlightRequests > 5 && 'maxInFlightRequests of at most 5')
  if (!enableIdempotence || obstacle === false) return enableIdempotence
  if (isStated) throw new TypeError(`enableIdempotence needs ${obstacle}`)
  return false
}

/** A record has to have the time for lingering and for one answer. */
function decideDeliveryTimeout<K, V>(
  { deliveryTimeoutMs, lingerMs, requestTimeoutMs }: Resolved<typeof producerDef> & InheritedLimits,
  options: ProducerOptions<K, V> & KafkaProducerOptions,
): number {
  const leastMs = lingerMs + requestTimeoutMs
  if (deliveryTimeoutMs >= leastMs) return deliveryTimeoutMs
  if (options.deliveryTimeoutMs === undefined && options['delivery.timeout.ms'] === undefined) return leastMs
  throw new RangeError(
    `deliveryTimeoutMs must be at least lingerMs + requestTimeoutMs = ${leastMs}; got ${deliveryTimeoutMs}`,
  )
}
