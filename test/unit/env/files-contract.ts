import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LockedError } from '../../../src/base/errors.ts'
import type { File, Files } from '../../../src/env/env.ts'
import { nodeClock } from '../../../src/env/node-clock.ts'
import { turn } from '../../../src/env/turn.ts'

/** Files to test, with an empty directory in them. */
export interface FilesUnderTest {
  readonly files: Files
  readonly directory: string
}

/** What every implementation of `Files` must do. Call it inside a `describe`. */
export function filesContract(setUp: () => FilesUnderTest): void {
  testOpening(setUp)
  testContent(setUp)
  testNames(setUp)
  testDirectories(setUp)
  testAttributes(setUp)
  testLocks(setUp)
  testWatch(setUp)
}

/** The whole content of an open file. */
export function contentOf(file: File): Buffer {
  const content = Buffer.alloc(file.sizeSync() + 1)
  return content.subarray(0, file.readSync(content, 0, content.length, 0))
}

/** The whole content of the file at `path`. */
export function readAll(files: Files, path: string): Buffer {
  const file = files.openSync(path, 'read')
  const content = contentOf(file)
  file.closeSync()
  return content
}

/** Creates a file with this content, or writes over the beginning of one. */
export function writeText(files: Files, path: string, text: string): void {
  const file = files.openSync(path, 'write')
  file.writevSync([Buffer.from(text)], 0)
  file.closeSync()
}

/** What a failing call throws, as far as implementations must agree. */
export function errorOf(call: () => unknown): { message?: string } {
  try {
    call()
  } catch (error) {
    return error instanceof Error ? Object.assign({ message: error.message }, error) : {}
  }
  throw new Error('the call was to fail and did not')
}

function testOpening(setUp: () => FilesUnderTest): void {
  test('read mode needs the file, and says so as Node does', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'absent')
    expect(errorOf(() => files.openSync(path, 'read'))).toEqual({
      code: 'ENOENT',
      errno: expect.any(Number),
      syscall: 'open',
      path,
      message: `ENOENT: no such file or directory, open '${path}'`,
    })
  })

  test('write mode creates, and keeps what is there', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'file')
    writeText(files, path, 'abcdef')
    writeText(files, path, 'XY')
    expect(readAll(files, path).toString()).toBe('XYcdef')
  })

  test('create mode needs the file to be absent', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'file')
    files.openSync(path, 'create').closeSync()
    expect(errorOf(() => files.openSync(path, 'create'))).toMatchObject({
      code: 'EEXIST',
      syscall: 'open',
      path,
    })
  })

  test('every mode needs the directory', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'absent', 'file')
    for (const mode of ['read', 'write', 'create'] as const) {
      expect(errorOf(() => files.openSync(path, mode))).toMatchObject({ code: 'ENOENT', path })
    }
  })

  test('write and create mode read too; read mode does not write', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'file')
    const file = files.openSync(path, 'create')
    file.writevSync([Buffer.from('abc')], 0)
    expect(contentOf(file).toString()).toBe('abc')
    file.closeSync()
    const reader = files.openSync(path, 'read')
    expect(reader.path).toBe(path)
    expect(errorOf(() => reader.writevSync([Buffer.from('x')], 0))).toMatchObject({
      code: 'EBADF',
      syscall: 'write',
    })
    expect(errorOf(() => reader.truncateSync(1))).toMatchObject({ code: 'EINVAL', syscall: 'ftruncate' })
    reader.closeSync()
    expect(readAll(files, path).toString()).toBe('abc')
  })

  test('a directory is not a file', () => {
    const { files, directory } = setUp()
    expect(errorOf(() => files.openSync(directory, 'write'))).toMatchObject({
      code: 'EISDIR',
      path: directory,
    })
  })

  test('a closed file refuses every call and may be closed again', async () => {
    const { files, directory } = setUp()
    const file = files.openSync(join(directory, 'file'), 'create')
    file.closeSync()
    file.closeSync()
    const closed = { code: 'EBADF' }
    expect(errorOf(() => file.sizeSync())).toMatchObject({ ...closed, syscall: 'fstat' })
    expect(errorOf(() => file.readSync(Buffer.alloc(1), 0, 1, 0))).toMatchObject({
      ...closed,
      syscall: 'read',
    })
    expect(errorOf(() => file.writevSync([Buffer.alloc(1)], 0))).toMatchObject({
      ...closed,
      syscall: 'write',
    })
    expect(errorOf(() => file.truncateSync(0))).toMatchObject({ ...closed, syscall: 'ftruncate' })
    expect(errorOf(() => file.syncSync())).toMatchObject({ ...closed, syscall: 'fdatasync' })
    await expect(file.read(Buffer.alloc(1), 0, 1, 0)).rejects.toMatchObject(closed)
    await expect(file.writev([Buffer.alloc(1)], 0)).rejects.toMatchObject(closed)
    await expect(file.sync()).rejects.toMatchObject(closed)
  })
}

