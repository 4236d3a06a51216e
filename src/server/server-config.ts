import { integerKey, resolveConfig, type Resolved } from '../base/config-def.ts'

const mebibyte = 1024 * 1024

/** Limits of the server. Kafka's names are accepted; where Kafka has no limit by default, there is one here. */
export const serverConfigDef = {
  /** Largest request. A client that announces more is disconnected. Default 100 MiB. */
  maxRequestBytes: integerKey({
    kafkaName: 'socket.request.max.bytes',
    default: 100 * mebibyte,
    min: 1,
    max: 2 ** 31 - 1,
  }),
  /** Largest request of a client that has yet to authenticate. Default 64 KiB. */
  maxRequestBytesBeforeAuthentication: integerKey({ default: 64 * 1024, min: 1, max: 2 ** 31 - 1 }),
  /** Requests of all connections in memory, beyond `ownRequestBytes` of each. Default 256 MiB; -1 no limit. */
  maxQueuedRequestBytes: integerKey({
    kafkaName: 'queued.max.request.bytes',
    default: 256 * mebibyte,
    min: 0,
    unlimited: true,
  }),
  /** Requests in memory that each connection may have whatever the others have. Default 64 KiB. */
  ownRequestBytes: integerKey({ default: 64 * 1024, min: 0 }),
  /** Requests of one connection that may be under way at once; more are left unread. Default 32. */
  maxInFlightRequests: integerKey({ default: 32, min: 1 }),
  /** Connections of all listeners. Default 1024; -1 no limit. */
  maxConnections: integerKey({ kafkaName: 'max.connections', default: 1024, min: 1, unlimited: true }),
  /** Connections from one address. Default 512; -1 no limit. */
  maxConnectionsPerIp: integerKey({
    kafkaName: 'max.connections.per.ip',
    default: 512,
    min: 1,
    unlimited: true,
  }),
  /** Connections accepted in one second. Default 1000; -1 no limit. */
  maxConnectionCreationRate: integerKey({
    kafkaName: 'max.connection.creation.rate',
    default: 1000,
    min: 1,
    unlimited: true,
  }),
  /** Connections that the system keeps until they are accepted. Default 511. */
  listenBacklog: integerKey({ kafkaName: 'socket.listen.backlog.size', default: 511, min: 1 }),
  /** How long a connection may ask for nothing. Default 10 minutes; -1 for ever. */
  maxIdleMs: integerKey({
    kafkaName: 'connections.max.idle.ms',
    default: 10 * 60_000,
    min: 1,
    unlimited: true,
  }),
  /** How long a request may take to arrive once its first byte has. Default 30 seconds; -1 for ever. */
  frameDeadlineMs: integerKey({ default: 30_000, min: 1, unlimited: true }),
  /** How long a client may take to read 256 KiB of a response. Default 30 seconds; -1 for ever. */
  writeDeadlineMs: integerKey({ default: 30_000, min: 1, unlimited: true }),
  /** Unread response bytes of one connection at which its requests are left alone. Default 64 KiB. */
  writeHighWaterBytes: integerKey({ default: 64 * 1024, min: 1 }),
  /** Unread response bytes of one connection at which it is closed, unless one response is all there is. Default 128 MiB. */
  maxUnsentBytes: integerKey({ default: 128 * mebibyte, min: 0, unlimited: true }),
  /** Unread response bytes of all connections; beyond, the one that has not read for longest is closed. Default 512 MiB. */
  maxTotalUnsentBytes: integerKey({ default: 512 * mebibyte, min: 0, unlimited: true }),
  /** How long `close` waits for requests under way. Default 5 seconds; -1 as long as it takes. */
  shutdownDeadlineMs: integerKey({ default: 5000, min: 0, unlimited: true }),
} as const

/** Every limit, decided. */
export type ServerConfig = Resolved<typeof serverConfigDef>

/** Limits to be set, by our names or Kafka's. */
export type ServerLimits = { readonly [K in keyof ServerConfig]?: number } & {
  readonly [K in
    | 'socket.request.max.bytes'
    | 'queued.max.request.bytes'
    | 'max.connections'
    | 'max.connections.per.ip'
    | 'max.connection.creation.rate'
    | 'socket.listen.backlog.size'
    | 'connections.max.idle.ms']?: number
}

/** Applies defaults and checks, once. Throws TypeError for an unknown name, RangeError for a value out of range. */
export function resolveServerConfig(limits: ServerLimits = {}): ServerConfig {
  return resolveConfig(serverConfigDef, limits)
}
