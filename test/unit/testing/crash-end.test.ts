import { describe, expect, test } from 'vitest'
import { nodeClock } from '../../../src/env/node-clock.ts'
import { turn } from '../../../src/env/turn.ts'
import { keepUnsynced, loseUnsynced } from '../../../src/testing/crash-chooser.ts'
import type { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { errorOf, writeText } from '../env/files-contract.ts'
import { contentsOf, newFiles, writeDurably } from './crash-outcomes.ts'

describe('the end', () => {
  test.each<[string, (files: MemoryFiles) => MemoryFiles]>([
    ['a power cut', (files) => files.crash(keepUnsynced)],
    ['a kill', (files) => files.kill()],
  ])('of %s the old files refuse every call, and change nothing', async (_, end) => {
    const files = newFiles()
    const file = files.openSync('/d/file', 'create')
    file.writevSync([Buffer.from('abc')], 0)
    const lock = files.lockSync('/d/lock')
    const write = file.writev([Buffer.from('zombie')], 0)
    let noticeCount = 0
    const watch = files.watch('/d', () => noticeCount++)
    files.setModifiedSync('/d/file', 0)
    const after = end(files)

    await expect(write).rejects.toMatchObject({ code: 'ESTALE' })
    const calls: (() => unknown)[] = [
      () => file.writevSync([Buffer.from('zombie')], 0),
      () => file.truncateSync(0),
      () => file.readSync(Buffer.alloc(1), 0, 1, 0),
      () => file.syncSync(),
      () => file.sizeSync(),
      () => files.openSync('/d/file', 'write'),
      () => files.listSync('/d'),
      () => files.statSync('/d/file'),
      () => files.renameSync('/d/file', '/d/zombie'),
      () => files.removeSync('/d/file'),
      () => files.removeDirectorySync('/d'),
      () => files.makeDirectorySync('/zombie'),
      () => files.setModifiedSync('/d/file', 0),
      () => files.freeBytesSync('/d'),
      () => files.syncDirectorySync('/d'),
      () => files.lockSync('/d/lock'),
      () => files.watch('/d', () => undefined),
      () => files.kill(),
    ]
    for (const call of calls) expect(errorOf(call)).toMatchObject({ code: 'ESTALE' })
    await expect(files.syncDirectory('/d')).rejects.toMatchObject({ code: 'ESTALE' })
    await expect(file.sync()).rejects.toMatchObject({ code: 'ESTALE' })
    await turn(nodeClock())
    expect(noticeCount).toBe(0)
    file.closeSync()
    watch.close()
    lock.releaseSync()
    expect(contentsOf(after)).toEqual({ file: 'abc', lock: '' })
  })

  test('locks are free, their files still there', () => {
    const files = newFiles()
    files.lockSync('/d/lock')
    const after = files.kill()
    expect(after.listSync('/d')).toEqual(['lock'])
    after.lockSync('/d/lock').releaseSync()
    expect(after.listSync('/d')).toEqual([])
  })

  test('a kill loses nothing, and a power cut later still may', () => {
    const files = newFiles()
    writeDurably(files, 'file', 'abc')
    writeText(files, '/d/file', 'XYZ')
    const after = files.kill()
    expect(contentsOf(after)).toEqual({ file: 'XYZ' })
    expect(contentsOf(after.crash(loseUnsynced))).toEqual({ file: 'abc' })
    expect(() => files.crash(loseUnsynced)).toThrow(TypeError)
  })

  test('what a cut left is durable', () => {
    const files = newFiles()
    writeText(files, '/d/file', 'abc')
    const after = files.crash(keepUnsynced)
    expect(contentsOf(after.crash(loseUnsynced))).toEqual({ file: 'abc' })
  })

  test('files that do not keep track of it cannot tell what a cut would leave', () => {
    const files = newFiles({ crashable: false })
    writeText(files, '/d/file', 'abc')
    expect(() => files.crash(loseUnsynced)).toThrow(TypeError)
    expect(contentsOf(files.kill())).toEqual({ file: 'abc' })
  })
})
