import { array, bool, int16, int32, int8, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Changes the finalized feature levels of the cluster (KIP-584). */
export const updateFeaturesRequest = request(57, 'UpdateFeaturesRequest', '0-2, flexible 0+', {
  timeoutMs: int32().default(60000),
  featureUpdates: array({
    feature: string(),
    maxVersionLevel: int16(),
    allowDowngrade: bool().until(0),
    upgradeType: int8().since(1).default(1),
  }),
  validateOnly: bool().since(1).default(false),
})

/** The answer to {@link updateFeaturesRequest}. */
export const updateFeaturesResponse = response(57, 'UpdateFeaturesResponse', '0-2, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string().nullable(),
  results: array({
    feature: string(),
    errorCode: int16(),
    errorMessage: string().nullable(),
  })
    .until(1)
    .ignorable(),
})

/** The request, decoded. */
export type UpdateFeaturesRequest = Decoded<typeof updateFeaturesRequest>
/** The request, to be encoded. */
export type UpdateFeaturesRequestInput = Encodable<typeof updateFeaturesRequest>

/** The response, decoded. */
export type UpdateFeaturesResponse = Decoded<typeof updateFeaturesResponse>
/** The response, to be encoded. */
export type UpdateFeaturesResponseInput = Encodable<typeof updateFeaturesResponse>
