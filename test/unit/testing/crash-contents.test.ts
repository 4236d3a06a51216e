import { describe, expect, test } from 'vitest'
import { keepUnsynced, loseUnsynced } from '../../../src/testing/crash-chooser.ts'
import type { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { writeText } from '../env/files-contract.ts'
import { allOutcomes, contentsOf, distinct, newFiles, writeDurably } from './crash-outcomes.ts'

/** The contents that a cut may leave of `/d/file`. */
function outcomesOfFile(files: MemoryFiles): string[] {
  return distinct(allOutcomes(files, (after) => contentsOf(after)['file'] ?? 'no file'))
}

describe('what a power cut leaves of contents', () => {
  test('what was synced is there, whatever the disk does', () => {
    const files = newFiles()
    writeDurably(files, 'file', 'abc')
    expect(allOutcomes(files, contentsOf)).toEqual([{ file: 'abc' }])
  })

  test('an asynchronous sync covers what came before the call, once it resolves', async () => {
    const files = newFiles()
    const file = files.openSync('/d/file', 'create')
    files.syncDirectorySync('/d')
    file.writevSync([Buffer.from('before ')], 0)
    const sync = file.sync()
    file.writevSync([Buffer.from('after')], 7)
    await sync
    expect(contentsOf(files.crash(loseUnsynced))).toEqual({ file: 'before ' })
    expect(contentsOf(files.crash(keepUnsynced))).toEqual({ file: 'before after' })
  })

  test('before it resolves a sync promises nothing', async () => {
    const files = newFiles()
    const file = files.openSync('/d/file', 'create')
    files.syncDirectorySync('/d')
    file.writevSync([Buffer.from('x')], 0)
    const sync = file.sync()
    expect(contentsOf(files.crash(loseUnsynced))).toEqual({ file: '' })
    await expect(sync).rejects.toMatchObject({ code: 'ESTALE' })
  })

  test('a small write is kept, lost, or leaves the length with zeros or garbage', () => {
    const files = newFiles()
    writeDurably(files, 'file', 'abc')
    writeText(files, '/d/file', 'abcdef')
    const outcomes = allOutcomes(files, contentsOf).map(({ file }) => file)
    expect(outcomes).toEqual(['abc', 'abcdef', 'abc\0\0\0', 'abc\xd8\xd8\xd8'])
  })

  test('a write over old bytes leaves old or new ones', () => {
    const files = newFiles()
    writeDurably(files, 'file', 'abcdef')
    writeText(files, '/d/file', 'XY')
    expect(outcomesOfFile(files)).toEqual(['XYcdef', 'abcdef'])
  })

  test('a large write is torn at sectors: its head or its tail is there, the rest old, zeros or garbage', () => {
    const files = newFiles()
    writeDurably(files, 'file', 'o'.repeat(300))
    const file = files.openSync('/d/file', 'write')
    file.writevSync([Buffer.from('n'.repeat(1000))], 200)
    const shapes = outcomesOfFile(files).map(shapeOf)
    const [cut1, cut2] = [512, 1024]
    expect(shapes.toSorted()).toEqual(
      [
        'o300',
        'o200 n1000',
        `o200 n${cut1 - 200}`,
        `o200 n${cut2 - 200}`,
        ...['z', 'g'].flatMap((fill) => [
          `o300 ${fill}900`,
          `o200 n${cut1 - 200} ${fill}${1200 - cut1}`,
          `o200 n${cut2 - 200} ${fill}${1200 - cut2}`,
          `o300 ${fill}${cut1 - 300} n${1200 - cut1}`,
          `o300 ${fill}${cut2 - 300} n${1200 - cut2}`,
        ]),
      ].toSorted(),
    )
  })

  test('of two writes either may survive without the other', () => {
    const files = newFiles()
    writeDurably(files, 'file', '')
    const file = files.openSync('/d/file', 'write')
    file.writevSync([Buffer.from('ab')], 0)
    file.writevSync([Buffer.from('cd')], 2)
    const outcomes = outcomesOfFile(files)
    expect(outcomes).toEqual(expect.arrayContaining(['', 'ab', '\0\0cd', 'abcd', 'ab\0\0', '\xd8\xd8cd']))
    expect(outcomes).not.toContain('cd')
  })

  test('a truncate that was not synced may not have happened, and after its sync has', () => {
    const files = newFiles()
    writeDurably(files, 'file', 'abcdef')
    const file = files.openSync('/d/file', 'write')
    file.truncateSync(2)
    expect(outcomesOfFile(files)).toEqual(['ab', 'abcdef'])

    const synced = newFiles()
    writeDurably(synced, 'file', 'abcdef')
    const other = synced.openSync('/d/file', 'write')
    other.truncateSync(2)
    other.syncSync()
    expect(outcomesOfFile(synced)).toEqual(['ab'])
  })

  test('what a truncate cut off does not come back when the file grows again', () => {
    const files = newFiles()
    writeDurably(files, 'file', 'abcdef')
    const file = files.openSync('/d/file', 'write')
    file.truncateSync(2)
    file.truncateSync(4)
    file.syncSync()
    expect(outcomesOfFile(files)).toEqual(['ab\0\0'])
  })
})

/** Runs of equal bytes: `o300 z12` is 300 times "o" and then 12 zeros, `g` stands for garbage. */
function shapeOf(content: string): string {
  const runs =
    content
      .replaceAll('\0', 'z')
      .replaceAll('\xd8', 'g')
      .match(/(.)\1*/gs) ?? []
  return runs.map((run) => `${run.charAt(0)}${run.length}`).join(' ')
}
