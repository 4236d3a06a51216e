import { describe, expect, test } from 'vitest'
import { TidemarkError } from '../../src/base/errors.ts'
import { cleanShutdownSidecar } from '../../src/log/clean-shutdown.ts'
import { durablePointFile } from '../../src/log/durable-point.ts'
import type { Env } from '../../src/env/env.ts'
import { type Log, openLog } from '../../src/log/log.ts'
import type { LogOptions } from '../../src/log/log-options.ts'
import {
  type CrashChooser,
  keepUnsynced,
  loseUnsynced,
  randomCrash,
} from '../../src/testing/crash-chooser.ts'
import { type FileCall, InterposedFiles } from '../../src/testing/interposed-files.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { memoryEnv, type MemoryEnv } from '../../src/testing/memory-env.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { settled } from '../property/settled.ts'
import { checkAftermath, openHere, sealMore, worldToCompact } from './compaction-bench.ts'
import { FusedWorld, type WorldEnd } from './fused-world.ts'

/** Precautions whose want shows in a corner only: what each is for, and that its omission is found out there. */

const directory = '/data/orders-0'
const segmentBytes = 1024

function openAt(env: Env, options: LogOptions = {}): Promise<Log> {
  return settled(
    openLog(directory, { segmentBytes, reserveBytes: 0, compactionCheckMs: 1e12, ...options, env }),
  )
}

/** Files of which some calls do nothing. */
class OmittingFiles extends InterposedFiles {
  readonly #isOmitted: (call: FileCall) => boolean

  constructor(files: MemoryEnv['files'], isOmitted: (call: FileCall) => boolean) {
    super(files)
    this.#isOmitted = isOmitted
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    return this.#isOmitted(call) ? (undefined as T) : run(call)
  }
}

/** `memory` without the calls of a kind on files whose names end in `suffix`. */
function omitting(memory: MemoryEnv, kind: FileCall['kind'], suffix: string): Env {
  const isOmitted = (call: FileCall) => call.kind === kind && call.path.endsWith(suffix)
  return { ...memory, files: new OmittingFiles(memory.files, isOmitted) }
}

async function valuesOf(log: Log): Promise<string[]> {
  const values: string[] = []
  for await (const { value } of log.read()) values.push(String(value).trim())
  return values
}

describe('the durable point is synced before segments are joined', () => {
  async function joinAndCut(envOf: (memory: MemoryEnv) => Env): Promise<void> {
    const memory = await worldToCompact()
    const env = envOf(memory)
    const log = await openHere(env)
    await sealMore(log, env)
    await settled(log.compact())
    await checkAftermath(memory.crash(loseUnsynced))
  }

  test('or what it names on the disk is missing after a power cut', async () => {
    await joinAndCut((memory) => memory)
    const omission = joinAndCut((memory) => omitting(memory, 'sync', durablePointFile))
    await expect(omission).rejects.toThrow('the file is missing')
  })
})

describe("a producers' snapshot is synced before the segments that it stands for are deleted", () => {
  const producer = { id: 7, epoch: 0 }

  /** Whether a producer that is in no segment any more is still known after a power cut. */
  async function isKnownAfter(envOf: (memory: MemoryEnv) => Env): Promise<boolean> {
    const memory = memoryEnv({ clock: new ManualClock(), seed: 1 })
    const log = await openAt(envOf(memory))
    await settled(log.append({ value: 'x' }, { producer: { ...producer, sequence: 0 } }))
    for (let count = 0; count < 3; count++) await settled(log.append({ value: 'x'.repeat(900) }))
    await settled(log.trim(2))
    const next = await openAt(memory.crash(loseUnsynced))
    const { duplicate } = await settled(
      next.append({ value: 'x' }, { producer: { ...producer, sequence: 0 } }),
    )
    return duplicate
  }

  test('or a power cut makes the log forget them', async () => {
    expect(await isKnownAfter((memory) => memory)).toBe(true)
    expect(await isKnownAfter((memory) => omitting(memory, 'sync', '.snapshot'))).toBe(false)
  })
})

describe('the clean-shutdown file goes before the log changes', () => {
  const sizeBytes = 3000
  const value = (text: string) => text.padEnd(sizeBytes, text)
  const random = seededRandom(1)

  /** Puts other records of the same sizes in the place of some, and cuts the power before they are synced. */
  async function replaceAndCut(envOf: (memory: MemoryEnv) => Env): Promise<string[]> {
    const memory = memoryEnv({ clock: new ManualClock(), seed: 1 })
    const options = { segmentBytes: 1024 * 1024, durability: 'os' } as const
    const first = await openAt(memory, options)
    for (const text of ['a', 'b', 'c']) await settled(first.append({ value: value(text) }))
    await settled(first.close())
    const log = await openAt(envOf(memory), options)
    await settled(log.truncate(1))
    for (const text of ['B', 'C']) await settled(log.append({ value: value(text) }))
    return await settled(valuesOf(await openAt(memory.crash(randomCrash(random)), options)))
  }

  async function replaceAgainAndAgain(envOf: (memory: MemoryEnv) => Env): Promise<void> {
    for (let time = 0; time < 50; time++) {
      const left = (await replaceAndCut(envOf)).map(([letter]) => letter)
      expect(left).toEqual(['a', 'B', 'C'].slice(0, left.length))
    }
  }

  test('or records that a power cut has torn are taken for good ones', async () => {
    await replaceAgainAndAgain((memory) => memory)
    const omission = replaceAgainAndAgain((memory) => omitting(memory, 'remove', cleanShutdownSidecar))
    await expect(omission).rejects.toThrow(TidemarkError)
  })
})

describe('segments are truncated from the end', () => {
  const values = Array.from({ length: 6 }, (_, index) => `${index}`)
  const random = seededRandom(1)

  async function truncateUntil(calls: number, end: WorldEnd): Promise<boolean> {
    const world = new FusedWorld(memoryEnv({ clock: new ManualClock(), seed: 1 }))
    const log = await openAt(world.env, { cleanupPolicy: 'compact' })
    for (const value of values) await settled(log.append({ key: value, value: value.padEnd(900) }))
    world.arm(calls, end)
    await settled(log.truncate(1).catch(() => undefined))
    const wasInTime = world.isOver
    world.end(end)
    await settled(log.close().catch(() => undefined))
    world.restart()
    const next = await openAt(world.env, { cleanupPolicy: 'compact' })
    const left = await settled(valuesOf(next))
    expect(left, `after ${calls} calls`).toEqual(values.slice(0, Math.max(1, left.length)))
    return wasInTime
  }

  test.each<[string, () => WorldEnd]>([
    ['the process dies', () => 'kill'],
    ['the power goes', () => loseUnsynced],
    ['the power goes, and everything was written', () => keepUnsynced],
    ['the power goes, and some things were written', (): CrashChooser => randomCrash(random)],
  ])('so that no crash leaves a hole in a compacted log, which would not be seen: %s', async (_, end) => {
    let calls = 0
    while (await truncateUntil(calls, end())) calls++
    expect(calls).toBeGreaterThan(values.length)
  })
})
