import { describe, expect, test } from 'vitest'
import {
  faultyFiles,
  type FaultyFiles,
  type FaultPlan,
  type FaultRule,
} from '../../../src/testing/faulty-files.ts'
import { keepUnsynced, loseUnsynced } from '../../../src/testing/crash-chooser.ts'
import { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { recordingFiles } from '../../../src/testing/recording-files.ts'
import { contentOf, errorOf, filesContract, readAll } from '../env/files-contract.ts'

const abc = [Buffer.from('abc')]

function newFaulty(plan: FaultPlan | readonly FaultRule[]): { files: FaultyFiles; memory: MemoryFiles } {
  const memory = new MemoryFiles()
  return { files: faultyFiles(memory, plan), memory }
}

describe('without faults', () => {
  filesContract(() => {
    const memory = new MemoryFiles()
    memory.makeDirectorySync('/data')
    return { files: faultyFiles(memory), directory: '/data' }
  })
})

describe('faults', () => {
  test('strike the call that the rule names, once, and it does nothing', () => {
    const { files } = newFaulty([{ kind: 'write', nth: 2, fault: 'EIO' }])
    const file = files.openSync('/file', 'create')
    expect(file.writevSync(abc, 0)).toBe(3)
    expect(errorOf(() => file.writevSync(abc, 3))).toMatchObject({ code: 'EIO', syscall: 'write' })
    expect(contentOf(file).toString()).toBe('abc')
    expect(file.writevSync(abc, 3)).toBe(3)
    expect(files.count('write')).toBe(3)
  })

  test('strike asynchronous calls as well, counting both as one kind', async () => {
    const { files } = newFaulty([{ kind: 'write', nth: 2, times: 2, fault: 'ENOSPC' }])
    const file = files.openSync('/file', 'create')
    file.writevSync(abc, 0)
    await expect(file.writev(abc, 3)).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(errorOf(() => file.writevSync(abc, 3))).toMatchObject({ code: 'ENOSPC' })
    expect(await file.writev(abc, 3)).toBe(3)
  })

  test.each(['EIO', 'ENOSPC', 'EDQUOT', 'EMFILE', 'EINTR', 'EROFS'] as const)('can be %s', (code) => {
    const { files } = newFaulty([{ kind: 'open', fault: code }])
    const error = errorOf(() => files.openSync('/file', 'create'))
    expect(error).toMatchObject({ code, syscall: 'open', path: '/file', errno: expect.any(Number) })
    expect(error.message).toMatch(new RegExp(`^${code}: .+, open '/file'$`))
    expect(error.message).not.toContain('unknown')
  })

  test('may be limited to paths, a rename by either', () => {
    const { files } = newFaulty([{ path: /\.index$/, times: Infinity, fault: 'EIO' }])
    files.openSync('/0.log', 'create').closeSync()
    expect(errorOf(() => files.openSync('/0.index', 'create'))).toMatchObject({ code: 'EIO' })
    const error = errorOf(() => files.renameSync('/0.log', '/1.index'))
    expect(error).toMatchObject({ code: 'EIO', syscall: 'rename', path: '/0.log', dest: '/1.index' })
    files.renameSync('/0.log', '/1.log')
  })

  test('may make a write short', async () => {
    const { files } = newFaulty([{ kind: 'write', times: 2, fault: { shortBytes: 4 } }])
    const file = files.openSync('/file', 'create')
    expect(file.writevSync([Buffer.from('abc'), Buffer.from('def'), Buffer.from('ghi')], 0)).toBe(4)
    expect(await file.writev([Buffer.from('ABCDEF')], 4)).toBe(4)
    expect(contentOf(file).toString()).toBe('abcdABCD')
  })

  test('can be planned by a function, which knows how many calls there have been', () => {
    const seen: unknown[] = []
    const { files } = newFaulty((call, nth, nthOfAll) => {
      seen.push([call.kind, call.path, nth, nthOfAll])
      return nthOfAll === 3 ? 'EIO' : undefined
    })
    const file = files.openSync('/file', 'create')
    file.writevSync(abc, 0)
    expect(errorOf(() => file.syncSync())).toMatchObject({ code: 'EIO', syscall: 'fdatasync' })
    file.writevSync(abc, 0)
    expect(seen).toEqual([
      ['open', '/file', 1, 1],
      ['write', '/file', 1, 2],
      ['sync', '/file', 1, 3],
      ['write', '/file', 2, 4],
    ])
    expect(files.count()).toBe(4)
    expect(files.count('rename')).toBe(0)
  })

  test('end when another plan is used', () => {
    const { files } = newFaulty([{ kind: 'write', times: Infinity, fault: 'ENOSPC' }])
    const file = files.openSync('/file', 'create')
    expect(errorOf(() => file.writevSync(abc, 0))).toMatchObject({ code: 'ENOSPC' })
    files.use([])
    expect(file.writevSync(abc, 0)).toBe(3)
  })

  test('strike every kind of call', async () => {
    const { files, memory } = newFaulty([])
    memory.makeDirectorySync('/d')
    const file = files.openSync('/d/file', 'create')
    const lock = files.lockSync('/d/lock')
    files.use(() => 'EIO')
    const calls: Record<string, () => unknown> = {
      open: () => files.openSync('/d/file', 'write'),
      fstat: () => file.sizeSync(),
      read: () => file.readSync(Buffer.alloc(1), 0, 1, 0),
      write: () => file.writevSync(abc, 0),
      ftruncate: () => file.truncateSync(0),
      fdatasync: () => file.syncSync(),
      scandir: () => files.listSync('/d'),
      stat: () => files.statSync('/d'),
      rename: () => files.renameSync('/d/file', '/d/other'),
      unlink: () => files.removeSync('/d/file'),
      rm: () => files.removeDirectorySync('/d'),
      mkdir: () => files.makeDirectorySync('/e'),
      utime: () => files.setModifiedSync('/d', 0),
      statfs: () => files.freeBytesSync('/d'),
      fsync: () => files.syncDirectorySync('/d'),
      watch: () => files.watch('/d', () => undefined),
      close: () => file.closeSync(),
    }
    for (const [syscall, call] of Object.entries(calls)) {
      expect(errorOf(call)).toMatchObject({ code: 'EIO', syscall })
    }
    expect(errorOf(() => files.lockSync('/d/other'))).toMatchObject({ code: 'EIO' })
    expect(errorOf(() => lock.releaseSync())).toMatchObject({ code: 'EIO' })
    await expect(file.read(Buffer.alloc(1), 0, 1, 0)).rejects.toMatchObject({ code: 'EIO' })
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
    await expect(files.syncDirectory('/d')).rejects.toMatchObject({ code: 'EIO' })
    expect(memory.listSync('/d').toSorted()).toEqual(['file', 'lock'])
  })
})

describe('a failed sync', () => {
  test('loses what it should have made durable, though reads show it and the next sync succeeds', async () => {
    const { files, memory } = newFaulty([{ kind: 'sync', nth: 2, fault: 'EIO' }])
    const file = files.openSync('/file', 'create')
    files.syncDirectorySync('/')
    file.writevSync(abc, 0)
    await file.sync()
    file.writevSync([Buffer.from('def')], 3)
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
    await file.sync()
    file.writevSync([Buffer.from('ghi')], 6)
    await file.sync()
    expect(contentOf(file).toString()).toBe('abcdefghi')
    expect(readAll(memory.crash(keepUnsynced), '/file').toString()).toBe('abc\0\0\0ghi')
  })

  test('may by luck have reached the disk, until the next one', () => {
    const { files, memory } = newFaulty([{ kind: 'sync', fault: 'EIO' }])
    const file = files.openSync('/file', 'create')
    files.syncDirectorySync('/')
    file.writevSync(abc, 0)
    expect(errorOf(() => file.syncSync())).toMatchObject({ code: 'EIO' })
    expect(readAll(memory.crash(keepUnsynced), '/file').toString()).toBe('abc')
    expect(readAll(memory.crash(loseUnsynced), '/file').toString()).toBe('')
  })

  test('does so through files that stand between', () => {
    const memory = new MemoryFiles()
    const files = faultyFiles(recordingFiles(memory), [{ kind: 'sync', fault: 'EIO' }])
    const file = files.openSync('/file', 'create')
    files.syncDirectorySync('/')
    file.writevSync(abc, 0)
    expect(errorOf(() => file.syncSync())).toMatchObject({ code: 'EIO' })
    file.syncSync()
    expect(readAll(memory.crash(keepUnsynced), '/file').toString()).toBe('')
  })
})
