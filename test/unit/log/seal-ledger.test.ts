import { describe, expect, test } from 'vitest'
import { FilePool } from '../../../src/log/file-pool.ts'
import type { Log } from '../../../src/log/log.ts'
import { finishInterrupted } from '../../../src/log/partition-listing.ts'
import { repairDirectory } from '../../../src/log/repair-directory.ts'
import { SealLedger } from '../../../src/log/seal-ledger.ts'
import { type FileCall, InterposedFiles } from '../../../src/testing/interposed-files.ts'
import type { MemoryEnv } from '../../../src/testing/memory-env.ts'
import {
  appendEach,
  bytesOf,
  directory,
  flip,
  namesIn,
  open,
  putFile,
  stillWorld,
  valuesIn,
  valuesOf,
} from './log-setup.ts'

const name = 'tidemark-seals'
const entrySize = 64
const options = { segmentBytes: 1024, indexIntervalBytes: 100 } as const

const ledgerOf = ({ files }: MemoryEnv) => new SealLedger({ files, pool: new FilePool(files, 4), directory })
const basesIn = (env: MemoryEnv) => [...ledgerOf(env).load().keys()]
const segmentFile = (base: number, kind: string) => `${String(base).padStart(20, '0')}${kind}`

/** A disk that has no room for a new ledger. */
class WithoutRoom extends InterposedFiles {
  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    if (call.kind === 'open' && call.path.endsWith(`${name}.tmp`))
      throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
    return run(call)
  }
}

/** Segments of three records each; the last is active. */
async function filled(count = 12): Promise<{ env: MemoryEnv; log: Log }> {
  const { env } = stillWorld()
  const log = await open({ env, ...options })
  await appendEach(log, ...valuesOf(count, 270))
  return { env, log }
}

test('every roll adds what the segment was: sizes and checksums of its files', async () => {
  const { env, log } = await filled()
  expect(basesIn(env)).toEqual([0, 3, 6])
  const known = ledgerOf(env).load()
  for (const [base, { sizeBytes, nextOffset, digests, startPosition }] of known) {
    expect(nextOffset).toBe(base + 3)
    expect(startPosition).toBe(0)
    expect(bytesOf(env, segmentFile(base, '.log'))).toHaveLength(sizeBytes)
    expect(bytesOf(env, segmentFile(base, '.index'))).toHaveLength(digests?.offsets.sizeBytes ?? -1)
    expect(bytesOf(env, segmentFile(base, '.timeindex'))).toHaveLength(digests?.times.sizeBytes ?? -1)
    expect(digests?.transactions).toEqual({ sizeBytes: -1, crc: undefined })
  }
  await log.close()
  const again = await open({ env, ...options })
  expect(ledgerOf(env).load()).toEqual(known)
  await appendEach(again, ...valuesOf(3, 270))
  expect(basesIn(env)).toEqual([0, 3, 6, 9])
})

test('an entry is written in 64 bytes, and none is written again', async () => {
  const { env, log } = await filled(6)
  const before = bytesOf(env, name)
  expect(before).toHaveLength(entrySize)
  await appendEach(log, 'x'.repeat(270))
  expect(bytesOf(env, name)).toHaveLength(2 * entrySize)
  expect(bytesOf(env, name).subarray(0, entrySize)).toEqual(before)
})

test('any bit that flips in an entry makes that entry count for nothing', async () => {
  const { env } = await filled()
  for (let position = 0; position < 3 * entrySize; position++) {
    flip(env, name, position)
    expect(basesIn(env)).toEqual([0, 3, 6].filter((_, index) => index !== Math.floor(position / entrySize)))
    flip(env, name, position)
  }
})

