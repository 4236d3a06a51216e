import { compressionId } from '../../../../src/batch/compression.ts'
import {
  attributesPosition,
  baseTimestampPosition,
  batchLengthPosition,
  controlBit,
  crcPosition,
  lastOffsetDeltaPosition,
  logAppendTimeBit,
  magicPosition,
  maxTimestampPosition,
  recordsCountPosition,
  transactionalBit,
} from '../../../../src/batch/format.ts'
import type { Body, Dialogue, TopicName } from '../dialogue.ts'
import { type Scenario, versionsOf } from '../scenario.ts'
import { fetchAll, produceBody, unknownId } from './request-bodies.ts'
import { altered, asZstd, batch, batchOf, thenMs } from './batches.ts'

const requests: Scenario = {
  name: 'produce requests',
  async play(dialogue) {
    const topic = await dialogue.topic('there', { partitions: 2 })
    const ask = (step: string, version: number, body: Body) => dialogue.ask(step, 'Produce', version, body)
    for (const version of versionsOf('Produce')) {
      await ask('one batch', version, produceBody(topic, batchOf(2)))
      await ask('acks of the leader', version, produceBody(topic, batchOf(1), { acks: 1 }))
      await ask('acks that there are not', version, produceBody(topic, batchOf(1), { acks: 2 }))
      const stranger = { name: dialogue.name('nowhere'), topicId: unknownId }
      await ask('unknown topic', version, produceBody(stranger, batchOf(1)))
      await ask('no id', version, produceBody({ name: '' }, batchOf(1)))
      await ask('invalid topic name', version, produceBody({ ...stranger, name: 'a b' }, batchOf(1)))
      await ask('unknown partition', version, produceBody(topic, batchOf(1), { index: 2 }))
      await ask('negative partition', version, produceBody(topic, batchOf(1), { index: -1 }))
      await ask('no bytes', version, produceBody(topic, Buffer.alloc(0)))
      await ask('no topics', version, { ...produceBody(topic, null), topicData: [] })
      const two = [0, 1].map((index) => ({ index, records: batchOf(1) }))
      await ask('two partitions', version, {
        ...produceBody(topic, null),
        topicData: [{ ...topic, partitionData: two }],
      })
      const mixed = [two[0], { index: 7, records: batchOf(1) }]
      await ask('one of two', version, {
        ...produceBody(topic, null),
        topicData: [{ ...topic, partitionData: mixed }],
      })
      await ask('zstd', version, produceBody(topic, asZstd(batchOf(3))))
      await ask('offsets topic', version, produceBody(await offsetsTopic(dialogue), batchOf(1)))
      await ask('transactional id alone', version, produceBody(topic, batchOf(1), { transactionalId: 't' }))
    }
  },
}

/** The id of the topic that only coordinators write to. */
async function offsetsTopic(dialogue: Dialogue): Promise<TopicName> {
  const name = '__consumer_offsets'
  const { topics } = await dialogue.prepare('Metadata', 12, { topics: [{ name }] })
  return { name, topicId: String((topics as readonly Body[])[0]?.['topicId']) }
}

const plain = batchOf(3)
const gzip = batchOf(3, { compression: 'gzip' })
const attribute = (bits: number) => altered(plain, (bytes) => bytes.writeInt16BE(bits, attributesPosition))

