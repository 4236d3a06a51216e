import { describe, expect, test } from 'vitest'
import { faultyFiles } from '../../../src/testing/faulty-files.ts'
import { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { recordingFiles } from '../../../src/testing/recording-files.ts'
import { errorOf, filesContract } from '../env/files-contract.ts'

describe('files that are recorded', () => {
  filesContract(() => {
    const memory = new MemoryFiles()
    memory.makeDirectorySync('/data')
    return { files: recordingFiles(memory), directory: '/data' }
  })

  test('tell all that was changed, in order, and nothing else', async () => {
    const files = recordingFiles(new MemoryFiles())
    files.makeDirectorySync('/d')
    const lock = files.lockSync('/d/lock')
    const file = files.openSync('/d/a', 'create')
    file.writevSync([Buffer.from('ab'), Buffer.from('c')], 0)
    await file.writev([Buffer.from('d')], 3)
    file.truncateSync(2)
    await file.sync()
    file.sizeSync()
    file.readSync(Buffer.alloc(1), 0, 1, 0)
    file.closeSync()
    files.openSync('/d/a', 'read').closeSync()
    files.statSync('/d/a')
    files.listSync('/d')
    files.setModifiedSync('/d/a', 5)
    files.renameSync('/d/a', '/d/b')
    await files.syncDirectory('/d')
    files.removeSync('/d/b')
    files.syncDirectorySync('/d')
    lock.releaseSync()
    files.removeDirectorySync('/d')
    expect(files.records).toEqual([
      { kind: 'makeDirectory', path: '/d' },
      { kind: 'lock', path: '/d/lock' },
      { kind: 'open', path: '/d/a' },
      { kind: 'write', path: '/d/a', position: 0, bytes: Buffer.from('abc') },
      { kind: 'write', path: '/d/a', position: 3, bytes: Buffer.from('d') },
      { kind: 'truncate', path: '/d/a', sizeBytes: 2 },
      { kind: 'sync', path: '/d/a' },
      { kind: 'setModified', path: '/d/a' },
      { kind: 'rename', path: '/d/a', target: '/d/b' },
      { kind: 'syncDirectory', path: '/d' },
      { kind: 'remove', path: '/d/b' },
      { kind: 'syncDirectory', path: '/d' },
      { kind: 'unlock', path: '/d/lock' },
      { kind: 'removeDirectory', path: '/d' },
    ])
    expect(files.take()).toHaveLength(14)
    expect(files.records).toEqual([])
  })

  test('count a call when it is complete, before its caller goes on', async () => {
    const files = recordingFiles(new MemoryFiles())
    const file = files.openSync('/a', 'create')
    files.take()
    const sync = file.sync()
    file.writevSync([Buffer.from('x')], 0)
    expect(files.records.map(({ kind }) => kind)).toEqual(['write'])
    await sync
    expect(files.records.map(({ kind }) => kind)).toEqual(['write', 'sync'])
  })

  test('leave out what failed, and what a short write left out', async () => {
    const rules = [
      { kind: 'write', fault: { shortBytes: 2 } },
      { kind: 'write', nth: 2, times: 2, fault: 'EIO' },
    ] as const
    const files = recordingFiles(faultyFiles(new MemoryFiles(), rules))
    const file = files.openSync('/a', 'create')
    files.take()
    expect(file.writevSync([Buffer.from('abc')], 0)).toBe(2)
    expect(errorOf(() => file.writevSync([Buffer.from('abc')], 0))).toMatchObject({ code: 'EIO' })
    await expect(file.writev([Buffer.from('abc')], 0)).rejects.toMatchObject({ code: 'EIO' })
    expect(files.records).toEqual([{ kind: 'write', path: '/a', position: 0, bytes: Buffer.from('ab') }])
  })
})
