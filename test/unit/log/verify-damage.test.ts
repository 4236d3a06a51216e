import { describe, expect, test } from 'vitest'
import { crc32c } from '../../../native-free/crc32c.ts'
import { encodeCheckpoint } from '../../../src/log/checkpoint-file.ts'
import { verifyDirectory } from '../../../src/log/verify-directory.ts'
import { directory } from './log-setup.ts'
import {
  badFiles,
  damaged,
  type Files,
  flipped,
  kafkaFiles,
  nameOf,
  positionsIn,
  sampleLog,
  verify,
  worldOf,
} from './verify-setup.ts'

const kafka = kafkaFiles()
const sample = await sampleLog('closed')

const zeros = Buffer.alloc(4096)
const behind = (tail: Buffer) => (bytes: Buffer) => Buffer.concat([bytes, tail])
const shorterBy = (count: number) => (bytes: Buffer) => bytes.subarray(0, bytes.length - count)
const none = () => undefined

async function verdictOf(files: Files): Promise<{ ok: boolean; endOffset: number; bad: string }> {
  const report = await verify(worldOf(files))
  return { ok: report.ok, endOffset: report.endOffset, bad: badFiles(report).join('\n') }
}

/*
 * Apache Kafka's loader, tried on damaged copies of its own directory (data/golden/kafka-4.0/recovery-experiments.txt),
 * lets much of this through. `silent` in a name says so.
 */
describe('damage at the end of a log', () => {
  test.each([
    ['a torn tail of 40 bytes', behind(kafka.get(nameOf(0, '.log'))?.subarray(0, 40) as Buffer)],
    ['4096 zeros behind the end', behind(zeros)],
    ['a last batch that lacks 10 bytes', shorterBy(10)],
  ])('of which nobody knows that it was durable is stale: %s', async (_name, edit) => {
    const { ok, bad } = await verdictOf(damaged(kafka, nameOf(1627, '.log'), edit))
    expect(ok).toBe(true)
    expect(bad).toMatch(/^00000000000000001627.log stale: .* torn tail of/)
  })

  test.each([
    ['silent: a torn tail of 40 bytes', behind(Buffer.alloc(40, 1))],
    ['no start: 4096 zeros behind the end', behind(zeros)],
  ])('after a clean stop contradicts that: %s', async (_name, edit) => {
    const { ok, bad } = await verdictOf(damaged(sample, nameOf(49, '.log'), edit))
    expect(ok).toBe(false)
    expect(bad).toMatch(/tidemark-clean-shutdown damaged: .* 00000000000000000049.log changed size/)
    expect(bad).toMatch(/00000000000000000049.log stale/)
  })

  test.each(['closed', 'killed'] as const)(
    'that was durable, in a log that was %s, is damage',
    async (end) => {
      const files = damaged(await sampleLog(end), nameOf(49, '.log'), shorterBy(10))
      const { ok, endOffset, bad } = await verdictOf(files)
      expect({ ok, endOffset }).toEqual({ ok: false, endOffset: 55 })
      expect(bad).toMatch(/0049.log damaged: the last batch is incomplete/)
    },
  )

  test('silent: durable batches that are gone without a trace are damage', async () => {
    const last = positionsIn(sample.get(nameOf(49, '.log')) as Buffer).get(55)
    const files = damaged(await sampleLog('killed'), nameOf(49, '.log'), (bytes) => bytes.subarray(0, last))
    expect((await verdictOf(files)).bad).toMatch(/offsets up to 56 were durable, but the log ends at 55/)
  })

  test('silent: a last segment that is missing is damage', async () => {
    const files = damaged(await sampleLog('killed'), nameOf(49, '.log'), none)
    const { ok, bad } = await verdictOf(files)
    expect(ok).toBe(false)
    expect(bad).toMatch(/offsets up to 56 were durable, but the log ends at 49/)
  })
})

