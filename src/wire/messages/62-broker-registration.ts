import { array, bool, int16, int32, int64, string, uint16, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Registers a broker with the controller (KIP-631). */
export const brokerRegistrationRequest = request(62, 'BrokerRegistrationRequest', '0-4, flexible 0+', {
  brokerId: int32(),
  clusterId: string(),
  incarnationId: uuid(),
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
  rack: string().nullable(),
  isMigratingZkBroker: bool().since(1).default(false),
  logDirs: array(uuid()).since(2).ignorable(),
  previousBrokerEpoch: int64().since(3).ignorable().default(-1),
})

/** The answer to {@link brokerRegistrationRequest}. */
export const brokerRegistrationResponse = response(62, 'BrokerRegistrationResponse', '0-4, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  brokerEpoch: int64().default(-1),
})

/** The request, decoded. */
export type BrokerRegistrationRequest = Decoded<typeof brokerRegistrationRequest>
/** The request, to be encoded. */
export type BrokerRegistrationRequestInput = Encodable<typeof brokerRegistrationRequest>

/** The response, decoded. */
export type BrokerRegistrationResponse = Decoded<typeof brokerRegistrationResponse>
/** The response, to be encoded. */
export type BrokerRegistrationResponseInput = Encodable<typeof brokerRegistrationResponse>
