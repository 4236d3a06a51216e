import { array, bool, int16, int32, int64, uuid } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Says to the controller that a broker is alive (KIP-631). */
export const brokerHeartbeatRequest = request(63, 'BrokerHeartbeatRequest', '0-2, flexible 0+', {
  brokerId: int32(),
  brokerEpoch: int64().default(-1),
  currentMetadataOffset: int64(),
  wantFence: bool(),
  wantShutDown: bool(),
  offlineLogDirs: array(uuid()).since(1).tagged(0),
  cordonedLogDirs: array(uuid()).nullable().since(2).tagged(1).default(null),
})

/** The answer to {@link brokerHeartbeatRequest}. */
export const brokerHeartbeatResponse = response(63, 'BrokerHeartbeatResponse', '0-2, flexible 0+', {
  throttleTimeMs: int32(),
  errorCode: int16(),
  isCaughtUp: bool().default(false),
  isFenced: bool().default(true),
  shouldShutDown: bool(),
})

/** The request, decoded. */
export type BrokerHeartbeatRequest = Decoded<typeof brokerHeartbeatRequest>
/** The request, to be encoded. */
export type BrokerHeartbeatRequestInput = Encodable<typeof brokerHeartbeatRequest>

/** The response, decoded. */
export type BrokerHeartbeatResponse = Decoded<typeof brokerHeartbeatResponse>
/** The response, to be encoded. */
export type BrokerHeartbeatResponseInput = Encodable<typeof brokerHeartbeatResponse>
