import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SeededRandom } from '../../../src/testing/seeded-random.ts'

/** Changes files in a directory; says what it did. */
type Damage = (files: DamagedFiles, random: SeededRandom) => string

/** What a crash, a disk or a person may have done to a partition. Those that occur more often stand there twice. */
const damages: readonly Damage[] = [
  tearTail,
  tearTail,
  zeroTail,
  cutTail,
  cutTail,
  flipBit,
  flipBit,
  flipBitInLog,
  flipBitInLog,
  cutFile,
  emptyFile,
  removeFile,
  removeFile,
  zeroSector,
  misdirectWrite,
  garbleEpochs,
  extendIndex,
  staleIndex,
  leaveLeftover,
]

/** Damages a directory in one way, sometimes in two. Returns in words how. */
export function damage(directory: string, random: SeededRandom): string {
  const files = new DamagedFiles(directory)
  const count = random.int(5) === 0 ? 2 : 1
  return Array.from({ length: count }, () => random.pick(damages)(files, random)).join(' and ')
}

/** The files of a directory, to be changed. */
class DamagedFiles {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Kafka's files; ours beside them have tests of their own. */
  get names(): string[] {
    const names = readdirSync(this.#directory).toSorted()
    return names.filter(
      (name) => /^\d{20}\.(log|index|timeindex|txnindex|snapshot)$/.test(name) || name === epochsFile,
    )
  }

  /** Those whose names end so; none when damage before took them all. */
  ending(suffix: string): string[] {
    return this.names.filter((name) => name.endsWith(suffix))
  }

  read(name: string): Buffer {
    return readFileSync(join(this.#directory, name))
  }

  write(name: string, bytes: Buffer | string): void {
    writeFileSync(join(this.#directory, name), bytes)
  }

  remove(name: string): void {
    rmSync(join(this.#directory, name))
  }

  copy(from: string, to: string): void {
    copyFileSync(join(this.#directory, from), join(this.#directory, to))
  }
}

const epochsFile = 'leader-epoch-checkpoint'

function lastLog(files: DamagedFiles): string {
  return files.ending('.log').at(-1) ?? '00000000000000000000.log'
}

/** A write that did not get through: the beginning of a batch, or bytes that are none. */
function tearTail(files: DamagedFiles, random: SeededRandom): string {
  const name = lastLog(files)
  const bytes = files.read(name)
  const length = 1 + random.int(200)
  const torn = random.int(2) === 0 ? bytes.subarray(0, length) : random.bytes(length)
  files.write(name, Buffer.concat([bytes, torn]))
  return `${torn.length} torn bytes behind ${name}`
}

function zeroTail(files: DamagedFiles, random: SeededRandom): string {
  const name = lastLog(files)
  const length = 1 + random.int(4096)
  files.write(name, Buffer.concat([files.read(name), Buffer.alloc(length)]))
  return `${length} zeros behind ${name}`
}

function cutTail(files: DamagedFiles, random: SeededRandom): string {
  return cut(files, lastLog(files), random)
}

function cutFile(files: DamagedFiles, random: SeededRandom): string {
  return cut(files, random.pick(files.names), random)
}

function cut(files: DamagedFiles, name: string, random: SeededRandom): string {
  const bytes = files.read(name)
  const size = random.int(bytes.length + 1)
  files.write(name, bytes.subarray(0, size))
  return `${name} cut from ${bytes.length} to ${size} bytes`
}

function emptyFile(files: DamagedFiles, random: SeededRandom): string {
  const name = random.pick(files.names)
  files.write(name, '')
  return `${name} emptied`
}

function removeFile(files: DamagedFiles, random: SeededRandom): string {
  const name = random.pick(files.names)
  files.remove(name)
  return `${name} removed`
}

function flipBit(files: DamagedFiles, random: SeededRandom): string {
  return flip(files, random.pick(files.names), random)
}

function flipBitInLog(files: DamagedFiles, random: SeededRandom): string {
  const logs = files.ending('.log')
  return logs.length === 0 ? 'nothing left to flip' : flip(files, random.pick(logs), random)
}

function flip(files: DamagedFiles, name: string, random: SeededRandom): string {
  const bytes = files.read(name)
  if (bytes.length === 0) return `${name} is empty already`
  const position = random.int(bytes.length)
  bytes[position] = (bytes[position] ?? 0) ^ (1 << random.int(8))
  files.write(name, bytes)
  return `a bit flipped at ${position} of ${bytes.length} in ${name}`
}

/** A sector whose write was lost. */
function zeroSector(files: DamagedFiles, random: SeededRandom): string {
  const name = random.pick(files.names)
  const bytes = files.read(name)
  const sector = 512 * random.int(Math.ceil(bytes.length / 512) || 1)
  bytes.subarray(sector, sector + 512).fill(0)
  files.write(name, bytes)
  return `zeros from ${sector} on in ${name}`
}

/** A sector that went to the wrong place. */
function misdirectWrite(files: DamagedFiles, random: SeededRandom): string {
  const name = lastLog(files)
  const bytes = files.read(name)
  const sectors = Math.ceil(bytes.length / 512) || 1
  const [from, to] = [512 * random.int(sectors), 512 * random.int(sectors)]
  bytes.copy(bytes, to, from, from + 512)
  files.write(name, bytes)
  return `the sector at ${from} of ${name} also at ${to}`
}

function garbleEpochs(files: DamagedFiles, random: SeededRandom): string {
  const text = random.pick(['', '0\n', '0\n2\n0 0\n', '0\n1\nx y\n', '7\n0\n', '0\n1\n0 -5\n', '0\n0\n'])
  files.write(epochsFile, text)
  return `${epochsFile} is ${JSON.stringify(text)}`
}

/** As a crash leaves an index that was made at its full size beforehand. */
function extendIndex(files: DamagedFiles, random: SeededRandom): string {
  const name = random.pick([...files.ending('.index'), ...files.ending('.timeindex'), epochsFile])
  if (name === epochsFile) return garbleEpochs(files, random)
  const entryBytes = name.endsWith('.timeindex') ? 12 : 8
  const bytes = Buffer.alloc(entryBytes * 340)
  files.read(name).copy(bytes)
  files.write(name, bytes)
  return `${name} with zeros up to its full size`
}

/** The index as it was some entries ago. */
function staleIndex(files: DamagedFiles, random: SeededRandom): string {
  const [kind, entryBytes] = random.pick([
    ['.index', 8],
    ['.timeindex', 12],
    ['.txnindex', 34],
  ] as const)
  const names = files.ending(kind)
  if (names.length === 0) return `there is no ${kind}`
  const name = random.pick(names)
  const bytes = files.read(name)
  const kept = entryBytes * random.int(Math.max(bytes.length / entryBytes, 1))
  files.write(name, bytes.subarray(0, kept))
  return `${name} with ${kept / entryBytes} of ${bytes.length / entryBytes} entries`
}

/** What a crash leaves of a cleaner, of a deletion or of a checkpoint. */
function leaveLeftover(files: DamagedFiles, random: SeededRandom): string {
  const name = random.pick(files.names)
  const suffix = name === epochsFile ? '.tmp' : random.pick(['.deleted', '.cleaned', '.swap'])
  files.copy(name, `${name}${suffix}`)
  return `${name}${suffix} left over`
}
