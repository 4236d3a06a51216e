import assert from 'node:assert/strict'
import { DiskFullError, LockedError, PoisonedError, TidemarkError } from '../../src/base/errors.ts'
import type { Files } from '../../src/env/env.ts'
import { systemErrorCode } from '../../src/env/system-error.ts'
import { type Log, openLog } from '../../src/log/log.ts'
import type { LogOptions } from '../../src/log/log-options.ts'
import { loseUnsynced } from '../../src/testing/crash-chooser.ts'
import { type Fault, type FaultyFiles, faultyFiles } from '../../src/testing/faulty-files.ts'
import type { FileCallKind } from '../../src/testing/interposed-files.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { type MemoryEnv, memoryEnv } from '../../src/testing/memory-env.ts'
import { checkLog } from '../check-whole-log.ts'
import { settled } from '../property/settled.ts'

export const directory = '/data/orders-0'

/** One place where one thing goes wrong. */
export interface FaultPoint {
  readonly kind: FileCallKind
  /** What happens to the calls of the kind from the `nth` on, one after the other. */
  readonly faults: readonly Fault[]
  /** From 1. */
  readonly nth: number
  /** Whether the last of the faults happens to all calls of the kind that follow, until the disk is healed. */
  readonly lasts: boolean
}

/** What is put between a log and its disk. */
export type FileLayer = (files: Files) => Files

/** How the process that met the fault ends. */
export type BenchEnd = (typeof benchEnds)[number]
export const benchEnds = ['kill', 'power cut', 'close'] as const

/** The values of the records of one append: no two of a run are alike. */
type Values = readonly string[]

interface Acknowledged {
  /** Of the first record, and its sequence. */
  readonly baseOffset: number
  readonly sequence: number
  readonly values: Values
}

/**
 * A log on a disk that fails at one point, and what it has promised. Every call of it either does what it says or
 * rejects with an error of ours that names the system's; the bench notes which, and holds the log against it while it
 * runs, and once it has been opened again.
 */
export class FaultBench {
  readonly options: LogOptions
  readonly clock = new ManualClock()
  readonly point: FaultPoint
  readonly #layer: FileLayer
  #memory: MemoryEnv
  #files: FaultyFiles | undefined
  #log: Log | undefined
  #struckCount = 0
  #nextValue = 0
  /** Acknowledged, in the log's order. */
  #acknowledged: Acknowledged[] = []
  /** Records of appends that are under way. */
  #pendingCount = 0
  /** Rejected because it is not known what the disk holds: these may be found again, whole. */
  #unknown: Values[] = []
  #startMin = 0
  #startMax = 0
  /** A truncation that failed may have been made or not. */
  #endMin = Number.POSITIVE_INFINITY

  /** `layer` comes between the log and the disk that fails: a deliberate bug. */
  constructor(options: LogOptions, point: FaultPoint, layer: FileLayer = (files) => files) {
    this.options = options
    this.point = point
    this.#layer = layer
    this.#memory = memoryEnv({ clock: this.clock, seed: 1 })
  }

  /** Whether the fault has struck. If not, the scenario ended before its point. */
  get hasStruck(): boolean {
    return this.#struckCount > 0
  }

