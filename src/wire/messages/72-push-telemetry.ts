import { bool, bytes, int16, int32, int8, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Brings client metrics to a broker (KIP-714). */
export const pushTelemetryRequest = request(72, 'PushTelemetryRequest', '0, flexible 0+', {
  clientInstanceId: uuid(),
  subscriptionId: int32(),
  terminating: bool(),
  compressionType: int8(),
  metrics: bytes(),
})

/** The answer to {@link pushTelemetryRequest}. */
export const pushTelemetryResponse = response(72, 'PushTelemetryResponse', '0, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
})

/** The request, decoded. */
export type PushTelemetryRequest = Decoded<typeof pushTelemetryRequest>
/** The request, to be encoded. */
export type PushTelemetryRequestInput = Encodable<typeof pushTelemetryRequest>

/** The response, decoded. */
export type PushTelemetryResponse = Decoded<typeof pushTelemetryResponse>
/** The response, to be encoded. */
export type PushTelemetryResponseInput = Encodable<typeof pushTelemetryResponse>
