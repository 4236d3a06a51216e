import { decodeCheckpointEntries, encodeCheckpoint } from './checkpoint-file.ts'
import type { Decoded } from './decoded.ts'

/** Kafka's word for "no epoch known": below every epoch. */
const undefinedEpoch = -1
const undefinedOffset = -1

/** A leader epoch and the first offset written in it (Kafka's EpochEntry). */
export interface LeaderEpoch {
  readonly epoch: number
  readonly startOffset: number
}

/** Up to where an epoch reaches, exclusively; -1 and -1 when that is not known. */
export interface EpochEndOffset {
  readonly epoch: number
  readonly endOffset: number
}

/**
 * Which leader epoch wrote which offsets of a partition (Kafka's LeaderEpochFileCache, KIP-101): replicas compare
 * it to find where their logs part. Epochs and start offsets both rise strictly. Every change must reach the disk
 * as the file `leader-epoch-checkpoint`; the methods that change something return whether they did.
 */
export class LeaderEpochs {
  #entries: LeaderEpoch[]

  constructor(entries: readonly LeaderEpoch[] = []) {
    this.#entries = [...entries]
  }

  /** Reads the text of a `leader-epoch-checkpoint`. */
  static decode(text: string): Decoded<LeaderEpochs> {
    const entries = decodeCheckpointEntries(text, 'epoch startOffset', parseLeaderEpoch)
    if (entries.fault !== undefined) return entries
    for (const [index, { epoch, startOffset }] of entries.value.entries()) {
      const previous = entries.value[index - 1]
      if (previous !== undefined && (epoch <= previous.epoch || startOffset <= previous.startOffset)) {
        return {
          fault: `'${epoch} ${startOffset}' does not follow '${previous.epoch} ${previous.startOffset}'`,
        }
      }
    }
    return { value: new LeaderEpochs(entries.value) }
  }

  /** From the first epoch to the last. */
  get entries(): readonly LeaderEpoch[] {
    return this.#entries
  }

  /** The latest epoch, or -1 when none is known. */
  get latestEpoch(): number {
    return this.#entries.at(-1)?.epoch ?? undefinedEpoch
  }

  /**
   * Notes that `epoch` begins at `startOffset`. The latest epoch keeps its start when it is told again; entries
   * that do not come before the new one are dropped, for the log they described has been replaced.
   */
  assign(epoch: number, startOffset: number): boolean {
    if (epoch < 0 || startOffset < 0)
      throw new RangeError(`no leader epoch ${epoch} begins at offset ${startOffset}`)
    const latest = this.#entries.at(-1)
    if (latest !== undefined && epoch === latest.epoch && startOffset >= latest.startOffset) return false
    this.#dropFromEnd((entry) => entry.epoch >= epoch || entry.startOffset >= startOffset)
    this.#entries.push({ epoch, startOffset })
    return true
  }

  /** The epoch in which `offset` was or would be written, or -1 when the offset is before the first known epoch. */
  epochFor(offset: number): number {
    return this.#entries.findLast((entry) => entry.startOffset <= offset)?.epoch ?? undefinedEpoch
  }

  /**
   * Where `epoch` ends in a log that ends at `logEndOffset`. For an epoch this log never saw, the answer is the
   * greatest one below it, which ends where the next greater begins; for one beyond the latest it is undefined.
   */
  endOffsetFor(epoch: number, logEndOffset: number): EpochEndOffset {
    if (epoch !== undefinedEpoch && epoch === this.latestEpoch) return { epoch, endOffset: logEndOffset }
    const next = this.#entries.find((entry) => entry.epoch > epoch)
    if (epoch === undefinedEpoch || next === undefined)
      return { epoch: undefinedEpoch, endOffset: undefinedOffset }
    const floor = this.#entries.findLast((entry) => entry.epoch <= epoch)
    return { epoch: floor?.epoch ?? epoch, endOffset: next.startOffset }
  }

  /** The log now ends at `endOffset`: drops the epochs that begin there or later. */
  truncateFromEnd(endOffset: number): boolean {
    return this.#dropFromEnd((entry) => entry.startOffset >= endOffset)
  }

  /** The log now starts at `startOffset`: drops the epochs before it; the one it falls into begins there. */
  truncateFromStart(startOffset: number): boolean {
    const kept = this.#entries.filter((entry) => entry.startOffset > startOffset)
    const first = this.#entries[this.#entries.length - kept.length - 1]
    if (first === undefined || (first === this.#entries[0] && first.startOffset === startOffset)) return false
    this.#entries = [{ epoch: first.epoch, startOffset }, ...kept]
    return true
  }

  /** The log was emptied. */
  clear(): boolean {
    return this.truncateFromEnd(0)
  }

  /** The text of `leader-epoch-checkpoint`. */
  encode(): string {
    return encodeCheckpoint(this.#entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`))
  }

  #dropFromEnd(drop: (entry: LeaderEpoch) => boolean): boolean {
    const count = this.#entries.findLastIndex((entry) => !drop(entry)) + 1
    const dropped = count < this.#entries.length
    this.#entries = this.#entries.slice(0, count)
    return dropped
  }
}

function parseLeaderEpoch(line: string): LeaderEpoch | undefined {
  const [matched, epoch, startOffset] = /^\s*(\d+)\s+(\d+)\s*$/.exec(line) ?? []
  if (matched === undefined) return undefined
  const entry = { epoch: Number(epoch), startOffset: Number(startOffset) }
  return entry.epoch <= 0x7fffffff && Number.isSafeInteger(entry.startOffset) ? entry : undefined
}
