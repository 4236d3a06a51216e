import { ClosedError, ConnectionError } from '../../../src/base/errors.ts'
import { orAborted } from '../../../src/client/cluster/retry.ts'
import { type BrokerAddress, formatAddress } from '../../../src/client/network/broker-address.ts'
import type { Rpc, ServedVersions } from '../../../src/client/network/rpc.ts'
import type { BrokerLink, CallInput, CallOptions, Transport } from '../../../src/client/network/transport.ts'
import { apiKeys } from '../../../src/wire/api-keys.ts'
import type { MetadataRequest, MetadataResponseInput } from '../../../src/wire/messages/03-metadata.ts'

/** Answers a request, by Kafka's name of it, with a value that is to be encoded, or a promise of it; what it throws is what the call throws. */
export type Answers = Readonly<Record<string, (request: never, address: string) => unknown>>

/** Brokers that are functions: nothing is sent anywhere, but messages are encoded and decoded as they would be. */
export class ScriptedTransport implements Transport {
  /** What was done, in order: `connect a:1`, `Metadata a:1`. */
  readonly log: string[] = []
  /** Addresses at which nobody listens. */
  readonly down = new Set<string>()
  readonly links: ScriptedLink[] = []
  readonly #answers: Answers
  readonly #version: number | undefined

  /** `version` caps the versions that are served. */
  constructor(answers: Answers, version?: number) {
    this.#answers = answers
    this.#version = version
  }

  async connect(where: BrokerAddress): Promise<BrokerLink> {
    const address = formatAddress(where)
    this.log.push(`connect ${address}`)
    if (this.down.has(address)) throw new ConnectionError(address, 'nothing listens there')
    const link = new ScriptedLink(this, address, this.#answers, this.#version)
    this.links.push(link)
    return link
  }

  close(): void {
    this.log.push('close')
  }
}

class ScriptedLink implements BrokerLink {
  isOpen = true
  inFlightCount = 0
  /** All that there is an answer for. */
  readonly served: ServedVersions
  readonly address: string
  readonly #transport: ScriptedTransport
  readonly #answers: Answers
  readonly #version: number | undefined

  constructor(transport: ScriptedTransport, address: string, answers: Answers, version: number | undefined) {
    this.#transport = transport
    this.address = address
    this.#answers = answers
    this.#version = version
    const answered = apiKeys.filter(({ name }) => name in answers)
    this.served = new Map(
      answered.map(({ key, minVersion, maxVersion }) => {
        const capped = Math.max(minVersion, Math.min(maxVersion, version ?? maxVersion))
        return [key, { minVersion, maxVersion: capped }]
      }),
    )
  }

  async call<Input, Value>(
    api: Rpc<Input, Value>,
    input: CallInput<Input>,
    { signal }: CallOptions = {},
  ): Promise<Value> {
    if (!this.isOpen) throw new ClosedError('closed')
    const { request, response } = api
    const name = request.name.replace('Request', '')
    this.#transport.log.push(`${name} ${this.address}`)
    if (this.#transport.down.has(this.address)) {
      this.isOpen = false
      throw new ConnectionError(this.address, 'the broker closed the connection')
    }
    const { minVersion = request.minVersion, maxVersion = request.maxVersion } = api
    const version = Math.min(maxVersion, Math.max(minVersion, this.#version ?? maxVersion))
    const given = typeof input === 'function' ? (input as (version: number) => Input)(version) : input
    const asked = request.at(version).decode(request.at(version).encode(given))
    const answering = Promise.resolve(this.#answers[name]?.(asked as never, this.address))
    const answer = await orAborted(answering, signal)
    const told =
      name === 'Metadata' ? aboutAsked(asked as MetadataRequest, answer as MetadataResponseInput) : answer
    return response.at(version).decode(response.at(version).encode(told as never))
  }

  async tell<Input>(api: Rpc<Input, unknown>, input: CallInput<Input>): Promise<void> {
    await this.call(api, input)
  }

  close(): void {
    this.isOpen = false
  }
}

/** What a broker says of all topics, narrowed to those that it was asked for. */
function aboutAsked({ topics }: MetadataRequest, answer: MetadataResponseInput): MetadataResponseInput {
  if (topics === null) return answer
  const names = new Set(topics.map(({ name }) => name))
  const unknown = (name: string | null) => ({ errorCode: 3, name, partitions: [] })
  const told = new Map(answer.topics?.map((topic) => [topic.name, topic]))
  return { ...answer, topics: [...names].map((name) => told.get(name) ?? unknown(name)) }
}

/** Metadata of a cluster of two brokers, `a:1` (the controller) and `b:2`, which lead `orders-0` and `orders-1`. */
export function twoBrokers(controllerId = 1, leaders: readonly number[] = [1, 2]): MetadataResponseInput {
  const partitions = leaders.map((leaderId, partitionIndex) => ({
    ...{ errorCode: 0, partitionIndex, leaderId, replicaNodes: [1, 2], isrNodes: [1, 2] },
  }))
  return {
    brokers: [
      { nodeId: 1, host: 'a', port: 1 },
      { nodeId: 2, host: 'b', port: 2 },
    ],
    clusterId: 'c',
    controllerId,
    topics: [{ errorCode: 0, name: 'orders', partitions }],
  }
}
