import { array, bool, int16, int32, int8, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Creates topics (KIP-4). */
export const createTopicsRequest = request(19, 'CreateTopicsRequest', '2-7, flexible 5+', {
  topics: array({
    name: string(),
    numPartitions: int32(),
    replicationFactor: int16(),
    assignments: array({
      partitionIndex: int32(),
      brokerIds: array(int32()),
    }),
    configs: array({
      name: string(),
      value: string().nullable(),
    }),
  }),
  timeoutMs: int32().default(60000),
  validateOnly: bool().default(false),
})

/** The answer to {@link createTopicsRequest}. */
export const createTopicsResponse = response(19, 'CreateTopicsResponse', '2-7, flexible 5+', {
  throttleTimeMs: int32().ignorable(),
  topics: array({
    name: string(),
    topicId: uuid().since(7).ignorable(),
    errorCode: int16(),
    errorMessage: string().nullable().ignorable(),
    topicConfigErrorCode: int16().since(5).tagged(0).ignorable(),
    numPartitions: int32().since(5).ignorable().default(-1),
    replicationFactor: int16().since(5).ignorable().default(-1),
    configs: array({
      name: string(),
      value: string().nullable(),
      readOnly: bool(),
      configSource: int8().ignorable().default(-1),
      isSensitive: bool(),
    })
      .nullable()
      .since(5)
      .ignorable(),
  }),
})

/** The request, decoded. */
export type CreateTopicsRequest = Decoded<typeof createTopicsRequest>
/** The request, to be encoded. */
export type CreateTopicsRequestInput = Encodable<typeof createTopicsRequest>

/** The response, decoded. */
export type CreateTopicsResponse = Decoded<typeof createTopicsResponse>
/** The response, to be encoded. */
export type CreateTopicsResponseInput = Encodable<typeof createTopicsResponse>
