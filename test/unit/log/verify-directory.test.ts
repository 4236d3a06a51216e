import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { NotALogError } from '../../../src/base/errors.ts'
import { openLog } from '../../../src/log/log.ts'
import { verifyDirectory } from '../../../src/log/verify-directory.ts'
import { appendEach, directory, putFile, stillWorld, valuesOf } from './log-setup.ts'
import {
  badFiles,
  damaged,
  filesIn,
  flipped,
  nameOf,
  openSample,
  sampleLog,
  verify,
  worldOf,
} from './verify-setup.ts'

describe('a log that is good', () => {
  test('written by Apache Kafka', async () => {
    const fixture = fileURLToPath(new URL('../../../data/golden/kafka-4.0/fixture-0', import.meta.url))
    const report = await verifyDirectory(fixture)
    expect(badFiles(report)).toEqual([])
    expect(report).toMatchObject({ ok: true, startOffset: 0, endOffset: 1764, records: 1764, bytes: 211_808 })
    expect(report.files).toHaveLength(21)
    expect(report.files.find(({ file }) => file === nameOf(565, '.log'))?.detail).toBe(
      '86 batches, 525 records, offsets 565-1089',
    )
  })

  test.each(['closed', 'killed'] as const)('that was %s', async (end) => {
    const report = await verify(worldOf(await sampleLog(end)))
    expect(badFiles(report)).toEqual([])
    expect(report).toMatchObject({ ok: true, endOffset: 56, records: 56, batches: 35 })
  })

  test('that is open', async () => {
    const { env } = stillWorld()
    const log = await openSample(env)
    await appendEach(log, ...valuesOf(40, 60))
    const report = await log.verify()
    expect(badFiles(report)).toEqual([])
    expect(report).toMatchObject({ ok: true, records: 40 })
  })

  test('on a disk', async () => {
    const path = mkdtempSync(join(tmpdir(), 'tidemark-verify-'))
    onTestFinished(() => rmSync(path, { recursive: true }))
    const log = await openLog(path, { segmentBytes: 4096, reserveBytes: 0 })
    await appendEach(log, ...valuesOf(100, 60))
    await log.close()
    expect(await verifyDirectory(path)).toMatchObject({ ok: true, records: 100, endOffset: 100 })
  })

  test('that was trimmed, and whose oldest segments were deleted', async () => {
    const env = worldOf(await sampleLog('closed'))
    const log = await openSample(env)
    await log.trim(40)
    await log.close()
    const report = await verify(env)
    expect(badFiles(report)).toEqual([])
    expect(report).toMatchObject({ startOffset: 40, endOffset: 56 })
    expect(filesIn(env).has(nameOf(0, '.log'))).toBe(false)
  })

  test('that is empty', async () => {
    const { env } = stillWorld()
    const log = await openSample(env)
    await log.close()
    expect(await verify(env)).toMatchObject({ ok: true, records: 0, startOffset: 0, endOffset: 0 })
  })
})

describe('verifying', () => {
  test('changes nothing', async () => {
    const files = flipped(await sampleLog('closed'), nameOf(0, '.log'), 300)
    const env = worldOf(files)
    await verify(env)
    expect(filesIn(env)).toEqual(files)
  })

  test('tells how far it has got', async () => {
    const seen: number[] = []
    await verifyDirectory(directory, {
      env: worldOf(await sampleLog('closed')),
      onProgress: ({ checkedBytes, totalBytes }) => seen.push(checkedBytes / totalBytes),
    })
    expect(seen.at(-1)).toBe(1)
    expect(seen).toEqual(seen.toSorted((one, other) => one - other))
  })

  test('is given up when the signal says so', async () => {
    const env = worldOf(await sampleLog('closed'))
    const controller = new AbortController()
    const reason = new Error('enough')
    const onProgress = () => controller.abort(reason)
    await expect(verifyDirectory(directory, { env, signal: controller.signal, onProgress })).rejects.toBe(
      reason,
    )
    await expect(verifyDirectory(directory, { env, signal: controller.signal })).rejects.toBe(reason)
  })

  test('needs a log', async () => {
    const { env } = stillWorld()
    await expect(verify(env)).rejects.toThrow(NotALogError)
    putFile(env, 'notes.txt', 'no log')
    await expect(verify(env)).rejects.toThrow(NotALogError)
  })
})

describe('what is not damage', () => {
  test('a file that is none of the log is unknown', async () => {
    const env = worldOf(await sampleLog('closed'))
    putFile(env, 'notes.txt', 'mine')
    env.files.makeDirectorySync(`${directory}/sub`)
    const report = await verify(env)
    expect(report.ok).toBe(true)
    expect(badFiles(report)).toEqual([
      'notes.txt unknown: not a file of the log',
      'sub unknown: a directory that is not part of the log',
    ])
  })

  test('what a crash left in the middle of something is stale', async () => {
    const env = worldOf(await sampleLog('closed'))
    const names = ['.log.deleted', '.log.cleaned', '.index.swap'].map((kind) => '00000000000000000099' + kind)
    for (const name of [...names, 'leader-epoch-checkpoint.tmp', '.lock']) putFile(env, name, 'x')
    const report = await verify(env)
    expect(report.ok).toBe(true)
    expect(report.files.filter(({ verdict }) => verdict === 'stale').map(({ file }) => file)).toEqual(
      ['.lock', ...names, 'leader-epoch-checkpoint.tmp'].sort(),
    )
  })

  test('a torn tail beyond the durable point is stale', async () => {
    const files = damaged(await sampleLog('killed'), nameOf(49, '.log'), (bytes) =>
      Buffer.concat([bytes, bytes.subarray(0, 40)]),
    )
    const report = await verify(worldOf(files))
    expect(report).toMatchObject({ ok: true, endOffset: 56 })
    expect(badFiles(report)).toEqual([
      `${nameOf(49, '.log')} stale: 4 batches, 7 records, offsets 49-55; torn tail of 40 bytes, will be cut at the next open`,
    ])
  })

  test('what follows a torn segment beyond the durable point is stale too', async () => {
    const sample = await sampleLog('killed')
    const earlier = (await sampleLog('killed', 1)).get('tidemark-durable-point') as Buffer
    const files = flipped(sample, nameOf(17, '.log'), 300).set('tidemark-durable-point', earlier)
    const report = await verify(worldOf(files))
    expect(report.ok).toBe(true)
    expect(badFiles(report).join()).toMatch(/0017.log stale: .*will be cut .* a copy kept in quarantine/)
    expect(badFiles(report).join()).toMatch(/0033.log stale: behind a torn segment/)
  })
})
