import { int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Says that a member of a classic group is alive. */
export const heartbeatRequest = request(12, 'HeartbeatRequest', '0-4, flexible 4+', {
  groupId: string(),
  generationId: int32(),
  memberId: string(),
  groupInstanceId: string().nullable().since(3).default(null),
})

/** The answer to {@link heartbeatRequest}. */
export const heartbeatResponse = response(12, 'HeartbeatResponse', '0-4, flexible 4+', {
  throttleTimeMs: int32().since(1).ignorable(),
  errorCode: int16(),
})

/** The request, decoded. */
export type HeartbeatRequest = Decoded<typeof heartbeatRequest>
/** The request, to be encoded. */
export type HeartbeatRequestInput = Encodable<typeof heartbeatRequest>

/** The response, decoded. */
export type HeartbeatResponse = Decoded<typeof heartbeatResponse>
/** The response, to be encoded. */
export type HeartbeatResponseInput = Encodable<typeof heartbeatResponse>
