import { array, bytes, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: a classic group: its generation and members. */
export const groupMetadataKey = data('GroupMetadataKey', '2', {
  group: string(),
})

/** A classic group: its generation and members. */
export const groupMetadataValue = data('GroupMetadataValue', '0-4, flexible 4+', {
  protocolType: string(),
  generation: int32(),
  protocol: string().nullable(),
  leader: string().nullable(),
  currentStateTimestamp: int64().since(2).ignorable().default(-1),
  members: array({
    memberId: string(),
    groupInstanceId: string().nullable().since(3).ignorable().default(null),
    clientId: string(),
    clientHost: string(),
    rebalanceTimeout: int32().since(1).ignorable().default(-1),
    sessionTimeout: int32(),
    subscription: bytes(),
    assignment: bytes(),
  }),
})

/** The key, decoded. */
export type GroupMetadataKey = Decoded<typeof groupMetadataKey>
/** The key, to be encoded. */
export type GroupMetadataKeyInput = Encodable<typeof groupMetadataKey>

/** The value, decoded. */
export type GroupMetadataValue = Decoded<typeof groupMetadataValue>
/** The value, to be encoded. */
export type GroupMetadataValueInput = Encodable<typeof groupMetadataValue>
