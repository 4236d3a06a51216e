import { describe, expect, test } from 'vitest'
import { type CrashChooser, keepUnsynced, loseUnsynced } from '../../../src/testing/crash-chooser.ts'
import { writeText } from '../env/files-contract.ts'
import { allOutcomes, contentsOf, distinct, newFiles, writeDurably } from './crash-outcomes.ts'

/** A chooser that gives the answers listed, then always 0. */
function answering(...answers: number[]): CrashChooser {
  return { choose: (count) => Math.min(answers.shift() ?? 0, count - 1) }
}

describe('what a power cut leaves of names', () => {
  test('a synced file may be gone if its directory was never synced', () => {
    const files = newFiles()
    const file = files.openSync('/d/file', 'create')
    file.writevSync([Buffer.from('abc')], 0)
    file.syncSync()
    expect(distinct(allOutcomes(files, contentsOf))).toEqual([{ file: 'abc' }, {}])
  })

  test('a file in a synced directory is there, but empty if it was never synced', () => {
    const files = newFiles()
    writeText(files, '/d/file', 'abc')
    files.syncDirectorySync('/d')
    expect(contentsOf(files.crash(loseUnsynced))).toEqual({ file: '' })
  })

  test('a rename is undone or done, never half', () => {
    const files = newFiles()
    writeDurably(files, 'old', 'abc')
    writeDurably(files, 'new', 'replaced')
    files.renameSync('/d/old', '/d/new')
    expect(distinct(allOutcomes(files, contentsOf))).toEqual([
      { new: 'abc' },
      { new: 'replaced', old: 'abc' },
    ])
  })

  test('after the sync of the directory a rename is done', async () => {
    const files = newFiles()
    writeDurably(files, 'old', 'abc')
    files.renameSync('/d/old', '/d/new')
    await files.syncDirectory('/d')
    expect(allOutcomes(files, contentsOf)).toEqual([{ new: 'abc' }])
  })

  test('a directory sync covers what came before the call', async () => {
    const files = newFiles()
    writeDurably(files, 'a', 'a')
    writeDurably(files, 'b', 'b')
    files.removeSync('/d/a')
    const sync = files.syncDirectory('/d')
    files.removeSync('/d/b')
    await sync
    expect(distinct(allOutcomes(files, contentsOf))).toEqual([{ b: 'b' }, {}])
  })

  test('a removed file may be back, with its last content', () => {
    const files = newFiles()
    writeDurably(files, 'file', 'abc')
    files.removeSync('/d/file')
    writeText(files, '/d/file', 'new')
    expect(contentsOf(files.crash(loseUnsynced))).toEqual({ file: 'abc' })
    expect(contentsOf(files.crash(answering(1)))).toEqual({})
  })

  test('changes of different names reach the disk in any order, those of one name and one file in theirs', () => {
    const files = newFiles()
    writeDurably(files, 'a', '1')
    writeDurably(files, 'x', '2')
    files.renameSync('/d/a', '/d/b')
    files.renameSync('/d/b', '/d/c')
    files.removeSync('/d/x')
    expect(distinct(allOutcomes(files, contentsOf))).toEqual([
      { a: '1', x: '2' },
      { a: '1' },
      { b: '1', x: '2' },
      { b: '1' },
      { c: '1', x: '2' },
      { c: '1' },
    ])
  })

  test('in a journaled file system a cut leaves a prefix of the changes', () => {
    const files = newFiles({ entryOrder: 'journaled' })
    writeDurably(files, 'a', '1')
    writeDurably(files, 'x', '2')
    files.renameSync('/d/a', '/d/b')
    files.removeSync('/d/x')
    expect(distinct(allOutcomes(files, contentsOf))).toEqual([
      { a: '1', x: '2' },
      { b: '1', x: '2' },
      { b: '1' },
    ])
    const rebooted = files.crash(loseUnsynced)
    rebooted.removeSync('/d/a')
    rebooted.removeSync('/d/x')
    expect(distinct(allOutcomes(rebooted, contentsOf))).toEqual([{ a: '1', x: '2' }, { x: '2' }, {}])
  })

  test('a rename between directories is durable once either is synced', () => {
    for (const synced of ['/d', '/e']) {
      const files = newFiles()
      files.makeDirectorySync('/e')
      files.syncDirectorySync('/')
      writeDurably(files, 'file', 'abc')
      files.renameSync('/d/file', '/e/file')
      files.syncDirectorySync(synced)
      const after = files.crash(loseUnsynced)
      expect([after.listSync('/d'), after.listSync('/e')]).toEqual([[], ['file']])
    }
  })

  test('with a rename the sync of one directory covers the creation it rests on in the other', () => {
    const files = newFiles()
    files.makeDirectorySync('/e')
    files.syncDirectorySync('/')
    files.openSync('/d/file', 'create').closeSync()
    files.renameSync('/d/file', '/e/file')
    files.syncDirectorySync('/e')
    const names = allOutcomes(files, (after) => [after.listSync('/d'), after.listSync('/e')])
    expect(distinct(names)).toEqual([[[], ['file']]])
  })

  test('a new directory that its parent was not synced for is gone with all it holds', () => {
    const files = newFiles()
    files.makeDirectorySync('/d/sub')
    writeText(files, '/d/sub/file', 'x')
    files.syncDirectorySync('/d/sub')
    expect(files.crash(loseUnsynced).listSync('/d')).toEqual([])
    expect(files.crash(keepUnsynced).listSync('/d/sub')).toEqual(['file'])
  })
})
