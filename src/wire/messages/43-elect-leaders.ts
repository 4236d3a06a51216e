import { array, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Elects leaders of partitions, preferred or unclean (KIP-183, KIP-460). */
export const electLeadersRequest = request(43, 'ElectLeadersRequest', '0-2, flexible 2+', {
  electionType: int8().since(1),
  topicPartitions: array({
    topic: string(),
    partitions: array(int32()),
  }).nullable(),
  timeoutMs: int32().default(60000),
})

/** The answer to {@link electLeadersRequest}. */
export const electLeadersResponse = response(43, 'ElectLeadersResponse', '0-2, flexible 2+', {
  throttleTimeMs: int32(),
  errorCode: int16().since(1),
  replicaElectionResults: array({
    topic: string(),
    partitionResult: array({
      partitionId: int32(),
      errorCode: int16(),
      errorMessage: string().nullable(),
    }),
  }),
})

/** The request, decoded. */
export type ElectLeadersRequest = Decoded<typeof electLeadersRequest>
/** The request, to be encoded. */
export type ElectLeadersRequestInput = Encodable<typeof electLeadersRequest>

/** The response, decoded. */
export type ElectLeadersResponse = Decoded<typeof electLeadersResponse>
/** The response, to be encoded. */
export type ElectLeadersResponseInput = Encodable<typeof electLeadersResponse>
