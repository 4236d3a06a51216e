import type { RecordInput } from '../../batch/record-input.ts'
import { recordSizeBound } from '../../batch/record-size.ts'
import type { Log } from '../../log/log.ts'
import { InputError } from '../failure.ts'
import type { RecordSink } from './pour-stdin.ts'

const batchOverheadBytes = 61

/** Batches that may wait for their acknowledgement at a time: under `durability: 'sync'` they share syncs. */
const underWayMax = 16

export interface BatchAppenderOptions {
  /** Records per batch, at most. */
  readonly batchCount: number
  /** Bytes per batch, at most, unless a single record takes more. */
  readonly batchBytes: number
  /** Called when a batch could not be appended, in case no more input would come to be told of it. */
  readonly onFailure?: () => void
}

/**
 * Appends records in batches, in order, and each batch only where the one before it ended: what is in the log is
 * always the beginning of the input. While batches are under way the next one gathers. It goes when it is full, or
 * when none is under way any more and nothing more is at hand; so a slow input is not held back, and a fast one makes
 * full batches.
 */
export class BatchAppender implements RecordSink {
  readonly #log: Log
  readonly #options: BatchAppenderOptions
  readonly #firstOffset: number
  #nextOffset: number
  #pending: RecordInput[] = []
  #pendingBytes = batchOverheadBytes
  #pendingLine = 0
  #underWay = 0
  #count = 0
  #failure: Error | undefined
  #isInputIdle = false
  /** Called when an append has settled. */
  #wake: () => void = () => undefined

  constructor(log: Log, options: BatchAppenderOptions) {
    this.#log = log
    this.#options = options
    this.#firstOffset = log.endOffset
    this.#nextOffset = log.endOffset
  }

  /** Records acknowledged so far. */
  get count(): number {
    return this.#count
  }

  /** Offset of the first record. */
  get firstOffset(): number {
    return this.#firstOffset
  }

  /**
   * Takes the record of line `lineNumber`. Resolves when there is room for the next.
   *
   * @throws what kept an earlier batch from being appended
   */
  async add(record: RecordInput, lineNumber: number): Promise<void> {
    this.#isInputIdle = false
    const bytes = recordSizeBound(record)
    if (this.#pending.length > 0 && this.#pendingBytes + bytes > this.#options.batchBytes) await this.#send()
    if (this.#pending.length === 0) this.#pendingLine = lineNumber
    this.#pending.push(record)
    this.#pendingBytes += bytes
    if (this.#pending.length >= this.#options.batchCount) await this.#send()
  }

  /** There is no more at hand: what is pending goes as soon as nothing is under way. */
  rest(): void {
    this.#isInputIdle = true
    if (this.#underWay === 0 && this.#pending.length > 0 && this.#failure === undefined) this.#begin()
  }

  /** Resolves when everything that was added has been acknowledged. Throws as {@link add} does. */
  async finish(): Promise<void> {
    if (this.#pending.length > 0) await this.#send()
    await this.#untilUnderWayIs(0)
    if (this.#failure !== undefined) throw this.#failure
  }

  async #send(): Promise<void> {
    await this.#untilUnderWayIs(underWayMax - 1)
    if (this.#failure !== undefined) throw this.#failure
    // It may have gone while we waited, when the input was idle.
    if (this.#pending.length > 0) this.#begin()
  }

  async #untilUnderWayIs(most: number): Promise<void> {
    while (this.#underWay > most) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  #begin(): void {
    const records = this.#pending
    void this.#append(records, this.#pendingLine, this.#nextOffset)
    this.#nextOffset += records.length
    this.#pending = []
    this.#pendingBytes = batchOverheadBytes
  }

  /** Never rejects: the failure is told to whoever adds next, or finishes. */
  async #append(records: readonly RecordInput[], firstLine: number, expectedOffset: number): Promise<void> {
    this.#underWay++
    try {
      await this.#log.append(records, { expectedOffset })
      this.#count += records.length
    } catch (error) {
      // Those behind the first that failed are refused because of it.
      this.#failure ??= namingLines(error as Error, firstLine, records.length)
      this.#options.onFailure?.()
    }
    this.#underWay--
    this.#wake()
    if (this.#isInputIdle) this.rest()
  }
}

function namingLines(error: Error, firstLine: number, count: number): Error {
  const lines = count === 1 ? `line ${firstLine}` : `a record of the ${count} from line ${firstLine} on`
  return new InputError(`${lines} could not be appended: ${error.message}`, { cause: error })
}
