import { int32 } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** The value of the control record that ends a transaction (KIP-98). */
export const endTxnMarker = data('EndTxnMarker', '0', {
  coordinatorEpoch: int32(),
})

/** The data, decoded. */
export type EndTxnMarker = Decoded<typeof endTxnMarker>
/** The data, to be encoded. */
export type EndTxnMarkerInput = Encodable<typeof endTxnMarker>
