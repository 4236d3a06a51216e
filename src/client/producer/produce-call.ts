import type { BrokerNode } from '../cluster/cluster-metadata.ts'
import type { BrokerLink } from '../network/transport.ts'
import { rpc } from '../network/rpc.ts'
import {
  produceRequest,
  type ProduceRequestInput,
  type ProduceResponse,
  produceResponse,
} from '../../wire/messages/00-produce.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import type { ProducerBatch } from './producer-batch.ts'

/** What a broker says of one batch. */
export type BatchAnswer = ProduceResponse['responses'][number]['partitionResponses'][number]

/** Kafka's `acks`: how many replicas must have a batch before it is acknowledged; -1 is all that are in sync. */
export type Acks = 0 | 1 | -1

/** How batches are asked to be written. */
export interface ProduceSettings {
  readonly acks: Acks
  readonly requestTimeoutMs: number
  /** `zeroUuid` if it is not known. */
  readonly topicIdOf: (topic: string) => string
  /** Told where brokers are reached that lead instead (KIP-951). */
  readonly learnBrokers: (nodes: readonly BrokerNode[]) => void
}

const produceApi = rpc(produceRequest, produceResponse)
/** The last version that goes by names: for topics of which no id is known. */
const produceByNameApi = rpc(produceRequest, produceResponse, { maxVersion: 12 })

/** The batches of one request by topic and partition: at most one for each. */
type BatchesByTopic = ReadonlyMap<string, ReadonlyMap<number, ProducerBatch>>

/**
 * Sends batches, at most one for each partition, in one request. Resolves to what the broker says of each; nothing for those that it says
 * nothing of, which with `acks` 0 is all of them. The request is under way when the function returns.
 *
 * @throws as {@link BrokerLink.call} and {@link BrokerLink.tell} do
 */
export async function produce(
  link: BrokerLink,
  batches: readonly ProducerBatch[],
  { acks, requestTimeoutMs, topicIdOf, learnBrokers }: ProduceSettings,
): Promise<ReadonlyMap<ProducerBatch, BatchAnswer>> {
  const byTopic = groupByTopic(batches)
  const ids = new Map([...byTopic.keys()].map((topic) => [topic, topicIdOf(topic)]))
  const hasIds = ![...ids.values()].includes(zeroUuid)
  const api = hasIds ? produceApi : produceByNameApi
  const request: ProduceRequestInput = {
    transactionalId: null,
    acks,
    timeoutMs: requestTimeoutMs,
    topicData: [...byTopic].map(([name, partitions]) => ({
      ...{ name, topicId: ids.get(name) ?? zeroUuid },
      partitionData: [...partitions].map(([index, batch]) => ({ index, records: batch.encode() })),
    })),
  }
  if (acks === 0) {
    await link.tell(api, request)
    return new Map()
  }
  const response = await link.call(api, request, { timeoutMs: requestTimeoutMs })
  learnBrokers(response.nodeEndpoints)
  return answersIn(response, byTopic, ids)
}

function groupByTopic(batches: readonly ProducerBatch[]): BatchesByTopic {
  const byTopic = new Map<string, Map<number, ProducerBatch>>()
  for (const batch of batches) {
    const { topic, partition } = batch.birth
    const partitions = byTopic.get(topic) ?? new Map<number, ProducerBatch>()
    byTopic.set(topic, partitions.set(partition, batch))
  }
  return byTopic
}

function answersIn(
  response: ProduceResponse,
  byTopic: BatchesByTopic,
  ids: ReadonlyMap<string, string>,
): Map<ProducerBatch, BatchAnswer> {
  const names = new Map([...ids].map(([name, topicId]) => [topicId, name]))
  const answers = new Map<ProducerBatch, BatchAnswer>()
  for (const { name, topicId, partitionResponses } of response.responses) {
    const partitions = byTopic.get(name === '' ? (names.get(topicId) ?? '') : name)
    for (const answer of partitionResponses) {
      const batch = partitions?.get(answer.index)
      if (batch !== undefined) answers.set(batch, answer)
    }
  }
  return answers
}
