import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type DumpLine, readDump } from '../golden/dump.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { parseLines, RunningCommand, succeed, tidemark } from './tidemark.ts'

const kafka = new URL('../../data/golden/kafka-4.0/fixture-0', import.meta.url).pathname

/** By file name, the rows that our dump has of it. */
type Rows = Map<string, Record<string, unknown>[]>

async function dumpJson(...args: string[]): Promise<Rows> {
  const rows: Rows = new Map()
  for (const row of parseLines(await succeed(['log', 'dump', '--json', ...args]))) {
    const name = String(row['file']).split('/').at(-1) ?? ''
    rows.set(name, [...(rows.get(name) ?? []), row])
  }
  return rows
}

describe('a directory that Apache Kafka wrote says what Kafka’s own classes say of it', () => {
  const truth = readDump()
  let rows: Rows

  beforeAll(async () => {
    rows = await dumpJson(kafka)
  })

  const filesOf = (suffix: string) => [...truth].filter(([name]) => name.endsWith(suffix))
  const entriesOf = (name: string) => (rows.get(name) ?? []).filter(({ kind }) => kind !== 'log')

  test.each(filesOf('.log'))('%s', (name, lines) => {
    expect(lines.length).toBeGreaterThan(0)
    expect(entriesOf(name).map(batchSummary)).toEqual(lines.map(dumpedBatchSummary))
  })

  test.each([...filesOf('.index'), ...filesOf('.timeindex'), ...filesOf('.txnindex')])(
    '%s',
    (name, lines) => {
      expect(entriesOf(name).map(numbersOf)).toEqual(lines.map(({ fields }) => numbersOf(fields)))
    },
  )

  test.each(filesOf('.snapshot'))('%s', (name, lines) => {
    expect(lines.length).toBeGreaterThan(0)
    expect(entriesOf(name).map(producerSummary)).toEqual(lines.map(dumpedProducerSummary))
  })

  test('leader epochs and topic id', () => {
    expect(entriesOf('leader-epoch-checkpoint').map(numbersOf)).toEqual([
      { epoch: 0, startOffset: 0 },
      { epoch: 2, startOffset: 818 },
      { epoch: 5, startOffset: 1356 },
    ])
    expect(entriesOf('partition.metadata')).toMatchObject([{ version: 0, topicId: 'AAAAAAAAAAAAAAAAAAAAKg' }])
  })

  test('every record', async () => {
    const text = readFileSync(join(kafka, '../dump-records.txt'), 'utf8')
    const dumped = [...text.matchAll(/rec off=(\d+) ts=(\d+) seq=(-?\d+) k=(\S+) v=(\S+) h=\[(.*)\] size/g)]
    expect(dumped.length).toBe(1764)
    const printed = parseLines(
      await succeed([
        'log',
        'dump',
        '--json',
        '--print-data-log',
        ...filesOf('.log').map(([name]) => join(kafka, name)),
      ]),
    ).filter(({ kind }) => kind === 'record')
    expect(printed.map(recordSummary)).toEqual(
      dumped.map(([, offset, timestamp, sequence, key = '', value = '', headers = '']) => ({
        offset: Number(offset),
        timestamp: Number(timestamp),
        sequence: Number(sequence),
        keySize: dumpedSize(key),
        valueSize: dumpedSize(value),
        headerKeys: [...headers.matchAll(/([^=;]+)=[^;]*;?/g)].map(([, name]) => name),
      })),
    )
  })
})

function batchSummary(row: Record<string, unknown>): unknown {
  const { file: _file, kind, ...fields } = row
  expect(kind).toBe('batch')
  return fields
}

function dumpedBatchSummary({ text, fields }: DumpLine): unknown {
  const number = (name: string) => Number(fields[name])
  const [baseSequence, lastSequence] = (fields['seq'] ?? '').split('..').map(Number)
  return {
    baseOffset: number('base'),
    lastOffset: number('last'),
    partitionLeaderEpoch: number('ple'),
    magic: number('magic'),
    crc: Number.parseInt(fields['crc'] ?? '', 16),
    isvalid: fields['valid'] === 'true',
    compresscodec: fields['codec'],
    isTransactional: fields['txn'] === 'true',
    isControl: fields['ctl'] === 'true',
    producerId: number('pid'),
    producerEpoch: number('epoch'),
    baseSequence,
    lastSequence,
    count: number('count'),
    timestamp: number('maxTs'),
    timestampType: fields['ts'],
    size: number('size'),
    position: Number(/^@(\d+)/.exec(text)?.[1]),
    deleteHorizonMs: null,
  }
}

