import { array, int16, int32, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Deletes topics, by id too since version 6 (KIP-516). */
export const deleteTopicsRequest = request(20, 'DeleteTopicsRequest', '1-6, flexible 4+', {
  topics: array({
    name: string().nullable().default(null),
    topicId: uuid(),
  }).since(6),
  topicNames: array(string()).until(5).ignorable(),
  timeoutMs: int32(),
})

/** The answer to {@link deleteTopicsRequest}. */
export const deleteTopicsResponse = response(20, 'DeleteTopicsResponse', '1-6, flexible 4+', {
  throttleTimeMs: int32().ignorable(),
  responses: array({
    name: string().nullable(6),
    topicId: uuid().since(6).ignorable(),
    errorCode: int16(),
    errorMessage: string().nullable().since(5).ignorable().default(null),
  }),
})

/** The request, decoded. */
export type DeleteTopicsRequest = Decoded<typeof deleteTopicsRequest>
/** The request, to be encoded. */
export type DeleteTopicsRequestInput = Encodable<typeof deleteTopicsRequest>

/** The response, decoded. */
export type DeleteTopicsResponse = Decoded<typeof deleteTopicsResponse>
/** The response, to be encoded. */
export type DeleteTopicsResponseInput = Encodable<typeof deleteTopicsResponse>
