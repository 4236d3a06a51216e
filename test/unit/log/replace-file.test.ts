import { beforeEach, describe, expect, test } from 'vitest'
import { CorruptionError } from '../../../src/base/errors.ts'
import type { Files } from '../../../src/env/env.ts'
import { readWhole, replaceFile, replaceFileSync, writeInPlace } from '../../../src/log/replace-file.ts'
import {
  type FaultRule,
  faultyFiles,
  type MemoryEnv,
  memoryEnv,
  randomCrash,
  recordingFiles,
  seededRandom,
} from '../../../src/testing/public.ts'

const path = '/data/checkpoint'
const temporary = '/data/checkpoint.tmp'
let env: MemoryEnv

const textAt = (files: Files, at = path) => readWhole(files, at, 1000)?.toString()

beforeEach(() => {
  env = memoryEnv()
  env.files.makeDirectorySync('/data')
  env.files.syncDirectorySync('/')
  replaceFileSync(env.files, path, 'old')
})

describe.each([
  ['replaceFile', replaceFile],
  ['replaceFileSync', async (...given: Parameters<typeof replaceFileSync>) => replaceFileSync(...given)],
] as const)('%s', (_, replace) => {
  test('syncs the content before the rename and the directory after it', async () => {
    const files = recordingFiles(env.files)
    await replace(files, path, 'new')
    expect(files.records.map(({ kind, path: at }) => [kind, at])).toEqual([
      ['remove', temporary],
      ['open', temporary],
      ['write', temporary],
      ['sync', temporary],
      ['rename', temporary],
      ['syncDirectory', '/data'],
    ])
    expect(textAt(env.files)).toBe('new')
    expect(env.files.listSync('/data')).toEqual(['checkpoint'])
  })

  test('writes bytes, text as UTF-8, and nothing at all', async () => {
    for (const [content, bytes] of [
      [Buffer.from([0, 255, 1]), Buffer.from([0, 255, 1])],
      ['Grüße\n', Buffer.from('Grüße\n')],
      ['', Buffer.alloc(0)],
    ] as const) {
      await replace(env.files, path, content)
      expect(readWhole(env.files, path, 1000)).toEqual(bytes)
    }
  })

  test('a temporary file that a crash left behind does not shine through', async () => {
    writeInPlace(env.files, temporary, Buffer.from('much longer than what is to come'))
    await replace(env.files, path, 'new')
    expect(textAt(env.files)).toBe('new')
  })

  test('goes on after short writes', async () => {
    const files = faultyFiles(env.files, [{ kind: 'write', fault: { shortBytes: 2 }, times: 4 }])
    await replace(files, path, '0123456789')
    expect(textAt(env.files)).toBe('0123456789')
    expect(files.count('write')).toBe(5)
  })

  test.each(['open', 'write', 'sync', 'rename'] as const)(
    'a failed %s leaves the old content alone',
    async (kind) => {
      const files = faultyFiles(env.files, [{ kind, fault: 'EIO' }])
      await expect(replace(files, path, 'new')).rejects.toThrow('EIO')
      expect(textAt(env.files)).toBe('old')
      expect(env.files.listSync('/data')).toEqual(['checkpoint'])
      await replace(files, path, 'newer')
      expect(textAt(env.files)).toBe('newer')
    },
  )

  test('the first failure is the one that is told', async () => {
    const rules: FaultRule[] = [
      { kind: 'write', fault: 'ENOSPC' },
      { kind: 'remove', fault: 'EIO', nth: 2 },
    ]
    await expect(replace(faultyFiles(env.files, rules), path, 'new')).rejects.toThrow('ENOSPC')
    expect(textAt(env.files)).toBe('old')
  })

  test('a failed sync of the directory is told, with the new content in place', async () => {
    const files = faultyFiles(env.files, [{ kind: 'syncDirectory', fault: 'EIO' }])
    await expect(replace(files, path, 'new')).rejects.toThrow('EIO')
    expect(textAt(env.files)).toBe('new')
  })

  test('after it a power cut takes nothing away', async () => {
    await replace(env.files, path, 'new')
    expect(textAt(env.crash().files)).toBe('new')
  })

  test('a power cut at any call leaves the old content or the new one whole', async () => {
    const seed = Number(process.env['TIDEMARK_SEED'] ?? 1)
    const found = new Set<string | undefined>()
    for (let callCount = 0; callCount < 12; callCount++) {
      for (let run = 0; run < 20; run++) {
        const world = memoryEnv()
        world.files.makeDirectorySync('/data')
        world.files.syncDirectorySync('/')
        replaceFileSync(world.files, path, 'old')
        const files = faultyFiles(world.files, (_call, _nth, nthOfAll) =>
          nthOfAll > callCount ? 'EIO' : undefined,
        )
        await replace(files, path, 'new content').catch(() => {})
        const after = world.crash(randomCrash(seededRandom(seed * 1000 + callCount * 20 + run)))
        found.add(textAt(after.files))
      }
    }
    expect(found).toEqual(new Set(['new content', 'old']))
  })
})

test('a file written in place is cut to its new length', () => {
  writeInPlace(env.files, path, Buffer.from('x'))
  expect(textAt(env.files)).toBe('x')
  const files = faultyFiles(env.files, [{ kind: 'write', fault: { shortBytes: 1 } }])
  writeInPlace(files, path, Buffer.from('longer'))
  expect(textAt(env.files)).toBe('longer')
})

describe('readWhole', () => {
  test('finds nothing where nothing is', () => expect(readWhole(env.files, '/data/none', 10)).toBeUndefined())

  test('refuses a file that is too large before reading it', () => {
    const files = faultyFiles(env.files)
    expect(() => readWhole(files, path, 2)).toThrow(CorruptionError)
    expect(() => readWhole(files, path, 2)).toThrow(
      '/data/checkpoint: the file takes 3 bytes, at most 2 can be right',
    )
    expect(files.count('read')).toBe(0)
    expect(readWhole(files, path, 3)?.toString()).toBe('old')
  })

  test('goes on after short reads, and ends where a file shrinks meanwhile', () => {
    const open = env.files.openSync.bind(env.files)
    let bytesMax = 2
    env.files.openSync = (...given) => {
      const file = open(...given)
      const read = file.readSync.bind(file)
      file.readSync = (target, at, length, position) => read(target, at, Math.min(length, bytesMax), position)
      return file
    }
    expect(textAt(env.files)).toBe('old')
    bytesMax = 0
    expect(textAt(env.files)).toBe('')
  })
})