function testContent(setUp: () => FilesUnderTest): void {
  function setUpFile(): File {
    const { files, directory } = setUp()
    return files.openSync(join(directory, 'file'), 'create')
  }

  test('reads what was written, synchronously and not', async () => {
    const file = setUpFile()
    expect(file.writevSync([Buffer.from('ab'), Buffer.from('cd')], 0)).toBe(4)
    expect(await file.writev([Buffer.from('EF'), Buffer.from('GH')], 4)).toBe(4)
    await file.sync()
    file.syncSync()
    expect(file.sizeSync()).toBe(8)
    const target = Buffer.from('........')
    expect(file.readSync(target, 2, 3, 1)).toBe(3)
    expect(target.toString()).toBe('..bcd...')
    expect(await file.read(target, 5, 3, 5)).toBe(3)
    expect(target.toString()).toBe('..bcdFGH')
    file.closeSync()
  })

  test('a read ends at the end of the file, and past it there is nothing', async () => {
    const file = setUpFile()
    file.writevSync([Buffer.from('abc')], 0)
    const target = Buffer.from('.....')
    expect(file.readSync(target, 0, 5, 1)).toBe(2)
    expect(file.readSync(target, 0, 5, 3)).toBe(0)
    expect(file.readSync(target, 0, 5, 1000)).toBe(0)
    expect(await file.read(target, 0, 5, 2)).toBe(1)
    expect(await file.read(target, 0, 5, 3)).toBe(0)
    expect(file.readSync(target, 0, 0, 0)).toBe(0)
    file.closeSync()
  })

  test('a read does not fit into less room', () => {
    const file = setUpFile()
    expect(() => file.readSync(Buffer.alloc(4), 2, 3, 0)).toThrow(RangeError)
    file.closeSync()
  })

  test('a gap reads as zeros', () => {
    const file = setUpFile()
    file.writevSync([Buffer.from('x')], 5)
    expect(contentOf(file)).toEqual(Buffer.from([0, 0, 0, 0, 0, 0x78]))
    file.closeSync()
  })

  test('truncating cuts, and extends with zeros', () => {
    const file = setUpFile()
    file.writevSync([Buffer.from('abcdef')], 0)
    file.truncateSync(2)
    expect(contentOf(file).toString()).toBe('ab')
    file.truncateSync(4)
    expect(contentOf(file)).toEqual(Buffer.from([0x61, 0x62, 0, 0]))
    file.closeSync()
  })

  test('one write takes 3000 buffers', async () => {
    const file = setUpFile()
    const buffers = Array.from({ length: 3000 }, (_, index) => Buffer.from(`${index},`))
    const expected = Buffer.concat(buffers)
    expect(file.writevSync(buffers, 0)).toBe(expected.length)
    expect(await file.writev(buffers, expected.length)).toBe(expected.length)
    expect(contentOf(file)).toEqual(Buffer.concat([expected, expected]))
    file.closeSync()
  })

  test('writing nothing changes nothing', () => {
    const file = setUpFile()
    expect(file.writevSync([Buffer.alloc(0), Buffer.alloc(0)], 10)).toBe(0)
    expect(file.sizeSync()).toBe(0)
    file.closeSync()
  })

  test('two open files of one path see each other', () => {
    const { files, directory } = setUp()
    const [a, b] = [0, 1].map(() => files.openSync(join(directory, 'file'), 'write'))
    a?.writevSync([Buffer.from('abc')], 0)
    expect(b && contentOf(b).toString()).toBe('abc')
    a?.closeSync()
    b?.closeSync()
  })
}

