import { array, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks which broker coordinates groups, transactional ids or share partitions; several at once since version 4 (KIP-699). */
export const findCoordinatorRequest = request(10, 'FindCoordinatorRequest', '0-6, flexible 3+', {
  key: string().until(3),
  keyType: int8().since(1).default(0),
  coordinatorKeys: array(string()).since(4),
})

/** The answer to {@link findCoordinatorRequest}. */
export const findCoordinatorResponse = response(10, 'FindCoordinatorResponse', '0-6, flexible 3+', {
  throttleTimeMs: int32().since(1).ignorable(),
  errorCode: int16().until(3),
  errorMessage: string().nullable().since(1).until(3).ignorable(),
  nodeId: int32().until(3),
  host: string().until(3),
  port: int32().until(3),
  coordinators: array({
    key: string(),
    nodeId: int32(),
    host: string(),
    port: int32(),
    errorCode: int16(),
    errorMessage: string().nullable().ignorable(),
  }).since(4),
})

/** The request, decoded. */
export type FindCoordinatorRequest = Decoded<typeof findCoordinatorRequest>
/** The request, to be encoded. */
export type FindCoordinatorRequestInput = Encodable<typeof findCoordinatorRequest>

/** The response, decoded. */
export type FindCoordinatorResponse = Decoded<typeof findCoordinatorResponse>
/** The response, to be encoded. */
export type FindCoordinatorResponseInput = Encodable<typeof findCoordinatorResponse>
