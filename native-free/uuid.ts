import { MalformedInputError } from './errors.ts'

/** 128 bits are 21 full base64 digits and one that carries the last two bits: only `A`, `Q`, `g` and `w` leave no bit over. */
const CANONICAL = /^[\w-]{21}[AQgw]$/

/**
 * The text of a 16-byte identifier as `org.apache.kafka.common.Uuid` prints it (topic and cluster ids): base64
 * with the URL alphabet and no padding, 22 characters.
 */
export function uuidToBase64Url(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw new RangeError(`an id takes 16 bytes, got ${bytes.length}`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('base64url')
}

/**
 * The 16 bytes behind the text of an identifier. Each id has one text: padding, other alphabets and spare bits
 * are refused with {@link MalformedInputError}.
 */
export function uuidFromBase64Url(text: string): Buffer {
  if (!CANONICAL.test(text)) {
    throw new MalformedInputError(
      `${JSON.stringify(text)} is not an id of 16 bytes in URL-safe base64 (22 characters)`,
    )
  }
  return Buffer.from(text, 'base64url')
}
