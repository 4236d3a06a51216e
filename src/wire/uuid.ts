/**
 * A UUID as Kafka prints it: its 16 bytes in base64url without padding, which are 22 characters. Topic ids and
 * directory ids have this form (KIP-516).
 */
export type Uuid = string

/** The UUID of 16 zero bytes, Kafka's `ZERO_UUID`: no id. */
export const zeroUuid: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA'

/** Bytes of a UUID. */
export const uuidBytes = 16
/** Characters of its text. */
export const uuidTextLength = 22
