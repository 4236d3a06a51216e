import { describe, expect, test } from 'vitest'
import { CorruptionError, StorageError } from '../../../src/base/errors.ts'
import { openLog } from '../../../src/log/log.ts'
import { repairDirectory } from '../../../src/log/repair-directory.ts'
import {
  type CrashChooser,
  keepUnsynced,
  loseUnsynced,
  randomCrash,
} from '../../../src/testing/crash-chooser.ts'
import { faultyFiles } from '../../../src/testing/faulty-files.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv, type MemoryEnv } from '../../../src/testing/memory-env.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { directory, putFile, startMs } from './log-setup.ts'
import {
  badFiles,
  damaged,
  type Files,
  flipped,
  nameOf,
  openSample,
  recordsIn,
  recordsOf,
  sampleLog,
  sampleOptions,
  type SampleRecord,
  verify,
} from './verify-setup.ts'

/** Calls that change something on the disk, or make it durable. */
const changing: ReadonlySet<string> = new Set([
  ...[
    'write',
    'truncate',
    'sync',
    'rename',
    'remove',
    'makeDirectory',
    'setModified',
    'syncDirectory',
    'lock',
  ],
])

/** A world whose disk holds these files, durably. */
function durableWorld(files: Files): MemoryEnv {
  const env = memoryEnv({ clock: new ManualClock(startMs), seed: 1 })
  for (const [name, bytes] of files) {
    putFile(env, name, bytes)
    const file = env.files.openSync(`${directory}/${name}`, 'write')
    file.syncSync()
    file.closeSync()
  }
  for (const path of [directory, '/data', '/']) env.files.syncDirectorySync(path)
  return env
}

/** Repairs on a disk that refuses from the `nth` changing call on. True when the repair got through. */
async function repairUpTo(env: MemoryEnv, nth: number): Promise<boolean> {
  let count = 0
  const files = faultyFiles(env.files, (call) => {
    const isWriting = call.kind === 'open' && call.mode !== 'read'
    return (changing.has(call.kind) || isWriting) && ++count >= nth ? 'EIO' : undefined
  })
  try {
    await repairDirectory(directory, { env: { ...env, files } })
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(StorageError)
    return false
  }
}

/** Crashes a repair at every step in turn, and checks what `outcome` finds on the disk afterwards. */
async function crashEverywhere(
  files: Files,
  chooser: (nth: number) => CrashChooser,
  outcome: (env: MemoryEnv) => Promise<void>,
): Promise<number> {
  for (let nth = 1; ; nth++) {
    const env = durableWorld(files)
    const isDone = await repairUpTo(env, nth)
    await outcome(env.crash(chooser(nth)))
    if (isDone) return nth
  }
}

/** Everything at once: batches in the middle and at the end, a segment, and one of every kind of side file. */
async function wreck(): Promise<Files> {
  let files: Files = await sampleLog('killed')
  files = flipped(files, nameOf(0, '.log'), 400)
  files = flipped(files, nameOf(17, '.txnindex'), 5)
  files = damaged(files, nameOf(33, '.log'), () => undefined)
  files = damaged(files, nameOf(49, '.log'), (bytes) => bytes.subarray(0, -30))
  files = flipped(files, nameOf(33, '.snapshot'), 40)
  return flipped(files, 'leader-epoch-checkpoint', 1)
}

const choosers = [
  ['all that was not synced is lost', () => loseUnsynced],
  ['all of it is kept', () => keepUnsynced],
  ['some of it is kept', (nth: number) => randomCrash(seededRandom(nth))],
] as const

describe.each(choosers)('a power cut at any step of a repair, when %s', (_name, chooser) => {
  test('leaves what another repair puts right', { timeout: 600_000 }, async () => {
    const files = await wreck()
    const records = await keptRecords(files)
    const steps = await crashEverywhere(files, chooser, async (env) => {
      await repairDirectory(directory, { env })
      expect(badFiles(await verify(env)).filter((bad) => bad.includes(' damaged: '))).toEqual([])
      expect(await recordsIn(await openSample(env))).toEqual(records)
    })
    expect(steps).toBeGreaterThan(40)
  })

  test('leaves a log that opens with all that is good, or not at all', { timeout: 600_000 }, async () => {
    const files = await wreck()
    const records = await keptRecords(files)
    await crashEverywhere(files, chooser, async (env) => {
      try {
        const log = await openLog(directory, { env, ...sampleOptions })
        expect(await recordsIn(log)).toEqual(records)
        await log.close()
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptionError)
      }
    })
  })
})

test('a disk without room leaves the log as it was', async () => {
  const files = await wreck()
  const records = await keptRecords(files)
  const env = durableWorld(files)
  const size = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  for (let spareBytes = 0; ; spareBytes += 100) {
    env.files.capacityBytes = size + spareBytes
    try {
      await repairDirectory(directory, { env })
      break
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_DISK_FULL' })
    }
    env.files.removeDirectorySync(`${directory}/quarantine`)
  }
  env.files.capacityBytes = Number.POSITIVE_INFINITY
  expect(await recordsIn(await openSample(env))).toEqual(records)
})

/** What a repair that is not disturbed leaves. */
async function keptRecords(files: Files): Promise<SampleRecord[]> {
  const env = durableWorld(files)
  const { lostOffsets } = await repairDirectory(directory, { env })
  const records = await recordsIn(await openSample(env))
  const original = await recordsOf(await sampleLog('killed'))
  const isLost = ({ offset }: SampleRecord) =>
    lostOffsets.some(({ fromOffset, toOffset }) => offset >= fromOffset && offset < toOffset)
  expect(records).toEqual(original.filter((record) => !isLost(record)))
  return records
}
