import { integerKey, resolveConfig, type Resolved } from '../../base/config-def.ts'

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
  /** How old metadata may be. Default 5 minutes. */
  metadataMaxAgeMs: integerKey({ kafkaName: 'metadata.max.age.ms', default: 300_000, min: 0 }),
  /** The largest response that is taken. Default 100 MiB. */
  maxResponseBytes: integerKey({ default: 100 * 1024 * 1024, min: 1, max: 2 ** 31 - 1 }),
} as const

/** Every deadline and limit, decided. */
export type ClientLimits = Resolved<typeof clientLimitsDef>

/** Deadlines and limits to be set, by our names or Kafka's. */
export type ClientLimitOptions = { readonly [K in keyof ClientLimits]?: number } & {
  readonly [K in
    | 'request.timeout.ms'
    | 'default.api.timeout.ms'
    | 'socket.connection.setup.timeout.ms'
    | 'retry.backoff.ms'
    | 'retry.backoff.max.ms'
    | 'metadata.max.age.ms']?: number
}

/** Applies defaults and checks, once. Throws TypeError for an unknown name, RangeError for a value out of range. */
export function resolveClientLimits(options: ClientLimitOptions = {}): ClientLimits {
  return resolveConfig(clientLimitsDef, options)
}
