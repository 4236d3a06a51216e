import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { uuidFromBase64Url } from '../../../native-free/uuid.ts'
import type { Env } from '../../../src/env/env.ts'
import { layOutLogs } from '../../../src/log/lay-out-logs.ts'
import { type Log, openLog } from '../../../src/log/log.ts'
import { readWhole } from '../../../src/log/replace-file.ts'
import { readTopicId } from '../../../src/log/partition-metadata.ts'
import { type FileCall, InterposedFiles } from '../../../src/testing/interposed-files.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import { memoryEnv, type MemoryEnv } from '../../../src/testing/memory-env.ts'

const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ'
const topicIdBytes = uuidFromBase64Url(topicId)

function world(): MemoryEnv {
  const env = memoryEnv({ clock: new ManualClock(), seed: 1 })
  env.files.makeDirectorySync('/data')
  env.files.syncDirectorySync('/')
  return env
}

function layOut(env: Env, names: readonly string[], leaderEpoch = 0): Promise<void> {
  return layOutLogs(
    env.files,
    names.map((name) => ({ directory: join('/data', name), topicId: topicIdBytes, leaderEpoch })),
  )
}

function open(env: Env, name: string): Promise<Log> {
  return openLog(join('/data', name), { env, reserveBytes: 0, durability: 'sync' })
}

function contents({ files }: Env, directory: string): Record<string, string> {
  const names = files.listSync(directory).filter((name) => name !== '.lock')
  return Object.fromEntries(
    names.map((name) => [
      name,
      (readWhole(files, join(directory, name), 1e6) ?? Buffer.of()).toString('latin1'),
    ]),
  )
}

/** Counts what is done, by kind and directory. */
class CountingFiles extends InterposedFiles {
  readonly counts = new Map<string, number>()

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    const key = `${call.kind} ${dirname(call.path)}`
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
    return run(call)
  }
}

test('a log is laid out as closing an empty one leaves it, but for its id', async () => {
  const env = world()
  await (await open(env, 'closed-0')).close()
  await layOut(env, ['made-0'])
  const { 'partition.metadata': closedId, ...closed } = contents(env, '/data/closed-0')
  const { 'partition.metadata': madeId, ...made } = contents(env, '/data/made-0')
  expect(made).toEqual(closed)
  expect(madeId).not.toBe(closedId)
  expect(readTopicId(env.files, '/data/made-0')).toBe(topicId)
})

test('one that somebody else leads begins in no leader epoch', async () => {
  const env = world()
  await layOut(env, ['made-0'], -1)
  expect(contents(env, '/data/made-0')['leader-epoch-checkpoint']).toBe('0\n0\n')
})

test('opening it syncs nothing, and it begins in its leader epoch', async () => {
  const env = world()
  await layOut(env, ['made-0'], 7)
  const files = new CountingFiles(env.files)
  const log = await open({ ...env, files }, 'made-0')
  expect(log.recovery.cleanStop).toBe(true)
  // That of the parent is for whoever made the directory.
  expect([...files.counts.keys()].filter((key) => key.startsWith('sync'))).toEqual(['syncDirectory /'])
  await log.close()
  expect(contents(env, '/data/made-0')['leader-epoch-checkpoint']).toBe('0\n1\n7 0\n')
})

test('many are made with one sync of what they are in for each that are made together', async () => {
  const env = world()
  const files = new CountingFiles(env.files)
  await layOut(
    { ...env, files },
    Array.from({ length: 64 }, (_, index) => `made-${index}`),
  )
  expect(files.counts.get('syncDirectory /')).toBe(2)
  expect(files.counts.get('syncDirectory /data')).toBe(64)
})

describe('after a power cut', () => {
  test('all of it is there', async () => {
    const env = world()
    await layOut(env, ['made-0', 'made-1'])
    const before = contents(env, '/data/made-1')
    expect(contents(env.crash(), '/data/made-1')).toEqual(before)
  })

  test('what was acknowledged to it is there, also when it was the first record', async () => {
    const env = world()
    await layOut(env, ['made-0'])
    await (await open(env, 'made-0')).append({ value: 'a' })
    const after = await open(env.crash(), 'made-0')
    const values: string[] = []
    for await (const { value } of after.read()) values.push(String(value))
    expect(values).toEqual(['a'])
    await after.close()
  })
})
