import type { Files } from '../../../src/env/env.ts'
import { crashOutcomes } from '../../../src/testing/crash-outcomes.ts'
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
  return Array.from(crashOutcomes(files), (outcome) => look(outcome.files))
}

/** The different ones among `values`, in the order of their JSON. */
export function distinct<T>(values: T[]): T[] {
  const byText = new Map(values.map((value) => [JSON.stringify(value), value]))
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}
