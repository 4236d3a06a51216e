import { int16, int32, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Removes the registration of a broker (KIP-631). */
export const unregisterBrokerRequest = request(64, 'UnregisterBrokerRequest', '0, flexible 0+', {
  brokerId: int32(),
})

/** The answer to {@link unregisterBrokerRequest}. */
export const unregisterBrokerResponse = response(64, 'UnregisterBrokerResponse', '0, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string().nullable(),
})

/** The request, decoded. */
export type UnregisterBrokerRequest = Decoded<typeof unregisterBrokerRequest>
/** The request, to be encoded. */
export type UnregisterBrokerRequestInput = Encodable<typeof unregisterBrokerRequest>

/** The response, decoded. */
export type UnregisterBrokerResponse = Decoded<typeof unregisterBrokerResponse>
/** The response, to be encoded. */
export type UnregisterBrokerResponseInput = Encodable<typeof unregisterBrokerResponse>
