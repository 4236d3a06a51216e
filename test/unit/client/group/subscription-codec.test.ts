import { describe, expect, test } from 'vitest'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../../src/client/group/subscription-codec.ts'
import { encodeVersioned } from '../../../../src/wire/versioned.ts'
import { consumerProtocolSubscription } from '../../../../src/wire/records/consumer-protocol.ts'

const said = {
  topics: ['a', 'b'],
  userData: Buffer.of(1, 2),
  ownedPartitions: [
    { topic: 'a', partition: 0 },
    { topic: 'b', partition: 3 },
    { topic: 'a', partition: 2 },
  ],
  generationId: 5,
  rackId: 'here',
}

function decoded(metadata: Buffer) {
  return decodeSubscription({ memberId: 'm', groupInstanceId: 'i', metadata })
}

describe('a subscription', () => {
  test('comes back as it was, with the partitions by topic', () => {
    const { ownedPartitions, ...rest } = decoded(encodeSubscription(said))
    expect({ ...rest, ownedPartitions: said.ownedPartitions }).toEqual({
      ...{ ...said, memberId: 'm', groupInstanceId: 'i' },
    })
    expect(ownedPartitions.map(({ topic, partition }) => `${topic}${partition}`)).toEqual(['a0', 'a2', 'b3'])
  })

  test('of the first version says nothing of partitions and generations', () => {
    const metadata = encodeVersioned(consumerProtocolSubscription, 0, { topics: ['a'], userData: null })
    expect(decoded(metadata)).toMatchObject({
      topics: ['a'],
      ownedPartitions: [],
      generationId: -1,
      rackId: null,
    })
  })

  test('of a version to come is read as far as it is known', () => {
    const metadata = Buffer.concat([encodeSubscription(said), Buffer.of(9, 9)])
    metadata.writeInt16BE(4)
    expect(decoded(metadata)).toMatchObject({ topics: ['a', 'b'], generationId: 5 })
  })
})

describe('an assignment', () => {
  test('comes back as it was', () => {
    const partitions = [
      { topic: 'a', partition: 1 },
      { topic: 'b', partition: 0 },
    ]
    const userData = Buffer.of(7)
    expect(decodeAssignment(encodeAssignment({ partitions, userData }))).toEqual({ partitions, userData })
  })

  test('of no bytes is one of nothing', () => {
    expect(decodeAssignment(Buffer.alloc(0))).toEqual({ partitions: [] })
  })
})
