import { array, bool, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks for the brokers and the id of the cluster (KIP-700). */
export const describeClusterRequest = request(60, 'DescribeClusterRequest', '0-2, flexible 0+', {
  includeClusterAuthorizedOperations: bool(),
  endpointType: int8().since(1).default(1),
  includeFencedBrokers: bool().since(2),
})

/** The answer to {@link describeClusterRequest}. */
export const describeClusterResponse = response(60, 'DescribeClusterResponse', '0-2, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string().nullable().default(null),
  endpointType: int8().since(1).default(1),
  clusterId: string(),
  controllerId: int32().default(-1),
  brokers: array({
    brokerId: int32(),
    host: string(),
    port: int32(),
    rack: string().nullable().default(null),
    isFenced: bool().since(2),
  }),
  clusterAuthorizedOperations: int32().default(-2147483648),
})

/** The request, decoded. */
export type DescribeClusterRequest = Decoded<typeof describeClusterRequest>
/** The request, to be encoded. */
export type DescribeClusterRequestInput = Encodable<typeof describeClusterRequest>

/** The response, decoded. */
export type DescribeClusterResponse = Decoded<typeof describeClusterResponse>
/** The response, to be encoded. */
export type DescribeClusterResponseInput = Encodable<typeof describeClusterResponse>
