import { array, bytes, int32, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** What a member of a classic consumer group subscribes to: the metadata in its JoinGroup. */
export const consumerProtocolSubscription = data('ConsumerProtocolSubscription', '0-3', {
  topics: array(string()),
  userData: bytes().nullable().default(null),
  ownedPartitions: array({
    topic: string(),
    partitions: array(int32()),
  })
    .since(1)
    .ignorable(),
  generationId: int32().since(2).ignorable().default(-1),
  rackId: string().nullable().since(3).ignorable().default(null),
})

/** What a member of a classic consumer group is assigned: the bytes in SyncGroup. */
export const consumerProtocolAssignment = data('ConsumerProtocolAssignment', '0-3', {
  assignedPartitions: array({
    topic: string(),
    partitions: array(int32()),
  }),
  userData: bytes().nullable().default(null),
})

/** The data, decoded. */
export type ConsumerProtocolSubscription = Decoded<typeof consumerProtocolSubscription>
/** The data, to be encoded. */
export type ConsumerProtocolSubscriptionInput = Encodable<typeof consumerProtocolSubscription>

/** The data, decoded. */
export type ConsumerProtocolAssignment = Decoded<typeof consumerProtocolAssignment>
/** The data, to be encoded. */
export type ConsumerProtocolAssignmentInput = Encodable<typeof consumerProtocolAssignment>
