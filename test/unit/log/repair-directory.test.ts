import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CorruptionError, LockedError, NotALogError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import { iterateBatches } from '../../../src/batch/iterate-batches.ts'
import { LeaderEpochs } from '../../../src/log/leader-epochs.ts'
import { openLog } from '../../../src/log/log.ts'
import { repairDirectory, type RepairReport } from '../../../src/log/repair-directory.ts'
import { verifyDirectory } from '../../../src/log/verify-directory.ts'
import { recordingFiles } from '../../../src/testing/recording-files.ts'
import {
  appendEach,
  bytesOf,
  directory,
  putFile,
  startMs,
  stillWorld,
  valuesIn,
  valuesOf,
} from './log-setup.ts'
import {
  badFiles,
  damaged,
  type Files,
  filesIn,
  flipped,
  kafkaFiles,
  nameOf,
  openSample,
  positionsIn,
  recordsIn,
  recordsOf,
  sampleLog,
  verify,
  worldOf,
} from './verify-setup.ts'

const sample = await sampleLog('killed')
const kafka = kafkaFiles()
const sampleRecords = await recordsOf(sample)

/** Repairs these files; then they must be good, before and after the log is opened, and hold what is not lost. */
async function repaired(files: Files): Promise<{ report: RepairReport; after: Files }> {
  const env = worldOf(files)
  const report = await repairDirectory(directory, { env })
  expect(badFiles(await verify(env)).filter((bad) => bad.includes(' damaged: '))).toEqual([])
  const after = filesIn(env)
  const log = await openSample(env)
  expect(await log.verify()).toMatchObject({ ok: true })
  if (files.get('tidemark-durable-point') !== undefined) expect(await recordsIn(log)).toEqual(without(report))
  await log.close()
  expect(await verify(env)).toMatchObject({ ok: true })
  return { report, after }
}

/** The records of the sample that a repair has not lost. */
function without({ lostOffsets }: RepairReport) {
  const isLost = (offset: number) =>
    lostOffsets.some(({ fromOffset, toOffset }) => offset >= fromOffset && offset < toOffset)
  return sampleRecords.filter(({ offset }) => !isLost(offset))
}

/** File and verb of each action. */
function actsOf({ actions }: RepairReport): string[] {
  return actions.map(({ file, action }) => `${action} ${file}`)
}