/** Batches with which something is wrong, and some with which nothing is that one might think. */
const flawedBatches: Readonly<Record<string, Buffer>> = {
  'wrong checksum': spoiled(plain, (bytes) => bytes.writeInt32BE(1, crcPosition)),
  'magic 3': spoiled(plain, (bytes) => bytes.writeInt8(3, magicPosition)),
  'magic 1': spoiled(plain, (bytes) => bytes.writeInt8(1, magicPosition)),
  'magic -1': spoiled(plain, (bytes) => bytes.writeInt8(-1, magicPosition)),
  'cut short': plain.subarray(0, -1),
  'cut within the header': plain.subarray(0, 40),
  'cut within the length': plain.subarray(0, 10),
  'bytes behind it': Buffer.concat([plain, Buffer.alloc(5)]),
  'two batches': Buffer.concat([plain, plain]),
  'length too small': spoiled(plain, (bytes) => bytes.writeInt32BE(10, batchLengthPosition)),
  'length zero': spoiled(plain, (bytes) => bytes.writeInt32BE(0, batchLengthPosition)),
  'negative length': spoiled(plain, (bytes) => bytes.writeInt32BE(-5, batchLengthPosition)),
  'no records': altered(plain.subarray(0, 61), (bytes) => {
    bytes.writeInt32BE(61 - 12, batchLengthPosition)
    bytes.writeInt32BE(-1, lastOffsetDeltaPosition)
    bytes.writeInt32BE(0, recordsCountPosition)
  }),
  'count too high': altered(plain, (bytes) => bytes.writeInt32BE(4, recordsCountPosition)),
  'count too low': altered(plain, (bytes) => bytes.writeInt32BE(2, recordsCountPosition)),
  'count zero': altered(plain, (bytes) => bytes.writeInt32BE(0, recordsCountPosition)),
  'negative count': altered(plain, (bytes) => bytes.writeInt32BE(-1, recordsCountPosition)),
  'last offset too high': altered(plain, (bytes) => bytes.writeInt32BE(9, lastOffsetDeltaPosition)),
  'last offset too low': altered(plain, (bytes) => bytes.writeInt32BE(0, lastOffsetDeltaPosition)),
  'negative last offset': altered(plain, (bytes) => bytes.writeInt32BE(-1, lastOffsetDeltaPosition)),
  'base offset of its own': batchOf(3, { baseOffset: 77 }),
  'leader epoch of its own': batchOf(3, { partitionLeaderEpoch: 7 }),
  'unknown codec': attribute(5),
  'codec that it is not': attribute(1),
  'gzip and its like': gzip,
  'damaged gzip': altered(gzip, (bytes) => bytes.fill(0xff, 70, 80)),
  'gzip with too high a count': altered(gzip, (bytes) => bytes.writeInt32BE(4, recordsCountPosition)),
  'gzip with too low a count': altered(gzip, (bytes) => bytes.writeInt32BE(2, recordsCountPosition)),
  'snappy that is lz4': altered(batchOf(3, { compression: 'lz4' }), (bytes) => {
    bytes.writeInt16BE(compressionId('snappy'), attributesPosition)
  }),
  'append time of its own': attribute(logAppendTimeBit),
  'transactional without a producer': attribute(transactionalBit),
  control: attribute(controlBit),
  'attribute bit 7': attribute(0x80),
  'attribute bit 15': attribute(-0x8000),
  'maximum timestamp too high': altered(plain, (bytes) => {
    bytes.writeBigInt64BE(BigInt(thenMs + 500), maxTimestampPosition)
  }),
  'negative base timestamp': altered(plain, (bytes) => bytes.writeBigInt64BE(-5n, baseTimestampPosition)),
  'timestamp of -1': altered(batchOf(1), (bytes) => {
    for (const position of [baseTimestampPosition, maxTimestampPosition]) bytes.writeBigInt64BE(-1n, position)
  }),
  'timestamp in the far future': batch([{ value: 'x', timestamp: 9_000_000_000_000 }]),
  'record that says it is longer': altered(plain, (bytes) => bytes.writeInt8(126, 61)),
  'record that says it is shorter': altered(plain, (bytes) => bytes.writeInt8(2, 61)),
  'record of negative length': altered(plain, (bytes) => bytes.writeInt8(1, 61)),
  'record with attributes': altered(plain, (bytes) => bytes.writeInt8(1, 62)),
  'first record of offset 1': altered(plain, (bytes) => bytes.writeInt8(2, 64)),
  'first record of offset -1': altered(plain, (bytes) => bytes.writeInt8(1, 64)),
  'key of negative length': altered(plain, (bytes) => bytes.writeInt8(3, 65)),
  'key that says it is longer': altered(plain, (bytes) => bytes.writeInt8(100, 65)),
}

function spoiled(sound: Buffer, spoil: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.from(sound)
  spoil(bytes)
  return bytes
}

/** By the settings that decide about them. */
const topics: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'as it comes': {},
  compacted: { 'cleanup.policy': 'compact' },
  'append time': { 'message.timestamp.type': 'LogAppendTime' },
  recompressed: { 'compression.type': 'lz4' },
  'strict about time': {
    'message.timestamp.before.max.ms': '1000',
    'message.timestamp.after.max.ms': '1000',
  },
}

const batches: Scenario = {
  name: 'produced batches',
  async play(dialogue) {
    for (const [kind, configs] of Object.entries(topics)) {
      // A partition for each, so that what one of the two accepts is nothing to what comes later.
      const partitions = Object.keys(flawedBatches).length
      const topic = await dialogue.topic(kind.replaceAll(' ', '-'), { configs, partitions })
      for (const [index, [flaw, bytes]] of Object.entries(flawedBatches).entries()) {
        await dialogue.ask(`${flaw}, ${kind}`, 'Produce', 13, produceBody(topic, bytes, { index }))
        await dialogue.ask(`fetch ${flaw}, ${kind}`, 'Fetch', 12, fetchAll(topic, index))
      }
    }
  },
}