describe('damage in the middle of a log', () => {
  test('later segments deleted: a flipped bit is one damaged batch, and the rest is checked', async () => {
    const report = await verify(worldOf(flipped(kafka, nameOf(565, '.log'), 30_000)))
    expect(report).toMatchObject({ ok: false, endOffset: 1764, batches: 272 })
    expect(badFiles(report)).toHaveLength(1)
    expect(badFiles(report)[0]).toMatch(/0565.log damaged: its checksum is [0-9a-f]{8}, but/)
  })

  test('silent: all of it is found, also before the durable point', async () => {
    let files = await sampleLog('killed')
    for (const base of [0, 17, 33])
      for (const position of [100, 700]) files = flipped(files, nameOf(base, '.log'), position)
    const report = await verify(worldOf(files))
    const positions = report.files.map(({ problems }) => problems.map(({ position }) => position))
    expect(positions.filter(({ length }) => length > 0)).toHaveLength(3)
    for (const found of positions.filter(({ length }) => length > 0)) expect(found).toHaveLength(2)
  })

  test('silent: a missing .log is a hole', async () => {
    const { ok, bad } = await verdictOf(damaged(kafka, nameOf(565, '.log'), none))
    expect(ok).toBe(false)
    expect(bad).toMatch(/0565.log damaged: the file is missing, with the offsets 565 to 1089/)
    expect(bad).toMatch(/0565.index stale: belongs to no segment/)
  })

  test('bytes that were cut out are a hole', async () => {
    const name = nameOf(565, '.log')
    const positions = [...positionsIn(kafka.get(name) as Buffer)]
    const [[from = 0, start = 0] = [], [to = 0, end = 0] = []] = [positions[10], positions[12]]
    const report = await verify(
      worldOf(
        damaged(kafka, name, (bytes) => Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])),
      ),
    )
    expect(report.files.find(({ file }) => file === name)?.problems).toEqual([
      { position: start, reason: `the batch begins with offset ${to} where ${from} is due` },
    ])
  })

  test('gaps are no damage where they are allowed', async () => {
    const files = damaged(kafka, nameOf(565, '.log'), none)
    expect(await verifyDirectory(directory, { env: worldOf(files), allowGaps: true })).toMatchObject({
      ok: true,
    })
  })
})

describe('damaged derived files', () => {
  test.each([
    ['.index missing', nameOf(565, '.index'), none, /0565.index damaged: the file is missing/],
    ['silent: .timeindex missing', nameOf(565, '.timeindex'), none, /0565.timeindex damaged: the file is/],
    ['silent: .timeindex short', nameOf(565, '.timeindex'), shorterBy(12), /it ends with timestamp/],
    ['silent: .index full of zeros', nameOf(565, '.index'), behind(zeros), /4096 bytes of zeros follow/],
    ['silent: .timeindex full of zeros', nameOf(565, '.timeindex'), behind(Buffer.alloc(1200)), /zeros/],
    ['silent: .index not in entries', nameOf(565, '.index'), shorterBy(3), /are no multiple of 8/],
    ['silent: .txnindex missing', nameOf(565, '.txnindex'), none, /holds the markers of 2 aborted/],
    ['silent: .txnindex cut mid-entry', nameOf(565, '.txnindex'), shorterBy(7), /are no multiple of 34/],
    ['silent: .txnindex cut', nameOf(565, '.txnindex'), shorterBy(34), /it lacks the transaction aborted at/],
    [
      '.snapshot corrupt',
      nameOf(1627, '.snapshot'),
      behind(Buffer.alloc(1)),
      /1627.snapshot damaged: its check/,
    ],
  ])('%s', async (_name, file, edit, problem) => {
    const { ok, bad } = await verdictOf(damaged(kafka, file, edit))
    expect(ok).toBe(false)
    expect(bad).toMatch(problem)
    expect(bad.split('\n')).toHaveLength(1)
  })

  test('a snapshot of other producers, with a right checksum', async () => {
    const other = kafka.get(nameOf(565, '.snapshot')) as Buffer
    const { bad } = await verdictOf(damaged(kafka, nameOf(1090, '.snapshot'), () => other))
    expect(bad).toMatch(/1090.snapshot damaged: its .* of producer \d+ is not that of the log/)
  })

  test.each([
    ['epoch', 9],
    ['sequence', 13],
    ['last offset', 21],
    ['sequence', 25],
    ['timestamp', 33],
    ['coordinator epoch', 37],
    ['open transaction', 45],
  ])('a snapshot with another %s, and a right checksum', async (field, position) => {
    const producer2000 = 10
    const files = damaged(kafka, nameOf(1090, '.snapshot'), (bytes) => {
      bytes.writeUInt8(bytes.readUInt8(producer2000 + position) ^ 1, producer2000 + position)
      bytes.writeUInt32BE(crc32c(bytes.subarray(6)), 2)
      return bytes
    })
    expect((await verdictOf(files)).bad).toMatch(`its ${field} of producer 2000 is not that of the log`)
  })

  test('an entry that points at no batch', async () => {
    const { bad } = await verdictOf(flipped(kafka, nameOf(565, '.index'), 8 * 3 + 7, 0))
    expect(bad).toMatch(/0565.index damaged: entry 3: it points at byte/)
  })

  test('an entry that names no last offset', async () => {
    const { bad } = await verdictOf(flipped(kafka, nameOf(565, '.index'), 8 * 3 + 3, 0))
    expect(bad).toMatch(/0565.index damaged: entry 3: it names offset \d+, with which no batch ends/)
  })

  test('an entry for a write of several batches is right', async () => {
    const name = nameOf(565, '.index')
    const starts = [...positionsIn(kafka.get(nameOf(565, '.log')) as Buffer).values()]
    const files = damaged(kafka, name, (bytes) => {
      const before = starts.findLast((start) => start < bytes.readInt32BE(8 * 3 + 4)) ?? 0
      bytes.writeInt32BE(before, 8 * 3 + 4)
      return bytes
    })
    expect(await verdictOf(files)).toMatchObject({ ok: true })
  })

  test('an index that would do is another one, if it is not what the clean stop left', async () => {
    const index = nameOf(17, '.index')
    const files = damaged(sample, index, (bytes) => bytes.fill(0, 4, 8))
    expect((await verdictOf(files)).bad).toMatch(/tidemark-clean-shutdown damaged: .*0017.index changed/)
    files.delete('tidemark-clean-shutdown')
    expect(await verdictOf(files)).toMatchObject({ ok: true })
  })

  test('silent: all snapshots missing after a clean stop contradicts that', async () => {
    const names = [...sample.keys()].filter((name) => !name.endsWith('.snapshot'))
    const { bad } = await verdictOf(new Map(names.map((name) => [name, sample.get(name) as Buffer])))
    expect(bad).toMatch(/tidemark-clean-shutdown damaged: .*snapshot changed/)
  })

  test('of the segment that was written to are stale: the next open makes them anew', async () => {
    const files = flipped(kafka, nameOf(1627, '.index'), 2)
    const { ok, bad } = await verdictOf(files)
    expect(ok).toBe(true)
    expect(bad).toMatch(/1627.index stale: entry 1 of 3: .*; made again at the next open/)
  })
})

