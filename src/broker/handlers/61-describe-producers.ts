import { errorCodes } from '../../wire/error-codes.ts'
import {
  describeProducersRequest,
  describeProducersResponse,
  type DescribeProducersResponseInput,
} from '../../wire/messages/61-describe-producers.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'
import { mustBeTopicName } from '../topic-name-check.ts'

type PartitionResponse = DescribeProducersResponseInput['topics'][number]['partitions'][number]

/** The idempotent producers that partitions remember, and their open transactions (KIP-664). */
export const describeProducers = handler(
  { request: describeProducersRequest, response: describeProducersResponse },
  (broker, { topics }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((index) => describe(broker, name, index)),
    })),
  }),
)

function describe(broker: Broker, topic: string, partitionIndex: number): PartitionResponse {
  try {
    mustBeTopicName(topic)
    const partition = broker.replicas.get(topic, partitionIndex)
    partition.mustLead()
    const activeProducers = [...partition.log.state.producers.entries()].map((entry) => ({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
      lastTimestamp: entry.lastTimestamp,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTxnStartOffset: entry.currentTransactionFirstOffset,
    }))
    return { partitionIndex, errorCode: errorCodes.NONE, activeProducers }
  } catch (error) {
    return { partitionIndex, ...stateError(error), activeProducers: [] }
  }
}
