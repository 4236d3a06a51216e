import { array, int32, string, struct } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the tasks that a member of a streams group is to have (KIP-1071). */
export const streamsGroupTargetAssignmentMemberKey = data('StreamsGroupTargetAssignmentMemberKey', '21', {
  groupId: string(),
  memberId: string(),
})

const taskIds = struct({
  subtopologyId: string(),
  partitions: array(int32()),
})

/** The tasks that a member of a streams group is to have (KIP-1071). */
export const streamsGroupTargetAssignmentMemberValue = data(
  'StreamsGroupTargetAssignmentMemberValue',
  '0, flexible 0+',
  {
    activeTasks: array(taskIds),
    standbyTasks: array(taskIds),
    warmupTasks: array(taskIds),
  },
)

/** The key, decoded. */
export type StreamsGroupTargetAssignmentMemberKey = Decoded<typeof streamsGroupTargetAssignmentMemberKey>
/** The key, to be encoded. */
export type StreamsGroupTargetAssignmentMemberKeyInput = Encodable<
  typeof streamsGroupTargetAssignmentMemberKey
>

/** The value, decoded. */
export type StreamsGroupTargetAssignmentMemberValue = Decoded<typeof streamsGroupTargetAssignmentMemberValue>
/** The value, to be encoded. */
export type StreamsGroupTargetAssignmentMemberValueInput = Encodable<
  typeof streamsGroupTargetAssignmentMemberValue
>