describe('damaged side files', () => {
  const epochs = 'leader-epoch-checkpoint'
  const epochText = (...lines: string[]) => Buffer.from(encodeCheckpoint(lines))

  test.each([
    ['no start: a field that is no number', Buffer.from('0\n1\nx 0\n'), /the line 'x 0' is not/],
    ['a wrong count', Buffer.from('0\n2\n0 0\n'), /announces '2' entries and holds 1/],
    ['a wrong version', Buffer.from('1\n1\n0 0\n'), /its version is '1'/],
    [
      'an epoch that begins elsewhere',
      epochText('0 0', '2 819', '5 1356'),
      /contradicts 1 batch from offset 818 on, with epoch 2/,
    ],
    ['an epoch that is another', epochText('0 0', '3 818', '5 1356'), /from offset 818 on, with epoch 2/],
    ['an epoch that is none', epochText('0 0', '2 818'), /from offset 1356 on, with epoch 5/],
  ])('leader-epoch-checkpoint: %s', async (_name, bytes, problem) => {
    const { bad } = await verdictOf(damaged(kafka, epochs, () => bytes))
    expect(bad).toMatch(problem)
    expect(bad).toMatch(/^leader-epoch-checkpoint damaged/)
  })

  test('leader-epoch-checkpoint missing', async () => {
    const { bad } = await verdictOf(damaged(kafka, epochs, none))
    expect(bad).toBe('leader-epoch-checkpoint damaged: the file is missing')
  })

  test('a batch with the epoch of another leader', async () => {
    const position = positionsIn(kafka.get(nameOf(1090, '.log')) as Buffer).get(1356) ?? 0
    for (const [at, bit] of [
      [position + 15, 1],
      [position + 12, 7],
    ] as const) {
      const report = await verify(worldOf(flipped(kafka, nameOf(1090, '.log'), at, bit)))
      expect(report.files.find(({ file }) => file === nameOf(1090, '.log'))?.problems).toEqual([
        { position, reason: expect.stringMatching(/the batch carries leader epoch -?\d+ where 5 led/) },
      ])
    }
  })

  test('a batch with the epoch of another leader, without a checkpoint to tell', async () => {
    const position = positionsIn(kafka.get(nameOf(1090, '.log')) as Buffer).get(1356) ?? 0
    const files = flipped(damaged(kafka, epochs, none), nameOf(565, '.log'), 12)
    expect((await verdictOf(files)).bad).toMatch(
      /0565.log damaged: the batch carries leader epoch \d+ where 0/,
    )
    expect(position).toBeGreaterThan(0)
  })

  test.each([
    ['partition.metadata', Buffer.from('version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA'), /topic id is zero/],
    ['tidemark-durable-point', Buffer.alloc(32), /its checksum does not match/],
    ['tidemark-clean-shutdown', Buffer.from('{}'), /its checksum does not match/],
    ['log-start-offset-checkpoint', Buffer.from('0\n1\norders 0 57\n'), /the start 57 is beyond the end, 56/],
    ['log-start-offset-checkpoint', Buffer.from('0\n1\norders 0 20\n'), /was closed with the start 0/],
    ['log-start-offset-checkpoint', Buffer.from('garbage'), /has no newline/],
  ])('%s', async (name, bytes, problem) => {
    const { ok, bad } = await verdictOf(new Map(sample).set(name, bytes))
    expect(ok).toBe(false)
    expect(bad).toMatch(problem)
    expect(bad.split('\n')).toHaveLength(1)
  })
})
