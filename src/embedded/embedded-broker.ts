import { Broker, type BrokerOptions } from '../broker/broker.ts'
import { proposal } from '../broker/config/config-key.ts'
import { brokerKeyNamed } from '../broker/config/config-layers.ts'
import { brokerKeys } from '../broker/config/declared-configs.ts'
import type { ClientLimitOptions } from '../client/cluster/client-options.ts'
import { ClusterClient } from '../client/cluster/cluster-client.ts'
import { asProperties, type Settings } from './tidemark-options.ts'
import { InProcessTransport } from './in-process-transport.ts'

/** A cluster that can be asked, and how to let go of it. */
export interface Backend {
  readonly client: ClusterClient
  /** `host:port` at which other processes reach it; undefined if they cannot. */
  readonly bootstrap: string | undefined
  /** Lets go of what is behind the client, which is closed before. */
  close(): Promise<void>
}

/** How {@link openEmbedded} runs a broker. */
export interface EmbeddedOptions extends Pick<BrokerOptions, 'env' | 'directories' | 'onProgress'> {
  readonly clientId: string
  readonly limits: ClientLimitOptions
  readonly config: Settings
  readonly listen: number | string | undefined
  readonly onWarning: (message: string, error?: unknown) => void
}

/** A running broker, and the address at which others reach it. */
interface RunningBroker {
  readonly broker: Broker
  readonly bootstrap: string | undefined
  close(): Promise<void>
}

/** Where the broker is said to be while nobody else can reach it. Clients of this process reach it whatever the address. */
const nowhere = { listenerName: 'in-process', host: 'in-process', port: 0 }
const bootstrapServers = 'in-process:1'

/** The members of one process come at once or one by one; none of them has to be waited for. */
const embeddedConfig: Settings = { 'group.initial.rebalance.delay.ms': 0 }

/**
 * Runs a broker in this process, with a client that calls its handlers directly.
 *
 * @throws as `Broker.open` does, TypeError for a config that there is not, and the system's error for an address that cannot
 *   be listened on
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Backend & { readonly broker: Broker }> {
  const running = await run(options)
  try {
    return backendOver(running, options)
  } catch (error) {
    await running.close()
    throw error
  }
}

function backendOver(
  running: RunningBroker,
  { clientId, limits, onWarning, env }: EmbeddedOptions,
): Backend & { readonly broker: Broker } {
  const { broker, bootstrap } = running
  const transport = new InProcessTransport({ broker, clientId, limits, onFailure: onWarning })
  return {
    broker,
    client: new ClusterClient({ env, bootstrapServers, limits, transport }),
    bootstrap,
    async close() {
      transport.close()
      await running.close()
    },
  }
}

async function run({ config, listen, ...options }: EmbeddedOptions): Promise<RunningBroker> {
  refuseUnknown(config)
  const properties = asProperties({ ...embeddedConfig, ...config })
  return listen === undefined ? await runAlone(options, properties) : await serve(options, properties, listen)
}

/** A properties file may have been written for another Kafka; what stands in a program is meant. */
function refuseUnknown(config: Settings): void {
  const unknown = Object.keys(config).find((name) => brokerKeyNamed(name) === undefined)
  if (unknown === undefined) return
  throw new TypeError(`there is no config '${unknown}'.${proposal(unknown, Object.keys(brokerKeys))}`)
}

type RunOptions = Pick<EmbeddedOptions, 'env' | 'directories' | 'onProgress' | 'onWarning'>

async function runAlone(options: RunOptions, properties: Record<string, string>): Promise<RunningBroker> {
  const broker = await Broker.open({ ...options, properties })
  try {
    await broker.announce([nowhere])
    return { broker, bootstrap: undefined, close: () => broker.close() }
  } catch (error) {
    await broker.close()
    throw error
  }
}

/** Sockets are loaded only for those who want them. */
async function serve(
  options: RunOptions,
  properties: Record<string, string>,
  listen: number | string,
): Promise<RunningBroker> {
  const { BrokerServer } = await import('../server/broker-server.ts')
  const address = typeof listen === 'number' ? `127.0.0.1:${listen}` : listen
  const { onWarning } = options
  const server = await BrokerServer.start({
    ...options,
    properties: { ...properties, listeners: `PLAINTEXT://${address}` },
    logger: { info() {}, warn: onWarning, error: onWarning },
  })
  return { broker: server.broker, bootstrap: server.bootstrap, close: () => server.close() }
}