function numbersOf(fields: Readonly<Record<string, unknown>>): Record<string, number> {
  const pairs = Object.entries(fields).filter(([name]) => name !== 'file' && name !== 'kind')
  return Object.fromEntries(pairs.map(([name, value]) => [name, Number(value)]))
}

function producerSummary(row: Record<string, unknown>): unknown {
  const { file: _file, kind: _kind, lastOffset, offsetDelta, ...fields } = row
  return { ...fields, lastOffset, firstOffset: Number(lastOffset) - Number(offsetDelta) }
}

function dumpedProducerSummary({ text }: DumpLine): unknown {
  const number = (name: string) => Number(new RegExp(`\\b${name}=(-?\\d+)`).exec(text)?.[1])
  expect(text).toContain('currentTxnFirstOffset=OptionalLong.empty')
  return {
    producerId: number('producerId'),
    producerEpoch: number('producerEpoch'),
    coordinatorEpoch: number('coordinatorEpoch'),
    lastTimestamp: number('lastTimestamp'),
    currentTxnFirstOffset: null,
    firstSequence: number('firstSeq'),
    lastSequence: number('lastSeq'),
    firstOffset: number('firstOffset'),
    lastOffset: number('lastOffset'),
    timestamp: number('timestamp'),
  }
}

function recordSummary(row: Record<string, unknown>): unknown {
  const { offset, timestamp, sequence, keySize, valueSize, headerKeys } = row
  return { offset, timestamp, sequence, keySize, valueSize, headerKeys }
}

/** `"text"`, `<93B>`, `0x00ff` or `null`. */
function dumpedSize(value: string): number {
  if (value === 'null') return -1
  const counted = /^<(\d+)B>$/.exec(value)?.[1]
  if (value.startsWith('0x')) return (value.length - 2) / 2
  return counted === undefined ? Buffer.byteLength(value.slice(1, -1)) : Number(counted)
}

/** Legacy messages, a change of leader and a batch with a delete horizon, all as Kafka encodes them. */
const oddBatches = [
  '00000000000000020000001839268c3301000000018bcfe56800000000016b0000000176',
  '0000000000000003000000101fecd70a0000000000016b0000000176',
  '0000000000000004000000540000000902725319f00020000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000014400000008000000023000000000000103000000010000000002000200000001000000',
  '000000000000000a0000004800000004022976260f0040000000020000018bd50bc7e80000018bcfe56805000000000000000700027ffffffe000000021400c5ffb25202026201001600d5ffb2520401047a7a00',
  '000000000000000700000042000000030220de100b0030000000000000018bcfe568640000018bcfe56864000000000000002a0001ffffffff000000012000000008000000000c00000000000900',
].map((hex) => Buffer.from(hex, 'hex'))

/** What DumpLogSegments of Kafka 4.3.1 prints of them with --deep-iteration --print-data-log. */
const oddDump = `Log starting offset: 2
offset: 2 position: 0 CreateTime: 1700000000000 size: 36 magic: 1 compresscodec: none crc: 958827571 isvalid: true
| offset: 2 CreateTime: 1700000000000 keySize: 1 valueSize: 1 isValid: true crc: 958827571 key: k payload: v
offset: 3 position: 36 NoTimestampType: -1 size: 28 magic: 0 compresscodec: none crc: 535615242 isvalid: true
| offset: 3 NoTimestampType: -1 keySize: 1 valueSize: 1 isValid: true crc: 535615242 key: k payload: v
baseOffset: 4 lastOffset: 4 count: 1 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 partitionLeaderEpoch: 9 isTransactional: false isControl: true deleteHorizonMs: OptionalLong.empty position: 64 CreateTime: 1700000000000 size: 96 magic: 2 compresscodec: none crc: 1918048752 isvalid: true
| offset: 4 CreateTime: 1700000000000 keySize: 4 valueSize: 24 sequence: -1 headerKeys: [] LeaderChange: {"version":0,"leaderId":1,"voters":[{"voterId":1},{"voterId":2}],"grantingVoters":[{"voterId":1}]}
baseOffset: 10 lastOffset: 12 count: 2 baseSequence: 2147483646 lastSequence: 0 producerId: 7 producerEpoch: 2 partitionLeaderEpoch: 4 isTransactional: false isControl: false deleteHorizonMs: OptionalLong[1700086401000] position: 160 CreateTime: 1700000000005 size: 84 magic: 2 compresscodec: none crc: 695608847 isvalid: true
| offset: 11 CreateTime: 1700000000005 keySize: 1 valueSize: -1 sequence: 2147483647 headerKeys: [] key: b
| offset: 12 CreateTime: 1699999999997 keySize: -1 valueSize: 2 sequence: 0 headerKeys: [] payload: zz
`

