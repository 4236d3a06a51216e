import { array, bool, int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Starts or cancels the moving of replicas (KIP-455). */
export const alterPartitionReassignmentsRequest = request(
  45,
  'AlterPartitionReassignmentsRequest',
  '0-1, flexible 0+',
  {
    timeoutMs: int32().default(60000),
    allowReplicationFactorChange: bool().since(1).default(true),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        replicas: array(int32()).nullable().default(null),
      }),
    }),
  },
)

/** The answer to {@link alterPartitionReassignmentsRequest}. */
export const alterPartitionReassignmentsResponse = response(
  45,
  'AlterPartitionReassignmentsResponse',
  '0-1, flexible 0+',
  {
    throttleTimeMs: int32(),
    allowReplicationFactorChange: bool().since(1).ignorable().default(true),
    errorCode: int16(),
    errorMessage: string().nullable(),
    responses: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        errorMessage: string().nullable(),
      }),
    }),
  },
)

/** The request, decoded. */
export type AlterPartitionReassignmentsRequest = Decoded<typeof alterPartitionReassignmentsRequest>
/** The request, to be encoded. */
export type AlterPartitionReassignmentsRequestInput = Encodable<typeof alterPartitionReassignmentsRequest>

/** The response, decoded. */
export type AlterPartitionReassignmentsResponse = Decoded<typeof alterPartitionReassignmentsResponse>
/** The response, to be encoded. */
export type AlterPartitionReassignmentsResponseInput = Encodable<typeof alterPartitionReassignmentsResponse>
