import { describe, expect, test } from 'vitest'
import { type DiskFullError, type StorageError, TidemarkError } from '../../src/base/errors.ts'
import { openLog } from '../../src/log/log.ts'
import { type FaultCode, faultyFiles } from '../../src/testing/faulty-files.ts'
import { memoryEnv } from '../../src/testing/memory-env.ts'
import { mutantFiles } from '../torture/mutant-files.ts'
import { type CaseRig, describeBroken, runCases } from './case-rig.ts'
import { directory } from './fault-bench.ts'
import { faultPointsOf } from './fault-points.ts'
import { scenarios } from './fault-scenarios.ts'

/** The long form makes them all. */
const stride = 4
let pointCount = 0

test.each(scenarios)('whatever call fails, nothing that was promised is lost: $name', async (scenario) => {
  const report = await runCases(faultPointsOf({ among: [scenario] }), { seed: 0, stride })
  expect(describeBroken(report)).toBe('')
  expect(report.isComplete).toBe(true)
  pointCount += report.caseCount - (report.counts.get('untouched') ?? 0)
})

test('there were enough points to fail at', () => {
  expect(pointCount).toBeGreaterThan(2000)
})

describe('what is refused says why', () => {
  test.each<[FaultCode, Partial<StorageError | DiskFullError>, RegExp]>([
    ['ENOSPC', { code: 'ERR_DISK_FULL', retriable: true }, /disk is full/],
    ['EDQUOT', { code: 'ERR_DISK_FULL', retriable: true }, /disk is full.*quota/],
    ['EIO', { code: 'ERR_STORAGE', retriable: false }, /i\/o error/],
    ['EROFS', { code: 'ERR_STORAGE', retriable: false }, /read-only file system/],
    ['EINTR', { code: 'ERR_STORAGE', retriable: false }, /interrupted system call/],
  ])('a write that fails with %s', async (fault, properties, message) => {
    const { env, files } = faultyWorld()
    const log = await openLog(directory, { env })
    files.use([{ kind: 'write', path: /\.log$/, fault }])
    const error = await log.append({ value: 'a' }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TidemarkError)
    expect(error).toMatchObject({ ...properties, cause: { code: fault } })
    expect((error as Error).message).toMatch(message)
    // Nothing of it is in the log, which goes on.
    expect(await log.append({ value: 'b' })).toMatchObject({ baseOffset: 0 })
    await log.close()
  })

  test('an open that fails with EMFILE', async () => {
    const { env, files } = faultyWorld()
    files.use([{ kind: 'open', fault: 'EMFILE' }])
    const error = await openLog(directory, { env }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'ERR_STORAGE', cause: { code: 'EMFILE' } })
    expect((error as Error).message).toMatch(/too many open files/)
  })

  function faultyWorld() {
    const { files: disk, clock, random } = memoryEnv({ seed: 1 })
    const files = faultyFiles(disk)
    return { files, env: { files, clock, random } }
  }
})

describe('bugs that must be caught', () => {
  test.each([
    ['a sync that failed is made again until it succeeds', 'sync-retried', 'sync EIO'],
    ['a rejected promise is swallowed', 'sync-swallowed', 'sync EIO'],
    ['a short write is taken for a whole one', 'short-write-passes', 'write short:3'],
  ] as const)('%s', async (_, mutant, fault) => {
    const rig = faultPointsOf({ layer: (files) => mutantFiles(files, mutant) })
    let brokenCount = 0
    for (let nth = 1; nth <= 12; nth++)
      brokenCount += await brokenBy(rig, `faults appending under sync; ${fault} at ${nth}; power cut`)
    expect(brokenCount).toBeGreaterThan(0)
  })

  function brokenBy(rig: CaseRig, line: string): Promise<number> {
    return rig.tryCase(line).then(
      () => 0,
      () => 1,
    )
  }
})