describe('a damaged batch', () => {
  test('gives way to a header without records, and everything else stays byte for byte', async () => {
    const name = nameOf(17, '.log')
    const before = sample.get(name) as Buffer
    const positions = [...positionsIn(before)]
    const [from = 0, start = 0] = positions[3] ?? []
    const [to = 0, end = 0] = positions[4] ?? []
    const { report, after } = await repaired(flipped(sample, name, start + 70))
    expect(report).toMatchObject({
      changed: true,
      dryRun: false,
      lostOffsets: [{ fromOffset: from, toOffset: to }],
    })
    expect(report.quarantined).toEqual([`${directory}/quarantine/${name}`])
    const bytes = after.get(name) as Buffer
    expect(bytes.subarray(0, start).equals(before.subarray(0, start))).toBe(true)
    expect(bytes.subarray(start + 61).equals(before.subarray(end))).toBe(true)
    const filler = new Batch(bytes, start)
    expect(filler).toMatchObject({ baseOffset: from, nextOffset: to, recordsCount: 0, sizeBytes: 61 })
    expect(filler).toMatchObject({ partitionLeaderEpoch: 0, producerId: -1, isControl: false })
  })

  test('in the last segment leaves it with a durable point of its new size', async () => {
    const { after } = await repaired(flipped(sample, nameOf(49, '.log'), 240))
    const point = after.get('tidemark-durable-point') as Buffer
    expect(Number(point.readBigInt64BE(24))).toBe(after.get(nameOf(49, '.log'))?.length)
    expect(point.readBigInt64BE(8)).toBe(56n)
  })

  test('of a transaction leaves it known that this was aborted', async () => {
    const start = positionsIn(sample.get(nameOf(17, '.log')) as Buffer).get(20) ?? 0
    const { report, after } = await repaired(flipped(sample, nameOf(17, '.log'), start + 70))
    expect(report.lostOffsets).toEqual([{ fromOffset: 20, toOffset: 22 }])
    expect(after.get(nameOf(17, '.txnindex'))).toEqual(sample.get(nameOf(17, '.txnindex')))
  })

  test('that ended a transaction does not make a later one of it', async () => {
    let files: Files = await sampleLog('killed', 4)
    for (const [base, offset] of [
      [0, 15],
      [17, 20],
    ] as const) {
      const start = positionsIn(files.get(nameOf(base, '.log')) as Buffer).get(offset) ?? 0
      files = flipped(files, nameOf(base, '.log'), start + 70)
    }
    const env = worldOf(files)
    await repairDirectory(directory, { env })
    // With the usual cadence of index entries, so that the indexes need not be made again, nor the log replayed.
    await (await openLog(directory, { env, segmentBytes: 1100, reserveBytes: 0 })).close()
    expect(badFiles(await verify(env))).toEqual([])
  })

  test('is kept whole in the quarantine', async () => {
    const name = nameOf(17, '.log')
    const files = flipped(sample, name, 400)
    const env = worldOf(files)
    await repairDirectory(directory, { env })
    expect(bytesOf(env, `quarantine/${name}`)).toEqual(files.get(name))
  })

  test('at the end is cut off, and no longer counts as durable', async () => {
    const name = nameOf(49, '.log')
    const { report, after } = await repaired(damaged(sample, name, (bytes) => bytes.subarray(0, -5)))
    expect(report.lostOffsets).toEqual([{ fromOffset: 55, toOffset: 56 }])
    expect(actsOf(report)).toEqual([`cut ${name}`, 'lower tidemark-durable-point'])
    expect(after.get('tidemark-durable-point')?.readBigInt64BE(8)).toBe(55n)
  })

  test('whose first bytes alone are damaged is restored: nothing is lost', async () => {
    const name = nameOf(33, '.log')
    const [, start = 0] = [...positionsIn(sample.get(name) as Buffer)][2] ?? []
    for (const at of [2, 7, 8, 11, 14, 16]) {
      const { report, after } = await repaired(flipped(sample, name, start + at))
      expect(report.lostOffsets).toEqual([])
      expect(report.actions[0]).toMatchObject({ file: name, action: 'restore' })
      expect(after.get(name)).toEqual(sample.get(name))
    }
  })

  test('of Apache Kafka gets the epoch that led, one header for each', async () => {
    const name = nameOf(565, '.log')
    const positions = positionsIn(kafka.get(name) as Buffer)
    const starts = [...positions.keys()]
    const before = starts.findLast((offset) => offset < 810) ?? 0
    const behind = starts.find((offset) => offset > 830) ?? 0
    const zeroed = damaged(kafka, name, (bytes) =>
      bytes.fill(0, positions.get(before), positions.get(behind)),
    )
    const { report, after } = await repaired(zeroed)
    expect(report.lostOffsets).toEqual([{ fromOffset: before, toOffset: behind }])
    const fillers = [...iterateBatches(after.get(name) as Buffer)].filter((batch) => batch.recordsCount === 0)
    expect(fillers.map((each) => [each.baseOffset, each.nextOffset, each.partitionLeaderEpoch])).toEqual([
      [before, 818, 0],
      [818, behind, 2],
    ])
  })

  test('whose records cannot be parsed is damaged, whatever its checksum says', async () => {
    const name = nameOf(17, '.log')
    const [, start = 0] = [...positionsIn(sample.get(name) as Buffer)][1] ?? []
    const files = damaged(sample, name, (bytes) => {
      const batch = new Batch(bytes, start)
      bytes.writeInt32BE(batch.recordsCount + 1, start + 57)
      bytes.writeUInt32BE(batch.computeCrc(), start + 17)
      return bytes
    })
    const { report } = await repaired(files)
    expect(report.lostOffsets).toHaveLength(1)
  })
})

describe('a missing segment', () => {
  test('in the middle is stood for by one without records', async () => {
    const name = nameOf(17, '.log')
    const { report, after } = await repaired(damaged(sample, name, () => undefined))
    expect(report.lostOffsets).toEqual([{ fromOffset: 17, toOffset: 33 }])
    expect(report.actions[0]).toMatchObject({ file: name, action: 'create' })
    const [filler] = iterateBatches(after.get(name) as Buffer)
    expect(filler).toMatchObject({
      sizeBytes: 61,
      baseOffset: 17,
      nextOffset: 33,
      maxTimestamp: startMs + 200,
    })
    expect(after.get(name)).toHaveLength(61)
  })

  test('at the end takes its offsets along', async () => {
    const { report } = await repaired(damaged(sample, nameOf(49, '.log'), () => undefined))
    expect(report.lostOffsets).toEqual([{ fromOffset: 49, toOffset: 56 }])
    expect(actsOf(report)).toEqual(['lower tidemark-durable-point'])
  })

  test('of more offsets than a segment can have is stood for by several', async () => {
    const far = 3 * 2 ** 31 + 5
    const last = damaged(kafka, nameOf(1627, '.log'), (bytes) => {
      for (const batch of iterateBatches(bytes))
        bytes.writeBigInt64BE(BigInt(batch.baseOffset + far), batch.start)
      return bytes
    }).get(nameOf(1627, '.log')) as Buffer
    const names = [nameOf(0, '.log'), nameOf(0, '.index'), nameOf(0, '.timeindex'), nameOf(0, '.txnindex')]
    const files = new Map(names.map((name) => [name, kafka.get(name) as Buffer]))
    files.set(
      'leader-epoch-checkpoint',
      Buffer.from(
        new LeaderEpochs([
          { epoch: 0, startOffset: 0 },
          { epoch: 5, startOffset: 600 },
        ]).encode(),
      ),
    )
    files.set(nameOf(1627 + far, '.log'), last)
    const { report } = await repaired(files)
    expect(report.lostOffsets).toEqual([{ fromOffset: 565, toOffset: 1627 + far }])
    const created = [565, 565 + 2 ** 31, 565 + 2 * 2 ** 31, 565 + 3 * 2 ** 31]
    expect(report.actions.filter(({ action }) => action === 'create').map(({ file }) => file)).toEqual(
      created.map((baseOffset) => nameOf(baseOffset, '.log')),
    )
  })
})

