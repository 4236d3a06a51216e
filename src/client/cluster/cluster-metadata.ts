import type { MetadataResponse } from '../../wire/messages/03-metadata.ts'
import type { BrokerAddress } from '../network/broker-address.ts'

/** A topic as Metadata has it, with the error of those that cannot be described. */
export type TopicMetadata = MetadataResponse['topics'][number]

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** A broker of the cluster, and where its clients reach it. */
export interface BrokerNode extends BrokerAddress {
  readonly nodeId: number
}

/** What a broker said of its cluster: the brokers, and the topics that were asked for. */
export class ClusterMetadata {
  readonly clusterId: string | null
  /** -1 when there is none, or it is not known. */
  readonly controllerId: number
  readonly brokers: ReadonlyMap<number, BrokerNode>
  /** By name. Topics that do not exist are among them, with their error. */
  readonly topics: ReadonlyMap<string, TopicMetadata>

  constructor(response: MetadataResponse) {
    this.clusterId = response.clusterId
    this.controllerId = response.controllerId
    this.brokers = new Map(response.brokers.map(({ nodeId, host, port }) => [nodeId, { nodeId, host, port }]))
    this.topics = new Map(response.topics.map((topic) => [topic.name ?? '', topic]))
  }
}
