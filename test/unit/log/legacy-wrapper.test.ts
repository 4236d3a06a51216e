import { randomBytes } from 'node:crypto'
import crc32 from 'crc-32'
import { expect, test } from 'vitest'
import { compress } from '../../../src/batch/compression.ts'
import { offsetsIn, open, putFile, stillWorld } from './log-setup.ts'

/** A message of the format 1, written by hand: nothing in the library can. */
function messageOf(offset: number, value: Buffer, attributes = 0): Buffer {
  const head = Buffer.alloc(18)
  head.writeInt8(1, 0)
  head.writeInt8(attributes, 1)
  head.writeInt32BE(-1, 10)
  head.writeInt32BE(value.length, 14)
  const content = Buffer.concat([head, value])
  const frame = Buffer.alloc(16)
  frame.writeBigInt64BE(BigInt(offset))
  frame.writeInt32BE(content.length + 4, 8)
  frame.writeInt32BE(crc32.buf(content), 12)
  return Buffer.concat([frame, content])
}

const gzip = 1

/** Two messages in a wrapper that is larger than what a walk over headers reads at once. */
function wrapperEndingWith(lastOffset: number): Buffer {
  const inner = [0, 1].map((offset) => messageOf(offset, randomBytes(12_000)))
  return messageOf(lastOffset, compress('gzip', Buffer.concat(inner), undefined), gzip)
}

const log0 = '00000000000000000000.log'

test('large wrappers of an old format are read, looked up and cut', async () => {
  const { env } = stillWorld()
  putFile(env, log0, Buffer.concat([1, 3, 5].map(wrapperEndingWith)))
  const log = await open({ env, reserveBytes: 0 })
  expect(await offsetsIn(log)).toEqual([0, 1, 2, 3, 4, 5])
  for (const offset of [0, 1, 2, 3, 4, 5]) expect(log.get(offset)?.offset).toBe(offset)
  await log.truncate(5)
  expect(log.endOffset).toBe(4)
})
