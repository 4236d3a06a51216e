import { join } from 'node:path'
import type { Batch } from '../batch/batch.ts'
import type { Files } from '../env/env.ts'
import type { Decoded } from './decoded.ts'
import { segmentFileName } from './file-names.ts'
import { OffsetIndex } from './offset-index.ts'
import { readWhole } from './replace-file.ts'
import { TimeIndex } from './time-index.ts'
import { counted, type FileFinding, type Findings } from './verify-findings.ts'
import { firstOffsetOf } from './verify-resync.ts'

/** What is asked of the index files of a segment. */
export interface IndexDuty {
  /** They are used as they are; else the next open makes them anew, so that a crash explains what is wrong. */
  readonly isUsed: boolean
}

/** Checks the offset and the time index of a segment, entry by entry, as the batches come by. */
export class IndexSurvey {
  readonly #offsets: OffsetIndexCheck | undefined
  readonly #times: TimeIndexCheck | undefined

  constructor(files: Files, directory: string, baseOffset: number, findings: Findings, duty: IndexDuty) {
    const open = <T extends { sizeBytes: number; entryCount: number }>(
      kind: '.index' | '.timeindex',
      decode: (bytes: Buffer) => Decoded<T>,
    ) => openIndex(files, directory, segmentFileName(baseOffset, kind), findings, duty, decode)
    const offsets = open('.index', (bytes) => OffsetIndex.decode(baseOffset, bytes))
    const times = open('.timeindex', (bytes) => TimeIndex.decode(baseOffset, bytes))
    this.#offsets = offsets && new OffsetIndexCheck(offsets.index, offsets.finding, duty)
    this.#times = times && new TimeIndexCheck(times.index, times.finding, duty)
  }

  onBatch(batch: Batch, position: number): void {
    this.#offsets?.onBatch(batch, position)
    this.#times?.onBatch(batch)
  }

  onDamage(endPosition: number, toOffset: number): void {
    this.#offsets?.onDamage(endPosition, toOffset)
    this.#times?.onDamage(toOffset)
  }

  /** The segment is over. */
  end(): void {
    this.#offsets?.end()
    this.#times?.end()
  }
}

function openIndex<T extends { sizeBytes: number; entryCount: number }>(
  files: Files,
  directory: string,
  name: string,
  findings: Findings,
  { isUsed }: IndexDuty,
  decode: (bytes: Buffer) => Decoded<T>,
): { index: T; finding: FileFinding } | undefined {
  const bytes = readWhole(files, join(directory, name), 2 ** 31 - 1)
  if (bytes === undefined) {
    if (isUsed) findings.of(name).damage(-1, 'the file is missing')
    return undefined
  }
  const finding = findings.of(name)
  const sizeBytes = bytes.length
  const { value, fault } = decode(bytes)
  if (fault !== undefined) {
    finding.fault(!isUsed, -1, fault)
    return undefined
  }
  finding.note(counted(value.entryCount, 'entry', 'entries'))
  // One entry may be zeros by right: timestamp 0 at offset 0.
  const zeroBytes = sizeBytes - value.sizeBytes
  if (zeroBytes > 0 && !(value.entryCount === 0 && zeroBytes === 12))
    finding.fault(!isUsed, value.sizeBytes, `${zeroBytes} bytes of zeros follow the last entry`)
  return { index: value, finding }
}

/**
 * An entry names the last offset of a batch and points at the start of that batch, or of the write that it was
 * part of: before Kafka 3.9.1 a write of several batches had one entry.
 */
class OffsetIndexCheck {
  readonly #index: OffsetIndex
  readonly #finding: FileFinding
  readonly #duty: IndexDuty
  #next = 0
  /** The batch that the next entry points at has come by. */
  #isStarted = false
  /** No write reaches back across the batch of the entry before. */
  #floor = -1

  constructor(index: OffsetIndex, finding: FileFinding, duty: IndexDuty) {
    this.#index = index
    this.#finding = finding
    this.#duty = duty
  }

