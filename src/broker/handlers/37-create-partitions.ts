import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  type CreatePartitionsRequest,
  createPartitionsRequest,
  createPartitionsResponse,
  type CreatePartitionsResponseInput,
} from '../../wire/messages/37-create-partitions.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'
import { repeated } from '../repeated.ts'

type Result = CreatePartitionsResponseInput['results'][number]

/** Adds partitions to topics, each for itself. Answered when they have leaders here. */
export const createPartitions = handler(
  { request: createPartitionsRequest, response: createPartitionsResponse },
  async (broker, { topics, validateOnly }) => {
    const results: Result[] = []
    const twice = repeated(topics.map(({ name }) => name))
    for (const asked of new Map(topics.map((topic) => [topic.name, topic])).values())
      results.push(await add(broker, asked, validateOnly, twice.has(asked.name)))
    await broker.replicas.settled()
    return { throttleTimeMs: 0, results }
  },
)

async function add(
  broker: Broker,
  { name, count, assignments }: CreatePartitionsRequest['topics'][number],
  validateOnly: boolean,
  isRepeated: boolean,
): Promise<Result> {
  try {
    if (isRepeated)
      throw new KafkaError('INVALID_REQUEST', `the topic '${name}' is in the request more than once`)
    const assignment = assignments?.map(({ brokerIds }) => brokerIds)
    await broker.controller.createPartitions(name, count, assignment, validateOnly)
    return { name, errorCode: errorCodes.NONE }
  } catch (error) {
    return { name, ...stateError(error) }
  }
}
