import { Broker, type BrokerOptions } from '../broker/broker.ts'
import type { BrokerConfig } from '../broker/config/declared-configs.ts'
import { ApiDispatcher } from './dispatch.ts'
import { brokerHandlers } from './broker-handlers.ts'
import { KafkaServer } from './kafka-server.ts'
import { type Endpoint, type ListenerOptions, parseListeners } from './listener-address.ts'
import { GatedDispatcher } from './gated-dispatcher.ts'
import type { RequestDispatcher } from './request-dispatcher.ts'
import { ResponseBuffers } from './response-buffers.ts'
import type { ServerLimits } from './server-config.ts'
import type { Logger } from './server-log.ts'

/** How a broker is started. Listeners and limits are among its properties, by Kafka's names. */
export interface BrokerServerOptions extends BrokerOptions {
  /** Default: silent. */
  readonly logger?: Logger
  /** Puts something between the connections and those who answer, for tests. Default: nothing. */
  readonly interpose?: (dispatcher: RequestDispatcher) => RequestDispatcher
}

/** A broker that is reached over TCP. */
export class BrokerServer implements AsyncDisposable {
  readonly broker: Broker
  readonly #server: KafkaServer

  private constructor(broker: Broker, server: KafkaServer) {
    this.broker = broker
    this.#server = server
  }

  /**
   * Recovers and opens the logs, listens, and resolves when clients are served. Who connects earlier waits.
   *
   * @throws as `Broker.open` does, and the system's error for an address that cannot be listened on
   */
  static async start(options: BrokerServerOptions): Promise<BrokerServer> {
    const { logger, env, interpose = (dispatcher) => dispatcher } = options
    const broker = await Broker.open(options)
    try {
      const responseBuffers = new ResponseBuffers()
      const handlers = brokerHandlers(broker, responseBuffers)
      const dispatcher = new GatedDispatcher(
        interpose(
          new ApiDispatcher({ handlers, clock: env.clock, ...(logger === undefined ? {} : { logger }) }),
        ),
      )
      const server = await KafkaServer.listen({
        dispatcher,
        responseBuffers,
        listeners: listenersOf(broker.config),
        limits: limitsOf(broker.config),
        clock: env.clock,
        ...(logger === undefined ? {} : { logger }),
      })
      try {
        await broker.announce(
          server.endpoints.map(({ name, host, port }) => ({ listenerName: name, host, port })),
        )
        dispatcher.open()
        return new BrokerServer(broker, server)
      } catch (error) {
        await server.close()
        throw error
      }
    } catch (error) {
      await broker.close()
      throw error
    }
  }

  /** Where clients reach it, one for each listener. */
  get endpoints(): readonly Endpoint[] {
    return this.#server.endpoints
  }

  /** `host:port` of the first listener: what clients take as bootstrap server. */
  get bootstrap(): string {
    const [first] = this.endpoints
    return first === undefined ? '' : `${bracketed(first.host)}:${first.port}`
  }

  /** The server below: connections, counts, limits. */
  get connections(): KafkaServer {
    return this.#server
  }

  /** Answers what is under way, closes the connections and then the logs. Idempotent. */
  async close(): Promise<void> {
    // Members who wait for their group, and topics that wait for others to be made, would hold the end up.
    this.broker.beginClosing()
    await this.#server.close()
    await this.broker.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function listenersOf(config: BrokerConfig): ListenerOptions[] {
  const advertised = new Map(
    parsed(config['advertised.listeners'] ?? []).map((listener) => [listener.name, listener]),
  )
  return parsed(config.listeners).map((listener) => {
    const told = advertised.get(listener.name)
    return told === undefined
      ? listener
      : { ...listener, advertisedHost: told.host, advertisedPort: told.port }
  })
}

function parsed(listeners: readonly string[]): { name: string; host: string; port: number }[] {
  return listeners.length === 0 ? [] : parseListeners(listeners.join(','))
}

function limitsOf(config: BrokerConfig): ServerLimits {
  return {
    'socket.request.max.bytes': config['socket.request.max.bytes'],
    'queued.max.request.bytes': config['queued.max.request.bytes'],
    'max.connections': config['max.connections'],
    'max.connections.per.ip': config['max.connections.per.ip'],
    'max.connection.creation.rate': config['max.connection.creation.rate'],
    'socket.listen.backlog.size': config['socket.listen.backlog.size'],
    'connections.max.idle.ms': config['connections.max.idle.ms'],
  }
}
