import { Broker, type BrokerOptions } from '../../../src/broker/broker.ts'
import type { RequestContext } from '../../../src/broker/handler.ts'
import type { Message } from '../../../src/wire/message.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { type MemoryEnv, memoryEnv } from '../../../src/testing/memory-env.ts'

/** A broker in memory, and requests that go to its handlers as they would from a connection. */
export interface TestBroker extends AsyncDisposable {
  readonly broker: Broker
  readonly env: MemoryEnv
  readonly clock: ManualClock
  /** Encodes and decodes on the way, as the wire would, at the highest version that is served or the given one. */
  ask<Request, Response>(
    declared: {
      readonly request: Message<unknown, Request>
      readonly response: Message<Response, never> | Message<Response, unknown>
    },
    request: Request,
    options?: { readonly version?: number; readonly signal?: AbortSignal },
  ): Promise<Response | undefined>
}

export async function openBroker(
  given: {
    readonly env?: MemoryEnv
    readonly properties?: Readonly<Record<string, string>>
    readonly options?: Partial<BrokerOptions>
  } = {},
): Promise<TestBroker> {
  const clock = given.env === undefined ? new ManualClock() : (given.env.clock as ManualClock)
  const env = given.env ?? memoryEnv({ seed: 1, clock })
  const broker = await Broker.open({
    env,
    directories: ['/data'],
    properties: given.properties ?? {},
    ...given.options,
  })
  await broker.announce([{ listenerName: 'PLAINTEXT', host: '127.0.0.1', port: 9092 }])
  return {
    broker,
    env,
    clock,
    async ask(declared, request, { version, signal } = {}) {
      const handler = broker.handlers.get(declared.request.apiKey)
      if (handler === undefined) throw new Error(`there is no handler for ${declared.request.name}`)
      const apiVersion = version ?? handler.maxVersion
      const decoded = declared.request.at(apiVersion).decode(declared.request.at(apiVersion).encode(request))
      const context: RequestContext = {
        apiVersion,
        clientId: 'test',
        clientAddress: '127.0.0.1',
        listenerName: 'PLAINTEXT',
        ...(signal === undefined ? {} : { signal }),
      }
      const response = await handler.handle(broker, decoded, context)
      if (response === undefined) return undefined
      const codec = declared.response.at(apiVersion)
      return codec.decode(codec.encode(response))
    },
    async [Symbol.asyncDispose]() {
      await broker.close()
    },
  }
}