describe('after a kill', () => {
  test.each([0, 1, 63, 64, 100, 3 * entrySize - 1])(
    'cut to %d bytes it still says what is whole in it',
    async (length) => {
      const after = (await filled()).env.kill()
      putFile(after, name, bytesOf(after, name).subarray(0, length))
      const log = await open({ env: after, ...options })
      expect(log.recovery).toMatchObject({ rebuilt: [], scannedSegments: 1 })
      expect(basesIn(after)).toEqual([0, 3, 6].slice(0, Math.floor(length / entrySize)))
      expect(bytesOf(after, name).length % entrySize).toBe(0)
      expect(await valuesIn(log)).toEqual(valuesOf(12, 270))
      await appendEach(log, ...valuesOf(3, 270))
      expect(basesIn(after).at(-1)).toBe(9)
    },
  )

  test('one derived file that was changed costs one segment to be scanned', async () => {
    const after = (await filled(30)).env.kill()
    const good = bytesOf(after, segmentFile(3, '.timeindex'))
    putFile(after, segmentFile(3, '.timeindex'), good.subarray(0, good.length - 12))
    const { recovery } = await open({ env: after, ...options })
    // The active one is scanned after every kill.
    expect(recovery).toMatchObject({ rebuilt: [segmentFile(3, '.timeindex')], scannedSegments: 2 })
    expect(bytesOf(after, segmentFile(3, '.timeindex'))).toEqual(good)
  })

  test('an entry in the index that was changed is noticed when it is first used', async () => {
    const after = (await filled(30)).env.kill()
    const good = bytesOf(after, segmentFile(3, '.timeindex'))
    flip(after, segmentFile(3, '.timeindex'), 7)
    const log = await open({ env: after, ...options })
    expect(log.get(4)?.offset).toBe(4)
    expect(bytesOf(after, segmentFile(3, '.timeindex'))).toEqual(good)
  })
})

describe('what is cut is forgotten', () => {
  test('durably, before anything else can take its place', async () => {
    const { env, log } = await filled()
    await log.truncate(4)
    expect(basesIn(env.crash())).toEqual([0])
  })

  test('also when the same offsets are filled again', async () => {
    const { env, log } = await filled()
    await log.truncate(4)
    // The first batches are as long as those that were there.
    await appendEach(log, ...valuesOf(8, 270))
    const after = env.kill()
    expect(basesIn(after)).toEqual([0, 3, 6])
    const again = await open({ env: after, ...options })
    expect(again.recovery).toMatchObject({ rebuilt: [], scannedSegments: 1 })
    expect(await valuesIn(again)).toEqual([...valuesOf(12, 270).slice(0, 4), ...valuesOf(8, 270)])
  })

  test('when segments that were compacted take their place', async () => {
    const after = (await filled()).env.kill()
    putFile(after, segmentFile(0, '.log.swap'), bytesOf(after, segmentFile(0, '.log')))
    finishInterrupted(after.files, directory, () => 3)
    expect(namesIn(after)).not.toContain(name)
  })

  test('when the log is repaired', async () => {
    const after = (await filled()).env.kill()
    after.files.removeSync(`${directory}/.lock`)
    flip(after, segmentFile(3, '.log'), 100)
    const { changed } = await repairDirectory(directory, { env: after })
    expect(changed).toBe(true)
    expect(namesIn(after)).not.toContain(name)
  })
})

test('entries of deleted segments stay for a while, and not for ever', async () => {
  const { env } = stillWorld()
  const log = await open({ env, segmentBytes: 1024, retentionBytes: 4000, fileDeleteDelayMs: 0 })
  for (let round = 0; round < 30; round++) {
    for (let count = 0; count < 50; count++) await log.append({ value: 'x'.repeat(900) })
    await log.applyRetention()
    expect(bytesOf(env, name).length / entrySize).toBeLessThan(1100)
  }
  const bases = basesIn(env)
  expect(bases.at(-1)).toBe(1498)
  expect(bases.length).toBeLessThan(1000)
})

test('a disk without room for it is no reason not to open', async () => {
  const { env } = await filled()
  const after = env.kill()
  putFile(after, name, bytesOf(after, name).subarray(0, 100))
  const log = await open({ env: { ...after, files: new WithoutRoom(after.files) }, ...options })
  expect(await valuesIn(log)).toEqual(valuesOf(12, 270))
  expect(namesIn(after)).not.toContain(name)
})