  /** Offset after the last record that was acknowledged. */
  get endOffset(): number {
    const last = this.#acknowledged.at(-1)
    return last === undefined
      ? this.#startMin
      : Math.max(last.baseOffset + last.values.length, this.#startMin)
  }

  /** From now on the disk is the one that fails. What was done before is not counted. */
  arm(): void {
    const { kind, faults, nth, lasts } = this.point
    this.#files = faultyFiles(this.#memory.files, (call, count) => {
      if (call.kind !== kind || count < nth) return undefined
      const fault = faults[count - nth] ?? (lasts ? faults.at(-1) : undefined)
      if (fault !== undefined) this.#struckCount++
      return fault
    })
  }

  // --- what a scenario does ------------------------------------------------------------------------------

  async open(): Promise<void> {
    this.#log = await this.#attempt(openLog(directory, { ...this.options, env: this.#env }))
  }

  /**
   * Appends made at the same time, of so many records each, by one idempotent producer: so that what a failed append
   * leaves in the producers' state shows with the next.
   */
  async append(...counts: number[]): Promise<void> {
    const log = this.#log
    if (log !== undefined) await Promise.all(counts.map((count) => this.#appendOne(log, count)))
  }

  async #appendOne(log: Log, count: number): Promise<void> {
    const values = Array.from({ length: count }, () => `value ${this.#nextValue++}`)
    const sequence = this.#nextSequence
    this.#pendingCount += count
    const made = log.append(
      values.map((value) => ({ value })),
      { producer: { id: 1, epoch: 0, sequence } },
    )
    const result = await this.#attempt(made, (error) => {
      if (error instanceof PoisonedError) this.#unknown.push(values)
    })
    this.#pendingCount -= count
    if (result === undefined) return
    assert.equal(result.duplicate, false)
    this.#acknowledged.push({ baseOffset: result.baseOffset, values, sequence })
  }

  /** The sequence of the next append, if those under way succeed. */
  get #nextSequence(): number {
    const last = this.#acknowledged.at(-1)
    return (last === undefined ? 0 : last.sequence + last.values.length) + this.#pendingCount
  }

  async flush(): Promise<void> {
    await this.#do((log) => log.flush())
  }

  async truncate(offset: number): Promise<void> {
    const isDone = await this.#do((log) => log.truncate(offset))
    const kept = this.#acknowledged.filter(({ baseOffset, values }) => baseOffset + values.length <= offset)
    if (isDone) this.#acknowledged = kept
    else
      this.#endMin = kept.reduce(
        (end, { baseOffset, values }) => Math.max(end, baseOffset + values.length),
        0,
      )
  }

  async trim(offset: number): Promise<void> {
    this.#startMax = Math.max(this.#startMax, offset)
    if (await this.#do((log) => log.trim(offset))) this.#startMin = Math.max(this.#startMin, offset)
  }

  async retain(): Promise<void> {
    this.#startMax = this.endOffset
    await this.#do((log) => log.applyRetention())
    // Not durable, but never undone while the process lives.
    this.#startMin = Math.max(this.#startMin, this.#log?.startOffset ?? 0)
  }

  async close(): Promise<void> {
    await this.#do((log) => log.close())
    this.#log = undefined
  }

  /** The process dies, and nothing of it is cleaned up. */
  kill(): void {
    this.#memory = this.#memory.kill()
    this.#log = undefined
  }

  // --- what is checked -----------------------------------------------------------------------------------

  /** The disk works again: the log goes on, or says that it is poisoned. */
  async heal(): Promise<void> {
    this.#files?.use([])
    if (this.#log === undefined) return
    await this.#checkContent(this.#log, false)
    const before = this.#unknown.length
    const countBefore = this.#acknowledged.length
    await this.append(2)
    const isPoisoned = this.#unknown.length > before
    assert.ok(isPoisoned || this.#acknowledged.length > countBefore, 'the log does not go on')
    await this.#checkContent(this.#log, false)
  }

  /** Ends the process, opens the log again, and looks for what was promised. */
  async restart(end: BenchEnd): Promise<void> {
    if (end === 'close') await this.#closeForGood()
    else await this.#die(end)
    const options = { ...this.options, env: this.#memory }
    const log = await settled(openLog(directory, options))
    await this.#checkContent(log, true)
    await settled(log.append({ value: 'afterwards' }))
    await settled(log.close())
    await checkLog(directory, options)
  }

  get #env() {
    const files = this.#layer(this.#files ?? this.#memory.files)
    return { files, clock: this.clock, random: this.#memory.random }
  }

  async #closeForGood(): Promise<void> {
    this.#files?.use([])
    await this.#log?.close()
    // A lock that could not be removed is one of a process that lives.
    const isFree = await openLog(directory, { ...this.options, env: this.#memory }).then(
      (log) => log.close(),
      (error: unknown) => error,
    )
    if (isFree instanceof LockedError && this.point.kind === 'unlock') this.#memory = this.#memory.kill()
  }

  async #die(end: 'kill' | 'power cut'): Promise<void> {
    const log = this.#log
    this.#memory = end === 'kill' ? this.#memory.kill() : this.#memory.crash(loseUnsynced)
    await settled((log?.close() ?? Promise.resolve()).catch(mustBeOurs))
  }

  /** What can be read is what was acknowledged; after a restart whole batches may follow whose fate was not known. */
  async #checkContent(log: Log, isRestarted: boolean): Promise<void> {
    const found: { baseOffset: number; values: Values }[] = []
    const reading = async () => {
      for await (const batch of log.readBatches())
        found.push({
          baseOffset: batch.baseOffset,
          values: Array.from(batch.records(), ({ value }) => String(value)),
        })
    }
    await settled(reading())
    const { startOffset } = log
    assert.ok(startOffset >= this.#startMin && startOffset <= this.#startMax, `starts at ${startOffset}`)
    const due = this.#acknowledged
      .map(({ baseOffset, values }) => ({ baseOffset, values }))
      .filter(({ baseOffset, values }) => baseOffset + values.length > startOffset)
    const least = due.filter(({ baseOffset, values }) => baseOffset + values.length <= this.#endMin)
    assert.deepEqual(found.slice(0, least.length), least)
    const rest = found.slice(least.length)
    if (least.length < due.length) assert.deepEqual(rest, due.slice(least.length, found.length))
    else
      assert.deepEqual(
        rest.map(({ values }) => values),
        isRestarted ? this.#unknown.slice(0, rest.length) : [],
      )
  }

  async #do(action: (log: Log) => Promise<unknown>): Promise<boolean> {
    const log = this.#log
    if (log === undefined) return false
    let isDone = true
    await this.#attempt(action(log), () => {
      isDone = false
    })
    return isDone
  }

  /** The result, or undefined when the fault has made it fail, as it may. */
  async #attempt<T>(promise: Promise<T>, onFailure?: (error: TidemarkError) => void): Promise<T | undefined> {
    try {
      return await settled(promise)
    } catch (error) {
      assert.ok(error instanceof TidemarkError, error instanceof Error ? error.stack : String(error))
      if (this.hasStruck) this.#checkCause(error)
      else throw error
      onFailure?.(error)
      return undefined
    }
  }

  /** Names the system's error as its cause, near or far; a full disk is one that may be tried again. */
  #checkCause(error: TidemarkError): void {
    const codes = this.point.faults.filter((fault) => typeof fault === 'string')
    for (let each: unknown = error; each instanceof Error; each = each.cause) {
      if (codes.some((code) => code === systemErrorCode(each))) return
      if (each instanceof DiskFullError && each.retriable && codes.some((code) => fullCodes.includes(code)))
        return
    }
    throw new Error(`the system's error is not among the causes of ${error.stack}`)
  }
}

/** What a full disk is called: also one that is full for this user alone. */
const fullCodes: readonly string[] = ['ENOSPC', 'EDQUOT']

function mustBeOurs(error: unknown): void {
  if (!(error instanceof TidemarkError)) throw error
}
