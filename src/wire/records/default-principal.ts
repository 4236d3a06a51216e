import { bool, string } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** A principal, as an envelope carries it to the controller (KIP-590). */
export const defaultPrincipalData = data('DefaultPrincipalData', '0, flexible 0+', {
  type: string(),
  name: string(),
  tokenAuthenticated: bool(),
})

/** The data, decoded. */
export type DefaultPrincipalData = Decoded<typeof defaultPrincipalData>
/** The data, to be encoded. */
export type DefaultPrincipalDataInput = Encodable<typeof defaultPrincipalData>
