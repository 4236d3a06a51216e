import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomCrash } from '../../../src/testing/crash-chooser.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { writeText } from '../env/files-contract.ts'
import { contentsOf, newFiles, writeDurably } from './crash-outcomes.ts'
import { seedFromEnvironment } from './seed.ts'

/** What the cut of this seed leaves of six files that were never synced. */
function leftAfterCut(seed: number): unknown {
  const files = newFiles()
  for (const name of 'abcdef') writeText(files, `/d/${name}`, name.repeat(3000))
  return contentsOf(files.crash(randomCrash(seededRandom(seed))))
}

/** What sort of cut this seed makes, as seen on 60 files. A prefix counts if both sides of its end are long. */
function kindOfCut(seed: number): string {
  const files = newFiles()
  const names = Array.from({ length: 60 }, (_, index) => String(index).padStart(2, '0'))
  for (const name of names) files.openSync(`/d/${name}`, 'create').closeSync()
  const left = files
    .crash(randomCrash(seededRandom(seed)))
    .listSync('/d')
    .toSorted()
  if (left.length === 0) return 'nothing'
  if (left.length === names.length) return 'everything'
  const isPrefix = left.every((name, index) => name === names[index])
  return isPrefix && left.length > 10 && left.length < 50 ? 'prefix' : 'mixture'
}

describe('random cuts', () => {
  const step = fc.record({
    do: fc.constantFrom('append', 'append', 'sync'),
    size: fc.integer({ min: 1, max: 2000 }),
  })

  test('never touch what was synced, and leave no byte that was never written', () => {
    const property = fc.property(fc.array(step, { maxLength: 20 }), fc.integer(), (steps, seed) => {
      const files = newFiles()
      writeDurably(files, 'file', '')
      const file = files.openSync('/d/file', 'write')
      let [written, syncedSize] = ['', 0]
      for (const each of steps) {
        if (each.do === 'sync') file.syncSync()
        else
          file.writevSync(
            [Buffer.from('abcdefgh'.charAt(written.length % 8).repeat(each.size))],
            written.length,
          )
        if (each.do === 'sync') syncedSize = written.length
        else written += 'abcdefgh'.charAt(written.length % 8).repeat(each.size)
      }
      const left = contentsOf(files.crash(randomCrash(seededRandom(seed))))['file'] ?? ''
      expect(left.slice(0, syncedSize)).toBe(written.slice(0, syncedSize))
      expect(left.length).toBeLessThanOrEqual(written.length)
      const isLegal = Array.from(left).every((byte, index) => [written[index], '\0', '\xd8'].includes(byte))
      expect(isLegal).toBe(true)
    })
    fc.assert(property, { numRuns: 300, ...seedFromEnvironment() })
  })

  test('lose all, keep all, keep a prefix and mix, each now and then', () => {
    const kinds = new Set<string>()
    for (let seed = 0; seed < 200; seed++) kinds.add(kindOfCut(seed))
    expect(kinds).toEqual(new Set(['everything', 'mixture', 'nothing', 'prefix']))
  })

  test('are the same for the same seed', () => {
    expect(leftAfterCut(7)).toEqual(leftAfterCut(7))
    expect(leftAfterCut(7)).not.toEqual(leftAfterCut(8))
  })
})
