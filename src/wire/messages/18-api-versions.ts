import { array, bool, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks which APIs and versions a broker serves (KIP-35, KIP-511). */
export const apiVersionsRequest = request(18, 'ApiVersionsRequest', '0-4, flexible 3+', {
  clientSoftwareName: string().since(3).ignorable(),
  clientSoftwareVersion: string().since(3).ignorable(),
})

/** The answer to {@link apiVersionsRequest}. */
export const apiVersionsResponse = response(18, 'ApiVersionsResponse', '0-4, flexible 3+', {
  errorCode: int16(),
  apiKeys: array({
    apiKey: int16(),
    minVersion: int16(),
    maxVersion: int16(),
  }),
  throttleTimeMs: int32().since(1).ignorable(),
  supportedFeatures: array({
    name: string(),
    minVersion: int16(),
    maxVersion: int16(),
  })
    .since(3)
    .tagged(0)
    .ignorable(),
  finalizedFeaturesEpoch: int64().since(3).tagged(1).ignorable().default(-1),
  finalizedFeatures: array({
    name: string(),
    maxVersionLevel: int16(),
    minVersionLevel: int16(),
  })
    .since(3)
    .tagged(2)
    .ignorable(),
  zkMigrationReady: bool().since(3).tagged(3).ignorable().default(false),
})

/** The request, decoded. */
export type ApiVersionsRequest = Decoded<typeof apiVersionsRequest>
/** The request, to be encoded. */
export type ApiVersionsRequestInput = Encodable<typeof apiVersionsRequest>

/** The response, decoded. */
export type ApiVersionsResponse = Decoded<typeof apiVersionsResponse>
/** The response, to be encoded. */
export type ApiVersionsResponseInput = Encodable<typeof apiVersionsResponse>
