import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { File, Files, OpenMode } from '../../../src/env/env.ts'
import { NodeFiles } from '../../../src/env/node-files.ts'
import { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { contentOf, errorOf } from '../env/files-contract.ts'
import { temporaryDirectory } from '../env/temporary-directory.ts'
import { seedFromEnvironment } from './seed.ts'

/** A call to make on two file systems. Open files stand in numbered slots. */
type Step =
  | { do: 'open'; slot: number; name: string; mode: OpenMode }
  | { do: 'close' | 'read all' | 'sync'; slot: number }
  | { do: 'read' | 'write'; slot: number; position: number; sizes: number[] }
  | { do: 'truncate'; slot: number; sizeBytes: number }
  | { do: 'rename'; name: string; target: string }
  | { do: 'remove' | 'remove directory' | 'make directory' | 'list' | 'stat'; name: string }

const anySlot = fc.integer({ min: 0, max: 3 })
const anyName = fc.constantFrom('a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a')
const anyPosition = fc.integer({ min: 0, max: 2000 })

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('open'),
      slot: anySlot,
      name: anyName,
      mode: fc.constantFrom('read', 'write', 'create'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('close', 'read all', 'sync'), slot: anySlot }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('read', 'write'),
      slot: anySlot,
      position: anyPosition,
      sizes: fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('truncate'), slot: anySlot, sizeBytes: anyPosition }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('rename'), name: anyName, target: anyName }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('remove', 'remove directory', 'make directory', 'list', 'stat'),
      name: anyName,
    }),
  },
)

/** Plays steps on a file system and tells all that can be seen of it. */
class Player {
  readonly #files: Files
  readonly #directory: string
  readonly #slots = new Map<number, File>()

  constructor(files: Files, directory: string) {
    this.#files = files
    this.#directory = directory
  }

  play(step: Step): unknown {
    let answer: unknown
    const error = errorOf(() => {
      answer = this.#perform(step)
      throw new Error('none')
    })
    return error.message === 'none' ? answer : error
  }

  /** Every file and directory, with contents. */
  describe(name = ''): unknown {
    const path = join(this.#directory, name)
    if (this.#files.statSync(path)?.kind !== 'directory') {
      const file = this.#files.openSync(path, 'read')
      const content = contentOf(file).toString('latin1')
      file.closeSync()
      return content
    }
    const children = this.#files.listSync(path).toSorted()
    return Object.fromEntries(children.map((child) => [child, this.describe(join(name, child))]))
  }

  closeAll(): void {
    for (const file of this.#slots.values()) file.closeSync()
  }

  #perform(step: Step): unknown {
    if ('slot' in step && step.do !== 'open') return performOnFile(this.#slots.get(step.slot), step)
    if (step.do === 'open') return this.#open(step)
    if ('name' in step) return this.#performOnName(step, join(this.#directory, step.name))
    return undefined
  }

  #open({ slot, name, mode }: Step & { do: 'open' }): void {
    const path = join(this.#directory, name)
    // The system opens directories for reading, which nobody should; memory does not.
    if (mode === 'read' && this.#files.statSync(path)?.kind === 'directory') return
    const file = this.#files.openSync(path, mode)
    this.#slots.get(slot)?.closeSync()
    this.#slots.set(slot, file)
  }

  #performOnName(step: Step & { name: string }, path: string): unknown {
    const stat = () => this.#files.statSync(path)
    if (step.do === 'rename') return this.#files.renameSync(path, join(this.#directory, step.target))
    if (step.do === 'remove') return this.#files.removeSync(path)
    if (step.do === 'remove directory') return this.#files.removeDirectorySync(path)
    if (step.do === 'make directory') return this.#files.makeDirectorySync(path)
    if (step.do === 'list') return this.#files.listSync(path).toSorted()
    return stat()?.kind === 'file' ? stat()?.sizeBytes : stat()?.kind
  }
}

function performOnFile(file: File | undefined, step: Step): unknown {
  if (step.do === 'close') return file?.closeSync()
  if (step.do === 'sync') return file?.syncSync()
  if (step.do === 'truncate') return file?.truncateSync(step.sizeBytes)
  if (step.do === 'write') return file?.writevSync(step.sizes.map(patternOf), step.position)
  if (step.do !== 'read') return file && contentOf(file).toString('latin1')
  const target = Buffer.alloc(3000)
  const count = file?.readSync(target, 7, Math.max(0, ...step.sizes), step.position)
  return [count, target.toString('latin1')]
}

function patternOf(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => 1 + ((index * 7 + size) % 255)))
}

test('whatever is done, memory and disk give the same answers and end up with the same files', () => {
  const parent = temporaryDirectory()
  let runCount = 0
  const property = fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
    const directory = join(parent, `run-${runCount++}`)
    new NodeFiles().makeDirectorySync(directory)
    const files = new MemoryFiles()
    files.makeDirectorySync(directory)
    const disk = new Player(new NodeFiles(), directory)
    const memory = new Player(files, directory)
    for (const step of steps) expect(memory.play(step)).toEqual(disk.play(step))
    expect(memory.describe()).toEqual(disk.describe())
    disk.closeAll()
  })
  fc.assert(property, { numRuns: 300, ...seedFromEnvironment() })
})
