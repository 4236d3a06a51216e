import { array, bool, bytes, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Joins a classic consumer group, and waits for the others of its generation. */
export const joinGroupRequest = request(11, 'JoinGroupRequest', '0-9, flexible 6+', {
  groupId: string(),
  sessionTimeoutMs: int32(),
  rebalanceTimeoutMs: int32().since(1).ignorable().default(-1),
  memberId: string(),
  groupInstanceId: string().nullable().since(5).default(null),
  protocolType: string(),
  protocols: array({
    name: string(),
    metadata: bytes(),
  }),
  reason: string().nullable().since(8).ignorable().default(null),
})

/** The answer to {@link joinGroupRequest}. */
export const joinGroupResponse = response(11, 'JoinGroupResponse', '0-9, flexible 6+', {
  throttleTimeMs: int32().since(2).ignorable(),
  errorCode: int16(),
  generationId: int32().default(-1),
  protocolType: string().nullable().since(7).ignorable().default(null),
  protocolName: string().nullable(7),
  leader: string(),
  skipAssignment: bool().since(9).default(false),
  memberId: string(),
  members: array({
    memberId: string(),
    groupInstanceId: string().nullable().since(5).ignorable().default(null),
    metadata: bytes(),
  }),
})

/** The request, decoded. */
export type JoinGroupRequest = Decoded<typeof joinGroupRequest>
/** The request, to be encoded. */
export type JoinGroupRequestInput = Encodable<typeof joinGroupRequest>

/** The response, decoded. */
export type JoinGroupResponse = Decoded<typeof joinGroupResponse>
/** The response, to be encoded. */
export type JoinGroupResponseInput = Encodable<typeof joinGroupResponse>
