import { WireError } from '../base/errors.ts'
import type { Decoded, Encodable, Message } from './message.ts'

/**
 * Data behind an int16 that says which version it has: the records of the coordinators, and what members of classic
 * groups send each other. The keys of a coordinator's records all differ in this version: it tells the kinds apart.
 */

const versionBytes = 2

type AnyData = Message<unknown, never>

/** What {@link decodeVersioned} has found: which of the messages, in which version, and its value. */
export type Versioned<M> = M extends AnyData
  ? { readonly message: M; readonly version: number; readonly value: Decoded<M> }
  : never

/**
 * The version in front of `bytes`, whatever follows.
 *
 * @throws WireError if there are not even two bytes
 */
export function versionOf(bytes: Buffer): number {
  if (bytes.length < versionBytes)
    throw new WireError('versioned data', -1, '', `has ${bytes.length} bytes, no version`)
  return bytes.readInt16BE(0)
}

/**
 * `value` behind its version.
 *
 * @throws WireError if there is no such version, or `value` has no form in it
 */
export function encodeVersioned<M extends AnyData>(message: M, version: number, value: Encodable<M>): Buffer {
  const front = Buffer.allocUnsafe(versionBytes)
  front.writeInt16BE(version)
  return Buffer.concat([front, message.at(version).encode(value as never)])
}

/**
 * Decodes `bytes` as the one of `messages` that has the version in front of it. Look at {@link versionOf} first where
 * versions that are not known are to be passed over: Kafka skips records of kinds that it does not know.
 *
 * @throws WireError if none of them has it, or the bytes are no such message
 */
export function decodeVersioned<const M extends AnyData>(
  messages: readonly M[],
  bytes: Buffer,
): Versioned<M> {
  const version = versionOf(bytes)
  const message = messages.find((each) => each.has(version))
  if (message === undefined)
    throw new WireError(
      messages.map(({ name }) => name).join(' or '),
      version,
      '',
      'there is no such version',
    )
  return { message, version, value: message.at(version).decode(bytes, versionBytes) } as Versioned<M>
}
