import { describe, expect, expectTypeOf, test } from 'vitest'
import { WireError } from '../../../src/base/errors.ts'
import { groupMetadataKey } from '../../../src/wire/records/group-metadata.ts'
import {
  type OffsetCommitKey,
  offsetCommitKey,
  offsetCommitValue,
} from '../../../src/wire/records/offset-commit.ts'
import { decodeVersioned, encodeVersioned, versionOf } from '../../../src/wire/versioned.ts'

const key = { group: 'g', topic: 't', partition: 3 }
const keyHex = '000100016700017400000003'

describe('records of the coordinators', () => {
  test('have their version in front', () => {
    const bytes = encodeVersioned(offsetCommitKey, 1, key)
    expect(bytes.toString('hex')).toBe(keyHex)
    expect(versionOf(bytes)).toBe(1)
  })

  test('are told apart by it', () => {
    const found = decodeVersioned([groupMetadataKey, offsetCommitKey], Buffer.from(keyHex, 'hex'))
    expect(found).toEqual({ message: offsetCommitKey, version: 1, value: key })
    const other = decodeVersioned(
      [offsetCommitKey, groupMetadataKey],
      encodeVersioned(groupMetadataKey, 2, { group: 'h' }),
    )
    expect(other).toEqual({ message: groupMetadataKey, version: 2, value: { group: 'h' } })
  })

  test('have a type of their own', () => {
    const found = decodeVersioned([offsetCommitKey], Buffer.from(keyHex, 'hex'))
    expectTypeOf(found.value).toEqualTypeOf<OffsetCommitKey>()
  })

  test('come in several versions', () => {
    const value = { offset: 5, metadata: 'm', commitTimestamp: 9 }
    for (const version of [0, 1, 2, 3, 4]) {
      const found = decodeVersioned([offsetCommitValue], encodeVersioned(offsetCommitValue, version, value))
      expect(found).toMatchObject({ version, value: { ...value, leaderEpoch: -1 } })
    }
  })

  test('are refused by name', () => {
    expect(() => decodeVersioned([offsetCommitKey, groupMetadataKey], Buffer.from('0009', 'hex'))).toThrow(
      new WireError('OffsetCommitKey or GroupMetadataKey', 9, '', 'there is no such version'),
    )
    expect(() => versionOf(Buffer.alloc(1))).toThrow(WireError)
    expect(() => encodeVersioned(offsetCommitKey, 0, key)).toThrow(
      /OffsetCommitKey v0: there is no such version/,
    )
  })
})
