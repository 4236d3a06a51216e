import type { Files } from '../../../src/env/env.ts'
import { MemoryFiles, type MemoryFilesOptions } from '../../../src/testing/memory-files.ts'
import { readAll } from '../env/files-contract.ts'

/** Files with a synced directory `/d`. */
export function newFiles(options: MemoryFilesOptions = {}): MemoryFiles {
  const files = new MemoryFiles(options)
  files.makeDirectorySync('/d')
  files.syncDirectorySync('/')
  return files
}

/** Creates `/d/name` with `content`, all synced. */
export function writeDurably(files: Files, name: string, content: string | Buffer): void {
  const file = files.openSync(`/d/${name}`, 'write')
  file.writevSync([Buffer.from(content)], 0)
  file.syncSync()
  file.closeSync()
  files.syncDirectorySync('/d')
}

/** The content of every file in `/d`, by name. */
export function contentsOf(files: Files): Record<string, string> {
  const names = files.listSync('/d').toSorted()
  return Object.fromEntries(names.map((name) => [name, readAll(files, `/d/${name}`).toString('latin1')]))
}

/** What a cut may leave, found by trying all answers to all questions. */
export function allOutcomes<T>(files: MemoryFiles, look: (files: MemoryFiles) => T): T[] {
  const outcomes: T[] = []
  let answers: number[] = []
  do {
    const counts: number[] = []
    const choose = (count: number): number => {
      counts.push(count)
      return answers[counts.length - 1] ?? 0
    }
    outcomes.push(look(files.crash({ choose })))
    answers = nextAnswers(
      counts.map((_, index) => answers[index] ?? 0),
      counts,
    )
  } while (answers.length > 0)
  return outcomes
}

/** Counts up as an odometer does, the last wheel first; empty after the last combination. */
function nextAnswers(answers: readonly number[], counts: readonly number[]): number[] {
  const turning = answers.findLastIndex((answer, index) => answer + 1 < (counts[index] ?? 0))
  if (turning < 0) return []
  return [...answers.slice(0, turning), (answers[turning] ?? 0) + 1]
}

/** The different ones among `values`, in the order of their JSON. */
export function distinct<T>(values: T[]): T[] {
  const byText = new Map(values.map((value) => [JSON.stringify(value), value]))
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}