function testNames(setUp: () => FilesUnderTest): void {
  test('a rename replaces its target', () => {
    const { files, directory } = setUp()
    const [source, target] = [join(directory, 'source'), join(directory, 'target')]
    writeText(files, source, 'new')
    writeText(files, target, 'older')
    files.renameSync(source, target)
    expect(files.listSync(directory)).toEqual(['target'])
    expect(readAll(files, target).toString()).toBe('new')
    files.renameSync(target, target)
    expect(readAll(files, target).toString()).toBe('new')
  })

  test('a rename names both paths when it fails', () => {
    const { files, directory } = setUp()
    const [path, dest] = [join(directory, 'absent'), join(directory, 'target')]
    expect(errorOf(() => files.renameSync(path, dest))).toMatchObject({
      code: 'ENOENT',
      syscall: 'rename',
      path,
      dest,
    })
    expect(errorOf(() => files.renameSync(path, dest)).message).toMatch(/, rename '.*absent' -> '.*target'$/)
    writeText(files, path, 'x')
    const deeper = join(directory, 'nowhere', 'target')
    expect(errorOf(() => files.renameSync(path, deeper))).toMatchObject({
      code: 'ENOENT',
      path,
      dest: deeper,
    })
  })

  test('an open file survives its renaming, its replacement and its removal', () => {
    const { files, directory } = setUp()
    const [source, target] = [join(directory, 'source'), join(directory, 'target')]
    const replaced = files.openSync(target, 'create')
    replaced.writevSync([Buffer.from('replaced')], 0)
    const moved = files.openSync(source, 'create')
    files.renameSync(source, target)
    moved.writevSync([Buffer.from('moved')], 0)
    expect(readAll(files, target).toString()).toBe('moved')
    expect(contentOf(replaced).toString()).toBe('replaced')
    files.removeSync(target)
    moved.writevSync([Buffer.from('!')], 5)
    moved.syncSync()
    expect(contentOf(moved).toString()).toBe('moved!')
    expect(files.listSync(directory)).toEqual([])
    writeText(files, target, 'another')
    expect(contentOf(moved).toString()).toBe('moved!')
    replaced.closeSync()
    moved.closeSync()
  })

  test('removing what is gone is no error; removing a directory as a file is', () => {
    const { files, directory } = setUp()
    files.removeSync(join(directory, 'absent'))
    files.removeSync(join(directory, 'absent', 'file'))
    expect(errorOf(() => files.removeSync(directory))).toMatchObject({ syscall: 'unlink', path: directory })
  })
}

function testDirectories(setUp: () => FilesUnderTest): void {
  test('makes a directory with its parents, any number of times', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'a', 'b', 'c')
    files.makeDirectorySync(path)
    files.makeDirectorySync(path)
    expect(files.listSync(join(directory, 'a'))).toEqual(['b'])
    expect(files.statSync(path)?.kind).toBe('directory')
  })

  test('a file in the way of a directory is an error', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'file')
    writeText(files, path, 'x')
    expect(errorOf(() => files.makeDirectorySync(path))).toMatchObject({
      code: 'EEXIST',
      syscall: 'mkdir',
      path,
    })
    const below = join(path, 'below')
    expect(errorOf(() => files.makeDirectorySync(below))).toMatchObject({ code: 'ENOTDIR', syscall: 'mkdir' })
    expect(errorOf(() => files.openSync(below, 'write'))).toMatchObject({ code: 'ENOTDIR', syscall: 'open' })
    expect(errorOf(() => files.listSync(path))).toMatchObject({ code: 'ENOTDIR', syscall: 'scandir', path })
    expect(errorOf(() => files.removeDirectorySync(path))).toMatchObject({ code: 'ENOTDIR', path })
  })

  test('lists names, without order, and fails on what is no directory', () => {
    const { files, directory } = setUp()
    for (const name of ['b', 'a', '.c']) writeText(files, join(directory, name), name)
    files.makeDirectorySync(join(directory, 'd'))
    expect(files.listSync(directory).toSorted()).toEqual(['.c', 'a', 'b', 'd'])
    const path = join(directory, 'absent')
    expect(errorOf(() => files.listSync(path))).toMatchObject({ code: 'ENOENT', syscall: 'scandir', path })
  })

  test('removes a directory with all it holds, and is content when it is gone', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'a')
    files.makeDirectorySync(join(path, 'b'))
    writeText(files, join(path, 'b', 'file'), 'x')
    files.removeDirectorySync(path)
    files.removeDirectorySync(path)
    expect(files.listSync(directory)).toEqual([])
  })

  test('renames a directory with all it holds, only onto an empty one', () => {
    const { files, directory } = setUp()
    const [source, target] = [join(directory, 'source'), join(directory, 'target')]
    files.makeDirectorySync(source)
    writeText(files, join(source, 'file'), 'x')
    files.makeDirectorySync(join(target, 'full'))
    expect(errorOf(() => files.renameSync(source, target))).toMatchObject({ code: 'ENOTEMPTY' })
    files.removeDirectorySync(join(target, 'full'))
    files.renameSync(source, target)
    expect(readAll(files, join(target, 'file')).toString()).toBe('x')
    expect(files.statSync(source)).toBeUndefined()
    expect(errorOf(() => files.renameSync(target, join(target, 'inside')))).toMatchObject({ code: 'EINVAL' })
    writeText(files, source, 'y')
    expect(errorOf(() => files.renameSync(source, target))).toMatchObject({ code: 'EISDIR' })
    expect(errorOf(() => files.renameSync(target, source))).toMatchObject({ code: 'ENOTDIR' })
  })

  test('syncs a directory, if there is one', async () => {
    const { files, directory } = setUp()
    await files.syncDirectory(directory)
    files.syncDirectorySync(directory)
    const path = join(directory, 'absent')
    expect(errorOf(() => files.syncDirectorySync(path))).toMatchObject({
      code: 'ENOENT',
      syscall: 'open',
      path,
    })
    await expect(files.syncDirectory(path)).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open', path })
  })
}

