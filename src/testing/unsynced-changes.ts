import type { CrashChooser } from './crash-chooser.ts'
import type { GrowableBytes } from './growable-bytes.ts'

/** A disk writes whole sectors: a write is torn only at a multiple of this position. */
const sectorBytes = 512

/** What unwritten new bytes may hold: whatever lay on that part of the disk before. */
const garbageByte = 0xd8

/** A change of a file's content that no sync has made durable yet, numbered in the order they came. */
interface Write {
  readonly kind: 'write'
  readonly number: number
  readonly position: number
  readonly bytes: Buffer
}

interface Truncate {
  readonly kind: 'truncate'
  readonly number: number
  readonly sizeBytes: number
}

/**
 * What the disk holds of one file: its content as of the last sync, and the changes since, in order. After a
 * power cut each change may have reached the disk whole, in part or not at all, whatever became of the others:
 * the page cache writes back in any order. That allows more than ext4 and XFS do, never less.
 */
export class UnsyncedChanges {
  readonly #durable: GrowableBytes
  #changes: (Write | Truncate)[] = []
  #nextNumber = 0
  /** Changes with a smaller number were given up by a failed sync. */
  #lostMark = 0

  constructor(durable: GrowableBytes) {
    this.#durable = durable
  }

  /** Keeps `bytes`, which nobody may change any more. */
  recordWrite(position: number, bytes: Buffer): void {
    this.#changes.push({ kind: 'write', number: this.#nextNumber++, position, bytes })
  }

  recordTruncate(sizeBytes: number): void {
    this.#changes.push({ kind: 'truncate', number: this.#nextNumber++, sizeBytes })
  }

  /** Stands for all changes made so far: what a sync that begins now will cover. */
  mark(): number {
    return this.#nextNumber
  }

  /** Makes the changes before `mark` durable. */
  sync(mark: number): void {
    const isCovered = (change: Write | Truncate) => change.number < mark
    for (const change of this.#changes.filter(isCovered)) {
      if (change.number >= this.#lostMark) apply(change, this.#durable)
    }
    this.#changes = this.#changes.filter((change) => !isCovered(change))
  }

  /**
   * What a failed sync does on ext4 and XFS: the pages count as clean, so that no later sync writes them, while
   * reads still show them. Until that later sync, luck may have brought them to the disk.
   */
  lose(): void {
    this.#lostMark = this.#nextNumber
  }

  /** The content after a power cut. */
  afterCrash(chooser: CrashChooser, path: string): GrowableBytes {
    const content = this.#durable.copy()
    for (const change of this.#changes) {
      if (change.kind === 'write') applyInPart(change, content, chooser, path)
      else if (chooser.choose(2, { about: 'truncate', path }) === 1) apply(change, content)
    }
    return content
  }
}

function apply(change: Write | Truncate, content: GrowableBytes): void {
  if (change.kind === 'write') content.write(change.bytes, change.position)
  else content.resize(change.sizeBytes)
}

/**
 * What may be left of one write. `head` and `tail` are torn at a sector boundary. `filled head` and `unwritten`
 * are what a file system leaves that made the file longer before it had written the data.
 */
type WriteOutcome = 'nothing' | 'all' | 'head' | 'tail' | 'filled head' | 'unwritten'

function applyInPart(write: Write, content: GrowableBytes, chooser: CrashChooser, path: string): void {
  const outcomes = possibleOutcomes(write, content)
  const outcome = outcomes[chooser.choose(outcomes.length, { about: 'write', path })]
  if (outcome === undefined || outcome === 'nothing') return
  if (outcome === 'all') return apply(write, content)

  if (outcome !== 'head') extend(content, write, chooser, path)
  if (outcome === 'unwritten') return
  const cut = chooseCut(write, chooser, path) - write.position
  if (outcome === 'tail') content.write(write.bytes.subarray(cut), write.position + cut)
  else content.write(write.bytes.subarray(0, cut), write.position)
}

function possibleOutcomes(write: Write, content: GrowableBytes): WriteOutcome[] {
  const canTear = countSectorBoundaries(write) > 0
  const isLonger = endOf(write) > content.size
  const outcomes: WriteOutcome[] = ['nothing', 'all']
  if (canTear) outcomes.push('head', 'tail')
  if (canTear && isLonger) outcomes.push('filled head')
  if (isLonger) outcomes.push('unwritten')
  return outcomes
}

/** Makes the file as long as the write would have, the new bytes of the write holding zeros or garbage. */
function extend(content: GrowableBytes, write: Write, chooser: CrashChooser, path: string): void {
  const fillFrom = Math.max(content.size, write.position)
  const fillSize = endOf(write) - fillFrom
  if (fillSize <= 0) return
  const fill = chooser.choose(2, { about: 'fill', path }) === 1 ? garbageByte : 0
  content.write(Buffer.alloc(fillSize, fill), fillFrom)
}

function chooseCut(write: Write, chooser: CrashChooser, path: string): number {
  const count = countSectorBoundaries(write)
  const index = count > 1 ? chooser.choose(count, { about: 'cut', path }) : 0
  return (Math.floor(write.position / sectorBytes) + 1 + index) * sectorBytes
}

/** How many sector boundaries lie strictly inside the write. */
function countSectorBoundaries(write: Write): number {
  if (write.bytes.length === 0) return 0
  return Math.ceil(endOf(write) / sectorBytes) - Math.floor(write.position / sectorBytes) - 1
}

function endOf(write: Write): number {
  return write.position + write.bytes.length
}
