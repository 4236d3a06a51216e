import { errorCodes } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  type DeleteRecordsRequest,
  deleteRecordsRequest,
  deleteRecordsResponse,
  type DeleteRecordsResponseInput,
} from '../../wire/messages/21-delete-records.ts'
import type { Broker } from '../broker.ts'
import { stateError } from '../error-mapping.ts'
import { handler } from '../handler.ts'

type PartitionRequest = DeleteRecordsRequest['topics'][number]['partitions'][number]
type PartitionResponse = DeleteRecordsResponseInput['topics'][number]['partitions'][number]

/** Gives up the records before an offset. With one replica the low watermark is where its log begins. */
export const deleteRecords = handler(
  { request: deleteRecordsRequest, response: deleteRecordsResponse },
  async (broker, request) => ({
    throttleTimeMs: 0,
    topics: await Promise.all(
      request.topics.map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(partitions.map((asked) => remove(broker, name, asked))),
      })),
    ),
  }),
)

async function remove(
  broker: Broker,
  topic: string,
  { partitionIndex, offset }: PartitionRequest,
): Promise<PartitionResponse> {
  try {
    if (broker.isInternal(topic))
      throw new KafkaError('INVALID_TOPIC_EXCEPTION', `the records of ${topic} are the broker's own`)
    const partition = broker.replicas.get(topic, partitionIndex)
    if (!broker.configs.topicConfig(topic)['cleanup.policy'].includes('delete'))
      throw new KafkaError(
        'POLICY_VIOLATION',
        `the records of ${topic} are compacted, and not deleted: see cleanup.policy`,
      )
    const lowWatermark = await partition.deleteRecords(offset)
    return { partitionIndex, lowWatermark, errorCode: errorCodes.NONE }
  } catch (error) {
    return { partitionIndex, lowWatermark: -1, errorCode: stateError(error).errorCode }
  }
}
