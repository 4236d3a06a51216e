import { array, bool, int16, int32, int8, string, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks which client metrics a broker wants (KIP-714). */
export const getTelemetrySubscriptionsRequest = request(
  71,
  'GetTelemetrySubscriptionsRequest',
  '0, flexible 0+',
  {
    clientInstanceId: uuid(),
  },
)

/** The answer to {@link getTelemetrySubscriptionsRequest}. */
export const getTelemetrySubscriptionsResponse = response(
  71,
  'GetTelemetrySubscriptionsResponse',
  '0, flexible 0+',
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
    clientInstanceId: uuid(),
    subscriptionId: int32(),
    acceptedCompressionTypes: array(int8()),
    pushIntervalMs: int32(),
    telemetryMaxBytes: int32(),
    deltaTemporality: bool(),
    requestedMetrics: array(string()),
  },
)

/** The request, decoded. */
export type GetTelemetrySubscriptionsRequest = Decoded<typeof getTelemetrySubscriptionsRequest>
/** The request, to be encoded. */
export type GetTelemetrySubscriptionsRequestInput = Encodable<typeof getTelemetrySubscriptionsRequest>

/** The response, decoded. */
export type GetTelemetrySubscriptionsResponse = Decoded<typeof getTelemetrySubscriptionsResponse>
/** The response, to be encoded. */
export type GetTelemetrySubscriptionsResponseInput = Encodable<typeof getTelemetrySubscriptionsResponse>
