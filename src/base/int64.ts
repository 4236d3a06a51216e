import { InvalidRecordError } from './errors.ts'

/**
 * Signed 64-bit big-endian integers as `number`. Offsets, timestamps and producer ids stay below 2^53 in any real
 * log, and a `number` costs no allocation where a BigInt would. What does not fit is refused by its name: it is never rounded.
 */

const wordRange = 0x1_0000_0000
/** Upper words from here on up, or below its negative, belong to integers that a `number` cannot hold exactly. */
const safeUpperWord = 0x20_0000

/**
 * Reads the int64 at `position`.
 *
 * @throws InvalidRecordError naming the field when its value is beyond 2^53
 */
export function readInt64(buffer: Buffer, position: number, name: string): number {
  const upper = buffer.readInt32BE(position)
  if (upper >= safeUpperWord || upper < -safeUpperWord) refuseUnsafe(buffer, position, name)
  return upper * wordRange + buffer.readUInt32BE(position + 4)
}

/** Whether the int64 at `position` fits a `number` exactly, so that {@link readInt64} can read it. */
export function isSafeInt64(buffer: Buffer, position: number): boolean {
  const upper = buffer.readInt32BE(position)
  return upper < safeUpperWord && upper >= -safeUpperWord
}

/**
 * Writes `value` as an int64 at `position`.
 *
 * @throws RangeError naming the field unless `value` is a safe integer
 */
export function writeInt64(buffer: Buffer, value: number, position: number, name: string): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${name} must be a safe integer, got ${value}`)
  buffer.writeInt32BE(Math.floor(value / wordRange), position)
  // The shift takes the value modulo 2^32, which is the lower word of the two's complement for negatives too.
  buffer.writeUInt32BE(value >>> 0, position + 4)
}

function refuseUnsafe(buffer: Buffer, position: number, name: string): never {
  const value = buffer.readBigInt64BE(position)
  throw new InvalidRecordError(`${name} is ${value}, beyond the 2^53 that this library can represent`)
}