  onBatch({ lastOffset }: Batch, position: number): void {
    for (; this.#next < this.#index.entryCount; this.#pass(position)) {
      const entry = this.#index.entry(this.#next)
      this.#isStarted ||= entry.position === position && position > this.#floor
      if (entry.offset > lastOffset) return
      if (entry.offset !== lastOffset)
        this.#fault(`it names offset ${entry.offset}, with which no batch ends`)
      else if (!this.#isStarted)
        this.#fault(
          `it points at byte ${entry.position}, but the batch with offset ${lastOffset} is at ${position}`,
        )
    }
  }

  /** What points into damage, or names what is in it, cannot be judged. */
  onDamage(endPosition: number, toOffset: number): void {
    for (; this.#next < this.#index.entryCount; this.#pass(this.#floor)) {
      const entry = this.#index.entry(this.#next)
      if (entry.offset >= toOffset && entry.position >= endPosition) return
    }
  }

  end(): void {
    for (; this.#next < this.#index.entryCount; this.#pass(this.#floor))
      this.#fault(`it names offset ${this.#index.entry(this.#next).offset}, beyond the end of the segment`)
  }

  #pass(floor: number): void {
    this.#next++
    this.#isStarted = false
    this.#floor = floor
  }

  #fault(reason: string): void {
    this.#finding.fault(!this.#duty.isUsed, this.#next * 8, `entry ${this.#next}: ${reason}`)
  }
}

/**
 * An entry has the largest timestamp so far, and an offset in the batch that holds it. Which of the batch's offsets
 * has changed between Kafka's releases (KAFKA-16341, KAFKA-16342). The last entry has the segment's largest.
 */
class TimeIndexCheck {
  readonly #index: TimeIndex
  readonly #finding: FileFinding
  readonly #duty: IndexDuty
  #next = 0
  #maxTimestamp = -1
  #isDamaged = false

  constructor(index: TimeIndex, finding: FileFinding, duty: IndexDuty) {
    this.#index = index
    this.#finding = finding
    this.#duty = duty
  }

  onBatch(batch: Batch): void {
    const first = firstOffsetOf(batch)
    const { lastOffset, maxTimestamp } = batch
    for (; this.#next < this.#index.entryCount; this.#next++) {
      const { offset, timestamp } = this.#index.entry(this.#next)
      if (offset > lastOffset) break
      if (offset < first) this.#fault(`no batch holds offset ${offset}`)
      else if (timestamp !== maxTimestamp || timestamp < this.#maxTimestamp)
        this.#fault(`timestamp ${timestamp} for offset ${offset}, where it is ${this.#largest(maxTimestamp)}`)
    }
    this.#maxTimestamp = this.#largest(maxTimestamp)
  }

  onDamage(toOffset: number): void {
    this.#isDamaged = true
    while (this.#next < this.#index.entryCount && this.#index.entry(this.#next).offset < toOffset)
      this.#next++
  }

  end(): void {
    for (; this.#next < this.#index.entryCount; this.#next++)
      this.#fault(`it names offset ${this.#index.entry(this.#next).offset}, beyond the end of the segment`)
    const { timestamp } = this.#index.lastEntry
    // A single entry of zeros reads as none.
    const isComplete = timestamp === this.#maxTimestamp || (timestamp < 0 && this.#maxTimestamp === 0)
    if (this.#duty.isUsed && !isComplete && !this.#isDamaged)
      this.#finding.damage(
        -1,
        `it ends with timestamp ${timestamp}, but the segment's largest is ${this.#maxTimestamp}`,
      )
  }

  #largest(timestamp: number): number {
    return Math.max(this.#maxTimestamp, timestamp)
  }

  #fault(reason: string): void {
    this.#finding.fault(!this.#duty.isUsed, this.#next * 12, `entry ${this.#next}: ${reason}`)
  }
}
