import { describe, expect, test } from 'vitest'
import { keepUnsynced, loseUnsynced } from '../../../src/testing/crash-chooser.ts'
import { crashOutcomes, surveyCrash } from '../../../src/testing/crash-outcomes.ts'
import { CrashPointFiles } from '../../../src/testing/crash-point-files.ts'
import type { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { contentsOf, distinct, newFiles, writeDurably } from './crash-outcomes.ts'

/** A file over which `count` unsynced writes of one byte each have gone, every one with two outcomes. */
function filesWithWrites(count: number): MemoryFiles {
  const files = newFiles()
  writeDurably(files, 'file', '.'.repeat(count))
  const file = files.openSync('/d/file', 'write')
  for (let position = 0; position < count; position++) file.writevSync([Buffer.from('x')], position)
  return files
}

function contentOf(files: MemoryFiles): string {
  return contentsOf(files)['file'] ?? ''
}

const looks = (outcomes: Iterable<{ readonly files: MemoryFiles }>) =>
  Array.from(outcomes, ({ files }) => contentOf(files))

const bounds = { exhaustiveMax: 16, pairsMax: 50, sampleCount: 5, random: seededRandom(1) }

describe('the outcomes of a cut', () => {
  test('without a limit: every one, once', () => {
    const outcomes = looks(crashOutcomes(filesWithWrites(3)))
    expect(outcomes.toSorted()).toEqual(['...', '..x', '.x.', '.xx', 'x..', 'x.x', 'xx.', 'xxx'])
  })

  test('with a limit: those that differ from the base in so many places', () => {
    const near = (deviationsMax: number) =>
      looks(crashOutcomes(filesWithWrites(4), { base: keepUnsynced, deviationsMax })).toSorted()
    expect(near(0)).toEqual(['xxxx'])
    expect(near(1)).toEqual(['.xxx', 'x.xx', 'xx.x', 'xxx.', 'xxxx'])
    expect(near(2)).toHaveLength(1 + 4 + 6)
    expect(near(4)).toHaveLength(16)
  })

  test('where a write was torn is no further deviation', () => {
    const files = newFiles()
    writeDurably(files, 'file', '')
    files.openSync('/d/file', 'write').writevSync([Buffer.alloc(1200, 'x')], 0)
    const once = looks(crashOutcomes(files, { deviationsMax: 1 }))
    expect(distinct(once)).toEqual(distinct(looks(crashOutcomes(files))))
    // Nothing, all, three parts torn at two boundaries each, two of them with two fillings, and two fillings alone.
    expect(once).toHaveLength(2 + 2 + 4 + 4 + 2)
  })

  test('answers say what became of each change', () => {
    const [lost, kept] = crashOutcomes(filesWithWrites(1))
    const write = { question: { about: 'write', path: '/d/file' }, count: 2 }
    expect(lost?.answers).toEqual([{ ...write, answer: 0 }])
    expect(kept?.answers).toEqual([{ ...write, answer: 1 }])
  })

  test('the world goes on, and loses nothing', () => {
    const files = filesWithWrites(2)
    expect(looks(crashOutcomes(files))).toHaveLength(4)
    expect(contentOf(files)).toBe('xx')
    files.openSync('/d/file', 'write').syncSync()
    expect(contentOf(files.crash(loseUnsynced))).toBe('xx')
    expect(() => files.listSync('/d')).toThrow('ESTALE')
  })
})

describe('a survey', () => {
  test('takes all outcomes while they are few', () => {
    const { bound, outcomes } = surveyCrash(filesWithWrites(4), bounds)
    expect(bound).toBe('exhaustive')
    expect(distinct(looks(outcomes))).toHaveLength(16)
  })

  test('then pairs, single ones, and prefixes', () => {
    const pairs = surveyCrash(filesWithWrites(10), bounds)
    expect(pairs.bound).toBe('pairs')
    const seen = new Set(looks(pairs.outcomes))
    for (const due of ['..........', 'xxxxxxxxxx', 'x........x', '.xxxxxxxx.', 'xxxxx.....', 'xxxx......'])
      expect(seen).toContain(due)
    const singles = surveyCrash(filesWithWrites(11), bounds)
    expect(singles.bound).toBe('singles')
    const count = 2 * (1 + 11) + 10 + 5
    expect(looks(singles.outcomes)).toHaveLength(count)
  })
})

describe('crash points', () => {
  test('come before every call that may change the disk, and count the changes', async () => {
    const seen: string[] = []
    const files = new CrashPointFiles(newFiles(), ({ kind }) => {
      seen.push(`${kind} ${files.changeCount}`)
    })
    const file = files.openSync('/d/file', 'create')
    file.writevSync([Buffer.from('x')], 0)
    file.sizeSync()
    await file.sync()
    files.openSync('/d/file', 'read').readSync(Buffer.alloc(1), 0, 1, 0)
    files.renameSync('/d/file', '/d/other')
    files.syncDirectorySync('/d')
    expect(seen).toEqual(['open 0', 'write 1', 'sync 2', 'rename 2', 'syncDirectory 3'])
  })

  test('the power is still there at one', () => {
    const beneath = newFiles()
    const left: string[][] = []
    const files = new CrashPointFiles(beneath, () => {
      left.push(beneath.imagineCrash(keepUnsynced).listSync('/d'))
    })
    files.openSync('/d/a', 'create')
    files.openSync('/d/b', 'create')
    expect(left).toEqual([[], ['a']])
  })
})