describe('a damaged file beside the log', () => {
  test.each([
    [nameOf(17, '.index'), 3],
    [nameOf(17, '.timeindex'), 3],
    [nameOf(0, '.txnindex'), 20],
  ])('is made again from it: %s', async (name, position) => {
    const { report, after } = await repaired(flipped(sample, name, position))
    expect(report).toMatchObject({ lostOffsets: [], actions: [{ file: name, action: 'rebuild' }] })
    expect(report.quarantined).toEqual([`${directory}/quarantine/${name}`])
    if (name.endsWith('.txnindex')) expect(after.get(name)).toEqual(sample.get(name))
  })

  test('is made again from it: a leader-epoch-checkpoint', async () => {
    const name = 'leader-epoch-checkpoint'
    for (const edit of [
      () => undefined,
      (bytes: Buffer) => bytes.subarray(3),
      () => Buffer.from('0\n1\n0 0\n'),
    ]) {
      const { report, after } = await repaired(damaged(kafka, name, edit))
      expect(actsOf(report)).toEqual([`rebuild ${name}`])
      expect(after.get(name)).toEqual(kafka.get(name))
    }
  })

  test.each([
    ['partition.metadata', 25],
    [nameOf(17, '.snapshot'), 30],
    ['tidemark-durable-point', 13],
  ])('goes, and the next open does without: %s', async (name, position) => {
    const files = damaged(sample, name, (bytes) => bytes.fill(0xee, position - 3, position + 3))
    const { report, after } = await repaired(files)
    expect(report).toMatchObject({ lostOffsets: [], actions: [{ file: name, action: 'remove' }] })
    expect(after.has(name)).toBe(false)
  })

  test('goes, though it was to say that the log was closed cleanly', async () => {
    const closed = await sampleLog('closed')
    for (const files of [
      flipped(closed, 'tidemark-clean-shutdown', 99),
      damaged(closed, nameOf(49, '.log'), (bytes) => Buffer.concat([bytes, Buffer.alloc(9)])),
    ]) {
      const { report, after } = await repaired(files)
      expect(actsOf(report)).toEqual(['remove tidemark-clean-shutdown'])
      expect(report.lostOffsets).toEqual([])
      expect(after.has('tidemark-clean-shutdown')).toBe(false)
    }
  })

  test('does not take the log with it: a start beyond the end', async () => {
    const name = 'log-start-offset-checkpoint'
    const { report } = await repaired(new Map(sample).set(name, Buffer.from('0\n1\norders 0 5000\n')))
    expect(actsOf(report)).toEqual([`remove ${name}`])
  })
})

