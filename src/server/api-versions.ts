import type { ApiVersionRange } from '../wire/api-keys.ts'
import { errorCodes } from '../wire/error-codes.ts'
import { produceRequest } from '../wire/messages/00-produce.ts'
import {
  type ApiVersionsRequest,
  type ApiVersionsResponseInput,
  apiVersionsRequest,
  apiVersionsResponse,
} from '../wire/messages/18-api-versions.ts'
import { type AnyApiHandler, apiHandler, type RequestContext } from './api-handler.ts'

/** The features of the cluster, as the ApiVersions response has them (KIP-584). */
export type ClusterFeatures = Pick<
  ApiVersionsResponseInput,
  'supportedFeatures' | 'finalizedFeatures' | 'finalizedFeaturesEpoch'
>

/** What KIP-511 allows as the name and version of a client's software. */
const softwareWord = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?$/

/** Answers ApiVersions with what is served, and notes what the client says about itself. `features` is asked each time. */
export function apiVersionsHandler(
  served: () => readonly ApiVersionRange[],
  features: () => ClusterFeatures = () => ({}),
): readonly [number, AnyApiHandler] {
  return apiHandler(apiVersionsRequest, apiVersionsResponse, {
    handle: (request, context) =>
      introduce(request, context)
        ? { errorCode: 0, apiKeys: served().map(asTold), ...features() }
        : { errorCode: errorCodes.INVALID_REQUEST, apiKeys: [] },
  })
}

/**
 * Produce is told from version 0 on, although those before the first that is known are refused: as Kafka since 4.0
 * (KAFKA-18659), for librdkafka takes a missing version 0 to mean that the broker knows neither gzip, snappy nor lz4,
 * and sends everything uncompressed.
 */
function asTold(range: ApiVersionRange): ApiVersionRange {
  return range.apiKey === produceRequest.apiKey ? { ...range, minVersion: 0 } : range
}

/** False when the client's name for itself is not one. Before version 3 it gave none. */
function introduce(request: ApiVersionsRequest, { apiVersion, connection }: RequestContext): boolean {
  if (apiVersion < 3) return true
  const { clientSoftwareName, clientSoftwareVersion } = request
  if (!softwareWord.test(clientSoftwareName) || !softwareWord.test(clientSoftwareVersion)) return false
  connection.clientSoftwareName = clientSoftwareName
  connection.clientSoftwareVersion = clientSoftwareVersion
  return true
}

/**
 * The body for a client whose ApiVersions is newer than ours, in version 0, which all clients understand: it learns
 * from the one row which version to ask with (KIP-511).
 */
export function unsupportedApiVersions(served: readonly ApiVersionRange[]): Buffer {
  const apiKeys = served.filter(({ apiKey }) => apiKey === apiVersionsRequest.apiKey)
  return apiVersionsResponse.at(0).encode({ errorCode: errorCodes.UNSUPPORTED_VERSION, apiKeys })
}
