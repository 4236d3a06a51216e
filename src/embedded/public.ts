/**
 * `tidemark`: a Kafka in this process, in memory, or elsewhere, and one way to produce, consume and administer. Nothing of a
 * broker is loaded before {@link Tidemark.open} or {@link Tidemark.memory} is called.
 *
 * @module
 */
export { DiskFullError, LockedError, PoisonedError, StorageError } from '../base/errors.ts'
export * from '../client/public.ts'
export type { OpeningReport } from '../broker/broker.ts'
export type { Backend } from './embedded-broker.ts'
export { Tidemark } from './tidemark.ts'
export type {
  BrokerRunOptions,
  ClientOptions,
  ConnectOptions,
  MemoryOptions,
  OpenOptions,
  Settings,
} from './tidemark-options.ts'