describe('repairing', () => {
  test.each(['closed', 'killed'] as const)('leaves a good log alone that was %s', async (end) => {
    const files = await sampleLog(end)
    files.set('leader-epoch-checkpoint.tmp', Buffer.from('left behind'))
    const env = worldOf(files)
    expect(await repairDirectory(directory, { env })).toMatchObject({
      changed: false,
      actions: [],
      quarantined: [],
    })
    expect(filesIn(env)).toEqual(files)
  })

  test('makes a log open that did not', async () => {
    const env = worldOf(flipped(await sampleLog('killed'), nameOf(49, '.log'), 100))
    await expect(openLog(directory, { env, segmentBytes: 1100 })).rejects.toThrow(CorruptionError)
    await repairDirectory(directory, { env })
    const log = await openSample(env)
    await log.append({ value: 'goes on' })
    expect(log.endOffset).toBe(57)
  })

  test('is only told of in a dry run', async () => {
    let files: Files = flipped(sample, nameOf(17, '.log'), 400)
    files = damaged(files, nameOf(33, '.log'), () => undefined)
    files = flipped(files, 'partition.metadata', 3)
    const env = worldOf(files)
    const recording = recordingFiles(env.files)
    const dry = await repairDirectory(directory, { env: { ...env, files: recording }, dryRun: true })
    expect(recording.records).toEqual([])
    expect(filesIn(env)).toEqual(files)
    const real = await repairDirectory(directory, { env })
    expect(dry).toEqual({ ...real, dryRun: true, changed: false })
    expect(real.actions).not.toEqual([])
  })

  test('keeps the time at which a segment was last written, which retention may go by', async () => {
    const name = nameOf(17, '.log')
    const env = worldOf(flipped(sample, name, 400))
    env.files.setModifiedSync(`${directory}/${name}`, 12_345)
    await repairDirectory(directory, { env })
    expect(env.files.statSync(`${directory}/${name}`)?.modifiedMs).toBe(12_345)
  })

  test('takes the indexes away before the bytes that they point into', async () => {
    const name = nameOf(17, '.log')
    const env = worldOf(flipped(sample, name, 400))
    const recording = recordingFiles(env.files)
    await repairDirectory(directory, { env: { ...env, files: recording } })
    const calls = recording.records.map(({ kind, path }) => `${kind} ${basename(path)}`)
    const renamed = calls.indexOf(`rename ${name}.cleaned`)
    expect(calls.slice(renamed - 3, renamed + 2)).toEqual([
      `remove ${nameOf(17, '.index')}`,
      `remove ${nameOf(17, '.timeindex')}`,
      'syncDirectory orders-0',
      `rename ${name}.cleaned`,
      'syncDirectory orders-0',
    ])
  })

  test('twice changes nothing the second time', async () => {
    const env = worldOf(flipped(sample, nameOf(17, '.log'), 400))
    await repairDirectory(directory, { env })
    const files = filesIn(env)
    expect(await repairDirectory(directory, { env })).toMatchObject({ changed: false })
    expect(filesIn(env)).toEqual(files)
  })

  test('finishes first what a crash interrupted', async () => {
    const name = nameOf(17, '.log')
    const files = damaged(sample, name, () => undefined).set(`${name}.swap`, sample.get(name) as Buffer)
    const env = worldOf(files)
    expect(await repairDirectory(directory, { env })).toMatchObject({ lostOffsets: [] })
    expect(bytesOf(env, name)).toEqual(sample.get(name))
    expect(await recordsIn(await openSample(env))).toEqual(sampleRecords)
  })

  test('needs the log to be closed', async () => {
    const { env } = stillWorld()
    await appendEach(await openSample(env), ...valuesOf(3))
    await expect(repairDirectory(directory, { env })).rejects.toThrow(LockedError)
  })

  test('needs a log', async () => {
    const { env } = stillWorld()
    await expect(repairDirectory(directory, { env })).rejects.toThrow(NotALogError)
    putFile(env, 'notes.txt', 'no log')
    await expect(repairDirectory(directory, { env })).rejects.toThrow(NotALogError)
    expect([...filesIn(env).keys()]).toEqual(['notes.txt'])
  })

  test('is given up when the signal says so, and nothing is changed then', async () => {
    const files = flipped(sample, nameOf(17, '.log'), 400)
    const env = worldOf(files)
    const controller = new AbortController()
    const onProgress = () => controller.abort(new Error('enough'))
    await expect(repairDirectory(directory, { env, signal: controller.signal, onProgress })).rejects.toThrow(
      'enough',
    )
    expect(filesIn(env)).toEqual(files)
  })

  test('works on a disk', async () => {
    const path = mkdtempSync(join(tmpdir(), 'tidemark-repair-'))
    onTestFinished(() => rmSync(path, { recursive: true }))
    const log = await openLog(path, { segmentBytes: 2048, reserveBytes: 0 })
    await appendEach(log, ...valuesOf(60, 40))
    await log.close()
    const file = join(path, nameOf(0, '.log'))
    writeFileSync(file, readFileSync(file).fill(0, 300, 350))
    const report = await repairDirectory(path)
    expect(report.lostOffsets).toHaveLength(1)
    expect(await verifyDirectory(path)).toMatchObject({ ok: true, endOffset: 60 })
    const again = await openLog(path, { reserveBytes: 0 })
    const lostCount = report.lostOffsets.reduce(
      (sum, { fromOffset, toOffset }) => sum + toOffset - fromOffset,
      0,
    )
    expect(await valuesIn(again)).toHaveLength(60 - lostCount)
    await again.close()
  })
})
