import { choiceKey, type ConfigKey, resolveConfig } from '../base/config-def.ts'
import type { OpeningReport } from '../broker/broker.ts'
import type { ClientLimitOptions } from '../client/cluster/client-options.ts'
import type { TlsSettings } from '../client/network/dial.ts'
import type { Clock, Env } from '../env/env.ts'

/** Settings by Kafka's names. */
export type Settings = Readonly<Record<string, string | number | boolean>>

/** What the three ways to a cluster have in common. */
export interface ClientOptions {
  /** What the clients call themselves in each request: Kafka's `client.id`. Default `tidemark`. */
  readonly clientId?: string
  /** Deadlines of requests and retries. Default: see `ClientLimitOptions`. */
  readonly limits?: ClientLimitOptions
}

/** How a broker of this process is run. */
export interface BrokerRunOptions extends ClientOptions {
  /**
   * Settings of the broker by Kafka's names, as a `server.properties` has them. Default: Kafka's own, but that a group does not
   * wait for more members before its first rebalance.
   */
  readonly config?: Settings
  /**
   * Also serves other clients over TCP: a port on this computer (0 for any free one), or `address:port`. Default: nobody
   * but this process can reach the broker.
   */
  readonly listen?: number | string
  /** Told of what goes wrong in the background; the broker goes on. Default: nobody. */
  readonly onWarning?: (message: string, error?: unknown) => void
}

/** How `Tidemark.open` opens a data directory. */
export interface OpenOptions extends BrokerRunOptions {
  /**
   * When a record counts as written: `'sync'` when it is on the disk, so that it survives a power cut; `'interval'` when the
   * operating system has it, which is synced as `flush.ms` and `flush.messages` say; `'os'` the same, synced when the
   * system likes, as Kafka does it: it survives the process, but not the power. Topics may choose otherwise by their config
   * `tidemark.durability`. Default `'sync'`.
   */
  readonly durability?: 'sync' | 'interval' | 'os'
  /** Told once what opening the logs found and did: what was recovered, cut, fenced or taken over. Default: nobody. */
  readonly onOpened?: (report: OpeningReport) => void
  /** Told while partitions are opened, of which there may be thousands. Default: nobody. */
  readonly onProgress?: (opened: number, total: number) => void
  /** The disk, the clock and the randomness to use. Default: the computer's. */
  readonly env?: Env
}

/** How `Tidemark.memory` makes a cluster that leaves nothing behind. */
export interface MemoryOptions extends BrokerRunOptions {
  /** Default: the computer's. With a `ManualClock` no deadline comes until it is told so. */
  readonly clock?: Clock
  /** Makes ids repeatable. Default: the system's randomness. */
  readonly seed?: number
}

/** How `Tidemark.connect` reaches brokers. */
export interface ConnectOptions extends ClientOptions {
  /** Encrypts connections and verifies brokers; `true` for what Node trusts by default. Default: no encryption. */
  readonly tls?: TlsSettings
  /** Gives up connecting. */
  readonly signal?: AbortSignal
}

const clientDef = {
  clientId: asGiven<string>('tidemark'),
  limits: asGiven<ClientLimitOptions>({}),
}

const connectDef = {
  ...clientDef,
  tls: asGiven<TlsSettings | undefined>(undefined),
  signal: asGiven<AbortSignal | undefined>(undefined),
}

const runDef = {
  ...clientDef,
  config: asGiven<Settings>({}),
  listen: asGiven<number | string | undefined>(undefined),
  onWarning: asGiven<NonNullable<BrokerRunOptions['onWarning']>>(() => {}),
}

const openDef = {
  ...runDef,
  durability: choiceKey({ default: 'sync', choices: ['sync', 'interval', 'os'] }),
  onOpened: asGiven<NonNullable<OpenOptions['onOpened']>>(() => {}),
  onProgress: asGiven<NonNullable<OpenOptions['onProgress']>>(() => {}),
  env: asGiven<Env | undefined>(undefined),
}

const memoryDef = {
  ...runDef,
  clock: asGiven<Clock | undefined>(undefined),
  seed: asGiven<number | undefined>(undefined),
}

/** Applies defaults; throws TypeError for an option that there is not. */
export function resolveOpenOptions(options: OpenOptions) {
  return resolveConfig(openDef, { ...options })
}

/** As {@link resolveOpenOptions}. */
export function resolveMemoryOptions(options: MemoryOptions) {
  return resolveConfig(memoryDef, { ...options })
}

/** As {@link resolveOpenOptions}. */
export function resolveConnectOptions(options: ConnectOptions) {
  return resolveConfig(connectDef, { ...options })
}

/** Settings as a properties file has them. */
export function asProperties(settings: Settings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]))
}

/** An option that is held against what it may be where it is used. */
function asGiven<T>(standard: T): ConfigKey<T> {
  return { default: standard, parse: (_, value) => value as T }
}