describe('text', () => {
  let path: string

  beforeAll(() => {
    path = join(temporaryDirectory(), '00000000000000000002.log')
    writeFileSync(path, Buffer.concat(oddBatches.slice(0, 4)))
  })

  test('is what DumpLogSegments prints', async () => {
    expect(await succeed(['log', 'dump', '--print-data-log', path])).toBe(`Dumping ${path}\n${oddDump}`)
  })

  test('without records, and without their content', async () => {
    const lines = oddDump.split('\n')
    const batches = lines.filter((line) => !line.startsWith('|')).join('\n')
    expect(await succeed(['log', 'dump', path])).toBe(`Dumping ${path}\n${batches}`)
    const records = lines.map((line) => line.replace(/( key: \w+)?( payload: \w+)?$/, '')).join('\n')
    expect(await succeed(['log', 'dump', '--records', path])).toBe(`Dumping ${path}\n${records}`)
  })

  test('of a transaction marker, an index and a snapshot', async () => {
    const marker = join(temporaryDirectory(), '00000000000000000007.log')
    writeFileSync(marker, oddBatches[4] ?? '')
    expect(await succeed(['log', 'dump', '--records', marker])).toContain(
      '\n| offset: 7 CreateTime: 1700000000100 keySize: 4 valueSize: 6 sequence: -1 headerKeys: [] endTxnMarker: ABORT coordinatorEpoch: 9\n',
    )
    const names = [
      '00000000000000001627.index',
      '00000000000000000565.txnindex',
      '00000000000000000565.snapshot',
    ]
    const printed = await succeed(['log', 'dump', ...names.map((name) => join(kafka, name))])
    expect(printed).toContain('00000000000000001627.index\noffset: 1677 position: 5531\n')
    expect(printed).toContain(
      '\nversion: 0 producerId: 2000 firstOffset: 740 lastOffset: 792 lastStableOffset: 793\n',
    )
    expect(printed).toContain(
      '\nproducerId: 1000 producerEpoch: 0 coordinatorEpoch: -1 currentTxnFirstOffset: OptionalLong.empty lastTimestamp: 1700000078009 firstSequence: 149 lastSequence: 152 lastOffset: 557 offsetDelta: 3 timestamp: 1700000078009\n',
    )
  })
})

describe('damage', () => {
  test('in a batch: it is shown as far as it can be, and the ones behind it too', async () => {
    const path = join(temporaryDirectory(), '00000000000000000002.log')
    const bytes = Buffer.concat([...oddBatches, oddBatches[4]?.subarray(0, 30) ?? Buffer.alloc(0)])
    // In the value of the last record of the fourth batch.
    bytes[160 + 82] = 0x79
    writeFileSync(path, bytes)
    const { exitCode, stdout } = await tidemark(['log', 'dump', '--print-data-log', path])
    expect(exitCode).toBe(1)
    expect(stdout).toContain(
      'crc: 695608847 isvalid: false\nDamaged at byte 160: its checksum is 2976260f, but',
    )
    expect(stdout).toContain('payload: zy\nbaseOffset: 7 ')
    expect(stdout).toMatch(/Damaged at byte 322: 30 bytes at the end of the file are no whole batch\n$/)
  })

  test('in an index', async () => {
    const path = join(temporaryDirectory(), '00000000000000000000.index')
    writeFileSync(path, Buffer.alloc(12, 1))
    const { exitCode, stdout } = await tidemark(['log', 'dump', path])
    expect({ exitCode, stdout }).toEqual({
      exitCode: 1,
      stdout: `Dumping ${path}\nDamaged: its 12 bytes are no multiple of 8\n`,
    })
  })
})

test.each([
  ['/does/not/exist', 1, 'there is no file or directory /does/not/exist'],
  [import.meta.dirname, 1, 'holds no segment files'],
  [import.meta.filename, 2, 'has no name that Kafka gives to its files'],
])('%s cannot be dumped', async (path, code, reason) => {
  const { exitCode, stderr } = await tidemark(['log', 'dump', path])
  expect(exitCode).toBe(code)
  expect(stderr).toContain(reason)
})

test('a pipe that closes early is no failure', async () => {
  const dump = new RunningCommand(['log', 'dump', '--print-data-log', kafka])
  await dump.nextLine()
  dump.stdout.destroy()
  const { exitCode, stderr } = await dump.finished()
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
})
