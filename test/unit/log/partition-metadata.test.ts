import { describe, expect, test } from 'vitest'
import { decodePartitionMetadata, encodePartitionMetadata } from '../../../src/log/partition-metadata.ts'

const topicId = Buffer.from('000102030405060708090a0b0c0d0eff', 'hex')

test('writes two lines without a newline at the end', () => {
  expect(encodePartitionMetadata(topicId)).toBe('version: 0\ntopic_id: AAECAwQFBgcICQoLDA0O_w')
})

test('reads what it wrote', () => {
  expect(decodePartitionMetadata(encodePartitionMetadata(topicId))).toEqual({ value: topicId })
  expect(decodePartitionMetadata('version:0\r\ntopic_id : AAECAwQFBgcICQoLDA0O_w\n')).toEqual({
    value: topicId,
  })
})

test('an id of zeros is not written', () => {
  expect(() => encodePartitionMetadata(Buffer.alloc(16))).toThrow(RangeError)
  expect(() => encodePartitionMetadata(Buffer.alloc(15, 1))).toThrow(RangeError)
})

describe('refuses', () => {
  test.each([
    ['', 'does not hold'],
    ['version: 0\n', 'does not hold'],
    ['version: 1\ntopic_id: AAECAwQFBgcICQoLDA0O_w', 'its version is 1'],
    ['version: 0\ntopic_id: AAECAwQFBgcICQoLDA0O', 'is not 16 bytes'],
    ['version: 0\ntopic_id: AAECAwQFBgcICQoLDA0O_x', 'is not 16 bytes'],
    ['version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA', 'is zero'],
    ['version: 0\ntopic_id: AAECAwQFBgcICQoLDA0O_w\nmore', 'does not hold'],
  ])('%j', (text, fault) => expect(decodePartitionMetadata(text).fault).toContain(fault))
})
