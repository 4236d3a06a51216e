import { array, bool, int16, int32, string, uint16, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Registers a controller with the active one (KIP-919). */
export const controllerRegistrationRequest = request(70, 'ControllerRegistrationRequest', '0, flexible 0+', {
  controllerId: int32(),
  incarnationId: uuid(),
  zkMigrationReady: bool(),
  listeners: array({
    name: string(),
    host: string(),
    port: uint16(),
    securityProtocol: int16(),
  }),
  features: array({
    name: string(),
    minSupportedVersion: int16(),
    maxSupportedVersion: int16(),
  }),
})

/** The answer to {@link controllerRegistrationRequest}. */
export const controllerRegistrationResponse = response(
  70,
  'ControllerRegistrationResponse',
  '0, flexible 0+',
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
    errorMessage: string().nullable(),
  },
)

/** The request, decoded. */
export type ControllerRegistrationRequest = Decoded<typeof controllerRegistrationRequest>
/** The request, to be encoded. */
export type ControllerRegistrationRequestInput = Encodable<typeof controllerRegistrationRequest>

/** The response, decoded. */
export type ControllerRegistrationResponse = Decoded<typeof controllerRegistrationResponse>
/** The response, to be encoded. */
export type ControllerRegistrationResponseInput = Encodable<typeof controllerRegistrationResponse>
