import { array, int32, int8, string, struct } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the tasks that a member of a streams group has now (KIP-1071). */
export const streamsGroupCurrentMemberAssignmentKey = data('StreamsGroupCurrentMemberAssignmentKey', '22', {
  groupId: string(),
  memberId: string(),
})

const taskIds = struct({
  subtopologyId: string(),
  partitions: array(int32()),
  assignmentEpochs: array(int32()).nullable().tagged(0),
})

/** The tasks that a member of a streams group has now (KIP-1071). */
export const streamsGroupCurrentMemberAssignmentValue = data(
  'StreamsGroupCurrentMemberAssignmentValue',
  '0, flexible 0+',
  {
    memberEpoch: int32(),
    previousMemberEpoch: int32(),
    state: int8(),
    activeTasks: array(taskIds),
    standbyTasks: array(taskIds),
    warmupTasks: array(taskIds),
    activeTasksPendingRevocation: array(taskIds),
    standbyTasksPendingRevocation: array(taskIds),
    warmupTasksPendingRevocation: array(taskIds),
  },
)

/** The key, decoded. */
export type StreamsGroupCurrentMemberAssignmentKey = Decoded<typeof streamsGroupCurrentMemberAssignmentKey>
/** The key, to be encoded. */
export type StreamsGroupCurrentMemberAssignmentKeyInput = Encodable<
  typeof streamsGroupCurrentMemberAssignmentKey
>

/** The value, decoded. */
export type StreamsGroupCurrentMemberAssignmentValue = Decoded<
  typeof streamsGroupCurrentMemberAssignmentValue
>
/** The value, to be encoded. */
export type StreamsGroupCurrentMemberAssignmentValueInput = Encodable<
  typeof streamsGroupCurrentMemberAssignmentValue
>