const sizes: Scenario = {
  name: 'produced sizes',
  async play(dialogue) {
    const topic = await dialogue.topic('small', { configs: { 'max.message.bytes': '200' } })
    const segmented = await dialogue.topic('segmented', {
      configs: { 'segment.bytes': '1048576', 'max.message.bytes': '2000000' },
    })
    const compacted = await dialogue.topic('compacted', { configs: { 'cleanup.policy': 'compact,delete' } })
    const large = batch([{ key: 'k', value: 'x'.repeat(1_100_000) }])
    for (const version of versionsOf('Produce')) {
      await dialogue.ask('too large', 'Produce', version, produceBody(topic, batchOf(20)))
      await dialogue.ask(
        'two, one too large',
        'Produce',
        version,
        produceBody(topic, Buffer.concat([batchOf(1), batchOf(20)])),
      )
      await dialogue.ask(
        'compressed to fit',
        'Produce',
        version,
        produceBody(topic, batchOf(20, { compression: 'gzip' })),
      )
      const keyless = batch([{ key: 'k', value: 'v' }, { value: 'v' }, { key: null, value: 'w' }])
      await dialogue.ask('no key, compacted', 'Produce', version, produceBody(compacted, keyless))
      await dialogue.ask(
        'tombstone, compacted',
        'Produce',
        version,
        produceBody(compacted, batch([{ key: 'k' }])),
      )
    }
    await dialogue.ask('larger than a segment', 'Produce', 13, produceBody(segmented, large))
  },
}

const sequences: Scenario = {
  name: 'produced sequences',
  async play(dialogue) {
    const topic = await dialogue.topic('there', { partitions: 2 })
    const send = async (
      step: string,
      producerId: number,
      producerEpoch: number,
      baseSequence: number,
      { count = 2, index = 0 } = {},
    ) => {
      const bytes = batchOf(count, { producerId, producerEpoch, baseSequence })
      await dialogue.ask(step, 'Produce', 13, produceBody(topic, bytes, { index }))
    }
    await send('unknown producer, from 0', 900, 0, 0)
    await send('the same again', 900, 0, 0)
    await send('next', 900, 0, 2)
    await send('the one before again', 900, 0, 0)
    await send('gap', 900, 0, 9)
    await send('overlap', 900, 0, 3)
    await send('same start, longer', 900, 0, 2, { count: 3 })
    await send('newer epoch, not from 0', 900, 1, 4)
    await send('newer epoch, from 0', 900, 1, 0)
    await send('older epoch', 900, 0, 4)
    for (let index = 1; index <= 6; index++) await send(`going on ${index}`, 900, 1, index * 2)
    await send('six batches ago', 900, 1, 0)
    await send('five batches ago', 900, 1, 4)
    await send('unknown producer, not from 0', 901, 0, 5)
    await send('and then a gap', 901, 0, 9)
    await send('and then from 0', 901, 0, 0)
    await send('sequence without an epoch', 902, -1, 0, { index: 1 })
    await send('epoch without a sequence', 903, 0, -1)
    await send('sequence at its end', 904, 0, 2_147_483_647)
    await send('sequence after its end', 904, 0, 1)
    await send('negative producer', -2, 0, 0)
    const two = [0, 2].map((baseSequence) => batchOf(2, { producerId: 905, producerEpoch: 0, baseSequence }))
    await dialogue.ask('two batches of a producer', 'Produce', 13, produceBody(topic, Buffer.concat(two)))
    const open = batchOf(2, { producerId: 906, producerEpoch: 0, baseSequence: 0, isTransactional: true })
    await dialogue.ask('transaction', 'Produce', 11, produceBody(topic, open, { transactionalId: 't' }))
    await dialogue.ask('transaction without its id', 'Produce', 11, produceBody(topic, open))
    const body = {
      topics: [
        { name: topic.name, partitionIndexes: [0, 2] },
        { name: 'nowhere', partitionIndexes: [0] },
      ],
    }
    await dialogue.ask('producers', 'DescribeProducers', 0, body)
    await dialogue.ask('all', 'Fetch', 12, fetchAll(topic))
  },
}

export const producing: readonly Scenario[] = [requests, batches, sizes, sequences]
