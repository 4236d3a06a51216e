import { CorruptionError } from '../base/errors.ts'

/*
 * The tree of metadata as Apache Kafka laid it out in ZooKeeper (up to 3.9), whichever store keeps it: the same
 * paths, and the same JSON under them.
 */

export const brokersPrefix = '/brokers/ids/'
export const topicsPrefix = '/brokers/topics/'
export const topicConfigsPrefix = '/config/topics/'
export const brokerConfigsPrefix = '/config/brokers/'
export const controllerKey = '/controller'
export const controllerEpochKey = '/controller_epoch'
export const clusterIdKey = '/cluster/id'
export const producerIdBlockKey = '/latest_producer_id_block'

/** The name under `/config/brokers/` of what holds for every broker. */
export const defaultBrokerConfig = '<default>'

export const brokerKey = (id: number): string => brokersPrefix + String(id)
export const topicKey = (topic: string): string => topicsPrefix + topic
export const partitionStateKey = (topic: string, partition: number): string =>
  `${topicsPrefix}${topic}/partitions/${partition}/state`
export const topicConfigKey = (topic: string): string => topicConfigsPrefix + topic
export const brokerConfigKey = (id: string): string => brokerConfigsPrefix + id

const partitionStatePattern = /^\/brokers\/topics\/([^/]+)\/partitions\/(\d+)\/state$/
const topicPattern = /^\/brokers\/topics\/([^/]+)$/

/** The partition whose state is kept at `key`; undefined for other keys. */
export function partitionOfStateKey(key: string): { topic: string; partition: number } | undefined {
  const [, topic, partition] = partitionStatePattern.exec(key) ?? []
  return topic === undefined ? undefined : { topic, partition: Number(partition) }
}

/** The topic whose assignment is kept at `key`; undefined for other keys. */
export function topicOfKey(key: string): string | undefined {
  return topicPattern.exec(key)?.[1]
}

/** Where clients and other brokers reach a broker through one of its listeners. */
export interface Endpoint {
  readonly listenerName: string
  readonly host: string
  readonly port: number
}

/** A live broker (`/brokers/ids/N`, version 5). */
export interface BrokerRegistration {
  readonly id: number
  readonly endpoints: readonly Endpoint[]
  readonly rack: string | null
}

export function encodeBroker(broker: BrokerRegistration, nowMs: number): string {
  const first = broker.endpoints[0]
  return JSON.stringify({
    features: {},
    listener_security_protocol_map: Object.fromEntries(
      broker.endpoints.map(({ listenerName }) => [listenerName, 'PLAINTEXT']),
    ),
    endpoints: broker.endpoints.map(({ listenerName, host, port }) => `${listenerName}://${host}:${port}`),
    rack: broker.rack,
    jmx_port: -1,
    port: first?.port ?? -1,
    host: first?.host ?? null,
    version: 5,
    timestamp: String(nowMs),
  })
}

export function decodeBroker(key: string, value: string): BrokerRegistration {
  const { endpoints, rack } = jsonObject(key, value)
  if (!Array.isArray(endpoints)) throw malformed(key, 'endpoints')
  return {
    id: Number(key.slice(brokersPrefix.length)),
    endpoints: endpoints.map((endpoint) => parseEndpoint(key, String(endpoint))),
    rack: typeof rack === 'string' ? rack : null,
  }
}

function parseEndpoint(key: string, text: string): Endpoint {
  const [, listenerName, host, port] = /^([^:/]+):\/\/(.*):(\d+)$/.exec(text) ?? []
  if (listenerName === undefined || host === undefined) throw malformed(key, 'endpoints')
  return { listenerName, host, port: Number(port) }
}

/** A topic and who has its partitions (`/brokers/topics/T`, version 3). */
export interface TopicAssignment {
  readonly topicId: string
  /** The replicas of each partition, the preferred leader first. */
  readonly replicas: readonly (readonly number[])[]
}

export function encodeTopic({ topicId, replicas }: TopicAssignment): string {
  const partitions = Object.fromEntries(replicas.entries())
  return JSON.stringify({
    partitions,
    topic_id: topicId,
    adding_replicas: {},
    removing_replicas: {},
    version: 3,
  })
}

