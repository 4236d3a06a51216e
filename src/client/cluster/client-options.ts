import { choiceKey, integerKey, resolveConfig, type Resolved } from '../../base/config-def.ts'

/** Deadlines and limits of a client. Kafka's names are accepted. */
export const clientLimitsDef = {
  /** How long a broker may take to answer one request. Default 30 seconds. */
  requestTimeoutMs: integerKey({ kafkaName: 'request.timeout.ms', default: 30_000, min: 1 }),
  /** How long something may take with all its retries. Default 60 seconds. */
  apiTimeoutMs: integerKey({ kafkaName: 'default.api.timeout.ms', default: 60_000, min: 1 }),
  /** How long connecting may take. Default 10 seconds. */
  connectTimeoutMs: integerKey({
    kafkaName: 'socket.connection.setup.timeout.ms',
    default: 10_000,
    min: 1,
  }),
  /** The pause before the first retry; it doubles with each. Default 100 ms. */
  retryBackoffMs: integerKey({ kafkaName: 'retry.backoff.ms', default: 100, min: 0 }),
  /** The longest pause before a retry. Default 1 second. */
  retryBackoffMaxMs: integerKey({ kafkaName: 'retry.backoff.max.ms', default: 1000, min: 0 }),
  /** The pause before an address is connected to again after it could not be reached; it doubles with each failure. Default 50 ms. */
  reconnectBackoffMs: integerKey({ kafkaName: 'reconnect.backoff.ms', default: 50, min: 0 }),
  /** The longest pause before an address is connected to again. Default 1 second. */
  reconnectBackoffMaxMs: integerKey({ kafkaName: 'reconnect.backoff.max.ms', default: 1000, min: 0 }),
  /** How long a connection may be of no use before it is closed; the next request makes another. -1: for ever. Default 9 minutes. */
  connectionsMaxIdleMs: integerKey({
    kafkaName: 'connections.max.idle.ms',
    default: 540_000,
    min: 1,
    unlimited: true,
  }),
  /** How old metadata may be. Default 5 minutes. */
  metadataMaxAgeMs: integerKey({ kafkaName: 'metadata.max.age.ms', default: 300_000, min: 0 }),
  /**
   * What to do when no broker that is known can be reached: `rebootstrap` begins with the bootstrap servers again, `none` goes on
   * trying those that are known (KIP-899). Default `rebootstrap`.
   */
  metadataRecoveryStrategy: choiceKey({
    kafkaName: 'metadata.recovery.strategy',
    default: 'rebootstrap',
    choices: ['rebootstrap', 'none'],
  }),
  /**
   * With `rebootstrap`: for how long brokers may be reached and yet tell no metadata until the client begins with the bootstrap
   * servers again (KIP-1102). Default 5 minutes.
   */
  metadataRecoveryRebootstrapTriggerMs: integerKey({
    kafkaName: 'metadata.recovery.rebootstrap.trigger.ms',
    default: 300_000,
    min: 0,
  }),
  /** The largest response that is taken. Default 100 MiB. */
  maxResponseBytes: integerKey({ default: 100 * 1024 * 1024, min: 1, max: 2 ** 31 - 1 }),
} as const

/** Every deadline and limit, decided. */
export type ClientLimits = Resolved<typeof clientLimitsDef>

/** Deadlines and limits to be set, by our names or Kafka's. */
export type ClientLimitOptions = { readonly [K in keyof ClientLimits]?: ClientLimits[K] } & {
  readonly [K in
    | 'request.timeout.ms'
    | 'default.api.timeout.ms'
    | 'socket.connection.setup.timeout.ms'
    | 'retry.backoff.ms'
    | 'retry.backoff.max.ms'
    | 'reconnect.backoff.ms'
    | 'reconnect.backoff.max.ms'
    | 'connections.max.idle.ms'
    | 'metadata.max.age.ms'
    | 'metadata.recovery.rebootstrap.trigger.ms']?: number
} & { readonly 'metadata.recovery.strategy'?: ClientLimits['metadataRecoveryStrategy'] }

/** Applies defaults and checks, once. Throws TypeError for an unknown name, RangeError for a value out of range. */
export function resolveClientLimits(options: ClientLimitOptions = {}): ClientLimits {
  return resolveConfig(clientLimitsDef, options)
}
