import { errorCodes } from '../../wire/error-codes.ts'
import {
  type ElectLeadersRequest,
  electLeadersRequest,
  electLeadersResponse,
  type ElectLeadersResponseInput,
} from '../../wire/messages/43-elect-leaders.ts'
import type { ElectionType } from '../../cluster/controller.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'

type PartitionResult = ElectLeadersResponseInput['replicaElectionResults'][number]['partitionResult'][number]

/** By the code of the request (KIP-460). */
const electionTypes: readonly ElectionType[] = ['preferred', 'unclean']

/** Elects leaders anew, each partition for itself; of all partitions only what was elected is told. */
export const electLeaders = handler(
  { request: electLeadersRequest, response: electLeadersResponse },
  async (broker, { electionType, topicPartitions }) => {
    const type = electionTypes[electionType]
    if (type === undefined)
      return refusal(
        topicPartitions ?? [],
        errorCodes.INVALID_REQUEST,
        `there is no election of type ${electionType}`,
      )
    const replicaElectionResults: ElectLeadersResponseInput['replicaElectionResults'][number][] = []
    for (const { topic, partitions } of topicPartitions ?? allPartitions(broker)) {
      const partitionResult: PartitionResult[] = []
      for (const partition of partitions) {
        const result = await elect(broker, topic, partition, type)
        const isIdle = topicPartitions === null && result.errorCode === errorCodes.ELECTION_NOT_NEEDED
        if (!isIdle) partitionResult.push(result)
      }
      replicaElectionResults.push({ topic, partitionResult })
    }
    await broker.replicas.settled()
    return { throttleTimeMs: 0, errorCode: errorCodes.NONE, replicaElectionResults }
  },
)

/** Nothing is elected, and each partition is told so. */
function refusal(
  asked: NonNullable<ElectLeadersRequest['topicPartitions']>,
  errorCode: number,
  errorMessage: string,
): ElectLeadersResponseInput {
  const replicaElectionResults = asked.map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
  }))
  return { throttleTimeMs: 0, errorCode, replicaElectionResults }
}

function allPartitions(broker: Broker): { topic: string; partitions: number[] }[] {
  return [...broker.view.topics.values()].map(({ name, partitions }) => ({
    topic: name,
    partitions: partitions.map(({ partition }) => partition),
  }))
}

async function elect(
  broker: Broker,
  topic: string,
  partitionId: number,
  type: ElectionType,
): Promise<PartitionResult> {
  try {
    await broker.controller.electLeader(topic, partitionId, type)
    return { partitionId, errorCode: errorCodes.NONE, errorMessage: null }
  } catch (error) {
    return { partitionId, ...stateError(error) }
  }
}
