import type { SeededRandom } from '../../src/testing/seeded-random.ts'

/** Sizes and counts that have been too much for somebody: extremes, and what lies beside them. */
const extremes: readonly Buffer[] = [
  '00',
  '01',
  '7f',
  '80',
  'ff',
  'ff7f',
  '7fff',
  '8000',
  'fffe',
  '7fffffff',
  '80000000',
  'ffffffff',
  'fffffffe',
  'ffffffff0f',
  'ffffffffff7f',
  '0020000000000000',
  '7fffffffffffffff',
  '8000000000000000',
].map((hex) => Buffer.from(hex, 'hex'))

const mutations: readonly ((bytes: Buffer, random: SeededRandom, other: Buffer) => Buffer)[] = [
  flipBit,
  replaceByte,
  putExtreme,
  cut,
  removeSome,
  repeatSome,
  splice,
]

/** A copy of `bytes` with one to four things wrong; `other` is a message to take parts from. */
export function mutate(bytes: Buffer, random: SeededRandom, other: Buffer): Buffer {
  let mutant: Buffer = Buffer.from(bytes)
  for (let left = 1 + random.int(4); left > 0; left--) mutant = random.pick(mutations)(mutant, random, other)
  return mutant
}

function flipBit(bytes: Buffer, random: SeededRandom): Buffer {
  if (bytes.length > 0) bytes[random.int(bytes.length)]! ^= 1 << random.int(8)
  return bytes
}

function replaceByte(bytes: Buffer, random: SeededRandom): Buffer {
  if (bytes.length > 0) bytes[random.int(bytes.length)] = random.int(256)
  return bytes
}

function putExtreme(bytes: Buffer, random: SeededRandom): Buffer {
  random.pick(extremes).copy(bytes, random.int(bytes.length + 1))
  return bytes
}

function cut(bytes: Buffer, random: SeededRandom): Buffer {
  return bytes.subarray(0, random.int(bytes.length + 1))
}

function removeSome(bytes: Buffer, random: SeededRandom): Buffer {
  const start = random.int(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + random.int(9))])
}

function repeatSome(bytes: Buffer, random: SeededRandom): Buffer {
  const start = random.int(bytes.length + 1)
  const end = start + random.int(33)
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)])
}

function splice(bytes: Buffer, random: SeededRandom, other: Buffer): Buffer {
  const rest = other.subarray(random.int(other.length + 1))
  return Buffer.concat([bytes.subarray(0, random.int(bytes.length + 1)), rest])
}