export function decodeTopic(key: string, value: string): TopicAssignment {
  const { partitions, topic_id: topicId } = jsonObject(key, value)
  if (typeof topicId !== 'string') throw malformed(key, 'topic_id')
  if (typeof partitions !== 'object' || partitions === null) throw malformed(key, 'partitions')
  const replicas: number[][] = []
  for (const [index, ids] of Object.entries(partitions)) {
    if (!isIntegers(ids)) throw malformed(key, 'partitions')
    replicas[Number(index)] = ids
  }
  // A hole would be a partition that nobody has.
  for (let index = 0; index < replicas.length; index++)
    if (replicas[index] === undefined) throw malformed(key, 'partitions')
  return { topicId, replicas }
}

/** Who leads a partition and who is in sync (`.../partitions/P/state`, version 1). */
export interface PartitionLeadership {
  /** -1 when nobody does. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly isr: readonly number[]
  readonly controllerEpoch: number
}

export function encodeLeadership(state: PartitionLeadership): string {
  const { controllerEpoch, leader, leaderEpoch, isr } = state
  return JSON.stringify({
    controller_epoch: controllerEpoch,
    leader,
    version: 1,
    leader_epoch: leaderEpoch,
    isr,
  })
}

export function decodeLeadership(key: string, value: string): PartitionLeadership {
  const { leader, leader_epoch: leaderEpoch, isr, controller_epoch: controllerEpoch } = jsonObject(key, value)
  if (!isInteger(leader)) throw malformed(key, 'leader')
  if (!isInteger(leaderEpoch)) throw malformed(key, 'leader_epoch')
  if (!isInteger(controllerEpoch)) throw malformed(key, 'controller_epoch')
  if (!isIntegers(isr)) throw malformed(key, 'isr')
  return { leader, leaderEpoch, isr, controllerEpoch }
}

/** The settings of a topic or broker that differ from the defaults (`/config/...`, version 1). */
export function encodeConfig(config: Readonly<Record<string, string>>): string {
  return JSON.stringify({ version: 1, config })
}

export function decodeConfig(key: string, value: string): Record<string, string> {
  const { config } = jsonObject(key, value)
  if (typeof config !== 'object' || config === null) throw malformed(key, 'config')
  return Object.fromEntries(Object.entries(config).map(([name, text]) => [name, String(text)]))
}

export function encodeController(brokerId: number, nowMs: number): string {
  return JSON.stringify({
    version: 2,
    brokerid: brokerId,
    timestamp: String(nowMs),
    kraftControllerEpoch: -1,
  })
}

export function decodeController(key: string, value: string): number {
  const { brokerid: id } = jsonObject(key, value)
  if (!isInteger(id)) throw malformed(key, 'brokerid')
  return id
}

export function encodeClusterId(id: string): string {
  return JSON.stringify({ version: '1', id })
}

export function decodeClusterId(value: string): string {
  const { id } = jsonObject(clusterIdKey, value)
  if (typeof id !== 'string') throw malformed(clusterIdKey, 'id')
  return id
}

/** The last block of producer ids that was given to a broker. */
export interface ProducerIdBlock {
  readonly broker: number
  readonly firstId: number
  /** Inclusive. */
  readonly lastId: number
}

export function encodeProducerIdBlock({ broker, firstId, lastId }: ProducerIdBlock): string {
  return JSON.stringify({ version: 1, broker, block_start: String(firstId), block_end: String(lastId) })
}

export function decodeProducerIdBlock(value: string): ProducerIdBlock {
  const { broker, block_start: first, block_end: last } = jsonObject(producerIdBlockKey, value)
  if (!isInteger(broker)) throw malformed(producerIdBlockKey, 'broker')
  const block = { broker, firstId: Number(first), lastId: Number(last) }
  if (!isInteger(block.firstId) || !isInteger(block.lastId)) throw malformed(producerIdBlockKey, 'block_end')
  return block
}

function jsonObject(key: string, value: string): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(value)
  } catch {
    throw new CorruptionError(`the metadata at ${key}`, -1, 'it is no JSON')
  }
  if (typeof parsed !== 'object' || parsed === null)
    throw new CorruptionError(`the metadata at ${key}`, -1, 'it is no JSON object')
  return parsed as Readonly<Record<string, unknown>>
}

function malformed(key: string, field: string): CorruptionError {
  return new CorruptionError(`the metadata at ${key}`, -1, `its field '${field}' is missing or malformed`)
}

function isInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value)
}

function isIntegers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isInteger)
}
