import { errorCodes } from '../../wire/error-codes.ts'
import { describeClusterRequest, describeClusterResponse } from '../../wire/messages/60-describe-cluster.ts'
import { authorizedOperations, notAsked } from '../authorized-operations.ts'
import { handler } from '../handler.ts'

/** Brokers have endpoints of one type (KIP-919); controllers that are no brokers are not. */
const brokerEndpoints = 1
const controllerEndpoints = 2

/** The cluster's id, its brokers, and which of them decides for it. */
export const describeCluster = handler(
  { request: describeClusterRequest, response: describeClusterResponse },
  (broker, { endpointType, includeClusterAuthorizedOperations }, { listenerName }) => {
    const { clusterId, controllerId } = broker.view
    if (endpointType !== brokerEndpoints)
      return {
        throttleTimeMs: 0,
        errorCode:
          endpointType === controllerEndpoints
            ? errorCodes.MISMATCHED_ENDPOINT_TYPE
            : errorCodes.UNSUPPORTED_ENDPOINT_TYPE,
        errorMessage: 'this is the endpoint of a broker',
        endpointType: brokerEndpoints,
        clusterId: '',
        brokers: [],
      }
    const brokers = broker
      .nodes(listenerName)
      .map(({ nodeId, ...node }) => ({ brokerId: nodeId, ...node, isFenced: false }))
    return {
      throttleTimeMs: 0,
      errorCode: errorCodes.NONE,
      endpointType: brokerEndpoints,
      clusterId,
      controllerId,
      brokers,
      clusterAuthorizedOperations: includeClusterAuthorizedOperations
        ? authorizedOperations.cluster
        : notAsked,
    }
  },
)
