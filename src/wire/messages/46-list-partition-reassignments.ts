import { array, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for replicas on the move (KIP-455). */
export const listPartitionReassignmentsRequest = request(
  46,
  'ListPartitionReassignmentsRequest',
  '0, flexible 0+',
  {
    timeoutMs: int32().default(60000),
    topics: array({
      name: string(),
      partitionIndexes: array(int32()),
    })
      .nullable()
      .default(null),
  },
)

/** The answer to {@link listPartitionReassignmentsRequest}. */
export const listPartitionReassignmentsResponse = response(
  46,
  'ListPartitionReassignmentsResponse',
  '0, flexible 0+',
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string().nullable(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        replicas: array(int32()),
        addingReplicas: array(int32()),
        removingReplicas: array(int32()),
      }),
    }),
  },
)

/** The request, decoded. */
export type ListPartitionReassignmentsRequest = Decoded<typeof listPartitionReassignmentsRequest>
/** The request, to be encoded. */
export type ListPartitionReassignmentsRequestInput = Encodable<typeof listPartitionReassignmentsRequest>

/** The response, decoded. */
export type ListPartitionReassignmentsResponse = Decoded<typeof listPartitionReassignmentsResponse>
/** The response, to be encoded. */
export type ListPartitionReassignmentsResponseInput = Encodable<typeof listPartitionReassignmentsResponse>