function testAttributes(setUp: () => FilesUnderTest): void {
  test('tells kind, size and time, and nothing of what is absent', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'file')
    const beforeMs = Date.now() - 1000
    writeText(files, path, 'abc')
    const stat = files.statSync(path)
    expect(stat).toMatchObject({ kind: 'file', sizeBytes: 3 })
    expect(stat?.modifiedMs).toBeGreaterThan(beforeMs)
    expect(stat?.modifiedMs).toBeLessThan(Date.now() + 1000)
    expect(files.statSync(directory)?.kind).toBe('directory')
    expect(files.statSync(join(directory, 'absent'))).toBeUndefined()
    expect(files.statSync(join(directory, 'absent', 'file'))).toBeUndefined()
  })

  test('keeps a modified time to the millisecond, through renames, until the next write', () => {
    const { files, directory } = setUp()
    const [path, target] = [join(directory, 'file'), join(directory, 'target')]
    writeText(files, path, 'abc')
    for (const modifiedMs of [1_700_000_000_001, 1_234_567_890_123, 1_599_999_999_999, 0]) {
      files.setModifiedSync(path, modifiedMs)
      expect(files.statSync(path)?.modifiedMs).toBe(modifiedMs)
    }
    files.renameSync(path, target)
    expect(files.statSync(target)?.modifiedMs).toBe(0)
    writeText(files, target, 'x')
    expect(files.statSync(target)?.modifiedMs).toBeGreaterThan(0)
    expect(errorOf(() => files.setModifiedSync(path, 0))).toMatchObject({
      code: 'ENOENT',
      syscall: 'utime',
      path,
    })
  })

  test('tells the free room', () => {
    const { files, directory } = setUp()
    expect(files.freeBytesSync(directory)).toBeGreaterThan(0)
    const path = join(directory, 'absent')
    expect(errorOf(() => files.freeBytesSync(path))).toMatchObject({
      code: 'ENOENT',
      syscall: 'statfs',
      path,
    })
  })
}

function testLocks(setUp: () => FilesUnderTest): void {
  test('a lock is taken once, names its owner, and is free again after its release', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'lock')
    const lock = files.lockSync(path)
    expect(files.listSync(directory)).toEqual(['lock'])
    expect(() => files.lockSync(path)).toThrow(LockedError)
    expect(() => files.lockSync(path)).toThrow(`held by process ${process.pid} `)
    lock.releaseSync()
    lock.releaseSync()
    expect(files.listSync(directory)).toEqual([])
    const next = files.lockSync(path)
    lock.releaseSync()
    expect(() => files.lockSync(path)).toThrow(LockedError)
    next.releaseSync()
  })

  test('a lock file that nobody holds is taken over', () => {
    const { files, directory } = setUp()
    const path = join(directory, 'lock')
    writeText(files, path, '{"pid":')
    const lock = files.lockSync(path)
    expect(() => files.lockSync(path)).toThrow(LockedError)
    lock.releaseSync()
    expect(files.listSync(directory)).toEqual([])
  })
}

function testWatch(setUp: () => FilesUnderTest): void {
  test('a watch tells of new files, of writes and of removals, until it is closed', async () => {
    const { files, directory } = setUp()
    const path = join(directory, 'file')
    let noticeCount = 0
    let onNotice: (() => void) | undefined
    const watch = files.watch(directory, () => {
      noticeCount++
      onNotice?.()
    })
    const changes = [
      () => files.openSync(path, 'create').closeSync(),
      () => writeText(files, path, 'x'),
      () => files.removeSync(path),
    ]
    for (const change of changes) {
      const notice = new Promise<void>((resolve) => (onNotice = resolve))
      change()
      await notice
      for (let turns = 0; turns < 50; turns++) await turn(nodeClock())
    }
    watch.close()
    const countAtClose = noticeCount
    writeText(files, path, 'x')
    for (let turns = 0; turns < 50; turns++) await turn(nodeClock())
    expect(noticeCount).toBe(countAtClose)
  })

  test('a watch needs the directory', () => {
    const { files, directory } = setUp()
    const call = () => files.watch(join(directory, 'absent'), () => undefined)
    expect(errorOf(call)).toMatchObject({ code: 'ENOENT', syscall: 'watch' })
  })
}
