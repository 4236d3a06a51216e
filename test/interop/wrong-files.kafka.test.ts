import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { segmentFileName } from '../../src/log/file-names.ts'
import { openLog } from '../../src/log/log.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { dumpLogSegments } from './kafka/dump-log-segments.ts'
import { describeWithKafka } from './kafka/run-kafka.ts'
import { LogFeeder } from './log-feeder.ts'

/**
 * What the comparison with Kafka is worth: had we written one of these files wrong, Kafka's own tool would object. Each
 * is a file of ours with one number in it changed.
 */
describeWithKafka('a wrong file of ours', () => {
  let directory = ''
  const log = segmentFileName(0, '.log')
  const index = segmentFileName(0, '.index')
  const timeIndex = segmentFileName(0, '.timeindex')

  beforeAll(async () => {
    directory = join(temporaryDirectory(), 'orders-0')
    await using opened = await openLog(directory, { segmentBytes: 8192, indexIntervalBytes: 512 })
    await new LogFeeder((batch) => opened.appendBatch(batch)).feed(4)
    expect(readdirSync(directory)).toEqual(expect.arrayContaining([log, index, timeIndex]))
  })

  /** Has Kafka read the directory's `name`, the byte at `position` of which is one too high, if there is one. */
  async function dumpOf(name: string, position: number | undefined, ...options: readonly string[]) {
    const path = join(directory, name)
    const bytes = readFileSync(path)
    if (position !== undefined) {
      const wrong = Buffer.from(bytes)
      wrong[position] = (wrong[position] ?? 0) + 1
      writeFileSync(path, wrong)
    }
    try {
      return await dumpLogSegments([path], ...options)
    } finally {
      writeFileSync(path, bytes)
    }
  }

  test('a checksum', async () => {
    const crcPosition = 17
    expect((await dumpOf(log, undefined)).files).not.toContain('isvalid: false')
    expect((await dumpOf(log, crcPosition)).files).toContain('isvalid: false')
  })

  test('an offset in the offset index', async () => {
    const check = '--verify-index-only'
    expect((await dumpOf(index, undefined, check)).complaints).toBe('')
    const offsetPosition = 3
    expect((await dumpOf(index, offsetPosition, check)).complaints).toContain('Mismatches in')
  })

  test('a timestamp in the time index', async () => {
    const check = '--verify-index-only'
    expect((await dumpOf(timeIndex, undefined, check)).complaints).toBe('')
    const timestampPosition = 7
    const { files, complaints } = await dumpOf(timeIndex, timestampPosition, check)
    expect(files + complaints).toMatch(/Found timestamp mismatch/)
  })
})
