/**
 * What decoded values take on the heap, as V8 lays them out with words of 8 bytes. A frame is refused when its value would
 * take too much: in a frame a struct can be two bytes, and is an object of forty once it is decoded.
 */

/**
 * What a value may take of the heap for each byte that it takes in its frame. The densest that clients have reason to send
 * stay below: a topic of one partition and of a name of five letters, in the response to OffsetCommit, takes 176 bytes for 15.
 */
const expansionMax = 12
/** What any value may take besides. It is more than a few thousand topics with names of two letters need. */
const spareBytes = 512 * 1024

/** The most that the value of a frame of `frameBytes` may take. */
export function heapBytesMax(frameBytes: number): number {
  return expansionMax * frameBytes + spareBytes
}

const wordBytes = 8
/** An object's map, its properties and its elements. */
const objectBytes = 3 * wordBytes
/** Fields that an object holds in itself; those beyond are in an array beside it, which grows by three. */
const inObjectCountMax = 10

/** An object of `fieldCount` fields, without what they refer to. */
export function structBytes(fieldCount: number): number {
  const besideCount = Math.max(0, fieldCount - inObjectCountMax)
  const besideBytes = besideCount === 0 ? 0 : 2 * wordBytes + 3 * wordBytes * Math.ceil(besideCount / 3)
  return objectBytes + wordBytes * Math.min(fieldCount, inObjectCountMax) + besideBytes
}

/** An array without elements: an object with a length, and the head of what its elements are in. */
export const arrayBytes = objectBytes + 3 * wordBytes
/** The room for a value in an array, or in an object. */
export const slotBytes = wordBytes
/** A number that is no integer of 32 bits: those are in the slot itself. */
export const numberBytes = 2 * wordBytes

/** What `value` takes besides its slot. */
export function bytesOfNumber(value: number): number {
  return (value | 0) === value ? 0 : numberBytes
}

/** A slice: a view of the frame. */
export const sliceBytes = 12 * wordBytes

/** Text of `length` characters, each of `charBytes`. Single characters are shared by all. */
export function textBytes(length: number, charBytes: 1 | 2): number {
  return length <= 1 ? 0 : 2 * wordBytes + wordBytes * Math.ceil((length * charBytes) / wordBytes)
}
