import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import type { Env, Files } from '../../../src/env/env.ts'
import type { LogOptions } from '../../../src/log/log-options.ts'
import { type CrashChooser, keepUnsynced, loseUnsynced } from '../../../src/testing/crash-chooser.ts'
import { CrashPointFiles } from '../../../src/testing/crash-point-files.ts'
import type { FileCall } from '../../../src/testing/interposed-files.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import type { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { adopt } from '../../property/expected-log.ts'
import { type BatchPlan, startMs } from '../../property/log-operation.ts'
import type { PlacedBatch } from '../../property/model-log.ts'
import { batchOf, submitBatch } from '../../property/submit-batch.ts'
import { type Expected, Promised } from './expected.ts'
import { directory, type OpenedLog, openBoth } from './opened-log.ts'
import { plansOf } from './step-plans.ts'
import { endsLog, type Step } from './workload.ts'

/** A world and what is promised about it: where a workload begins. */
export interface Beginning {
  readonly options: LogOptions
  /** Nothing in it is unsynced. */
  readonly files: MemoryFiles
  readonly promised: Promised
  /** No two records are alike. */
  readonly nextValue: number
}

/** A moment at which the power may be cut. */
export interface CrashPoint {
  readonly files: MemoryFiles
  readonly expected: Expected
  /** The call that is about to be made; undefined when a step has just been resolved. */
  readonly next: FileCall | undefined
}

/** Stands between the engine and the disk, for a bug to be there. */
export type FileLayer = (files: Files) => Files

/** A power cut that tears what was written to segments, or leaves its length without its content. */
const tearing: CrashChooser = {
  choose: (count, question) =>
    question.about === 'write' && question.path.endsWith('.log')
      ? Math.min(2, count - 1)
      : keepUnsynced.choose(count, question),
}

/** Does the steps of a workload, and shows the moments at which the power may be cut. */
export class WorkloadRun {
  readonly #options: LogOptions
  readonly #layer: FileLayer
  readonly #onPoint: (point: CrashPoint) => void
  readonly #promised: Promised
  readonly #clock = new ManualClock(startMs)
  #memory: MemoryFiles
  #points: CrashPointFiles
  #env: Env
  #opened: OpenedLog | undefined
  #nextValue: number
  #epoch = 0
  /** The process died, and nothing that it had written is lost. */
  #isKilled = false
  #lastChangeCount = -1
  #lastExpected: Expected | undefined

  constructor(
    { options, files, promised, nextValue }: Beginning,
    layer: FileLayer,
    onPoint: (point: CrashPoint) => void,
  ) {
    this.#options = options
    this.#layer = layer
    this.#onPoint = onPoint
    this.#promised = new Promised(options.durability === 'sync', promised)
    this.#nextValue = nextValue
    this.#memory = files.imagineCrash(keepUnsynced)
    this.#points = this.#pointsOver(this.#memory)
    this.#env = this.#envOver(this.#points)
  }

  /** Batches as they were read back while the log was open. */
  get bytes(): ReadonlyMap<PlacedBatch, Buffer> {
    return this.#promised.bytes
  }

  /** Where another workload can go on from; the log must be closed. */
  ending(): Beginning {
    assert.equal(this.#opened, undefined)
    const { files, promised, nextValue } = {
      files: this.#memory.imagineCrash(keepUnsynced),
      promised: this.#promised,
      nextValue: this.#nextValue,
    }
    return { options: this.#options, files, promised, nextValue }
  }

  async perform(step: Step): Promise<void> {
    if (step === 'kill') this.#isKilled = true
    if (step !== 'kill' && endsLog(step)) this.#isKilled = false
    if (step === 'close') await this.#close()
    else if (step === 'kill') await this.#endProcess(() => this.#memory.kill())
    else if (step === 'cut') await this.#endProcess(() => this.#memory.crash(loseUnsynced))
    else if (step === 'tear') await this.#endProcess(() => this.#memory.crash(tearing))
    else if (step === 'delete') await this.#delete()
    else await this.#work(step, this.#opened ?? (await this.#open()))
    this.#look(undefined)
    await this.#readBack()
  }

  /** Lets go of everything, whatever state it is in. */
  async abandon(): Promise<void> {
    await this.#endProcess(() => this.#memory.kill())
  }

  async #work(step: Step, opened: OpenedLog): Promise<void> {
    const { log } = opened
    const { startOffset, endOffset } = log
    const middle = Math.floor((startOffset + endOffset) / 2)
    if (step === 'open') return
    if (step === 'flush') return this.#flush(opened)
    if (step === 'truncate') return this.#truncate(opened, Math.max(startOffset, endOffset - 1))
    if (step === 'truncate far') return this.#truncate(opened, middle)
    if (step === 'trim') return this.#trim(opened, Math.min(startOffset + 2, endOffset))
    if (step === 'trim far') return this.#trim(opened, Math.max(startOffset, endOffset - 1))
    if (step === 'retain') return this.#retain(opened)
    if (step === 'epoch') return opened.partition.beginEpoch(++this.#epoch)
    return this.#append(
      opened,
      plansOf(step, () => `value ${this.#nextValue++}`),
    )
  }

  // --- what a log does -----------------------------------------------------------------------------------

  async #append({ log }: OpenedLog, plans: readonly BatchPlan[]): Promise<void> {
    const content = this.#promised.now.content.fork()
    const batches = plans.map((plan) => content.append(batchOf(plan, content, undefined)))
    this.#promised.submitted(content)
    const appends = batches.map(async (batch, index) => {
      const { baseOffset, duplicate } = await submitBatch(log, batch, plans[index] as BatchPlan, startMs)
      assert.deepEqual({ baseOffset, duplicate }, { baseOffset: batch.baseOffset, duplicate: false })
      this.#promised.acknowledged(batch)
    })
    await Promise.all(appends)
  }

  async #flush({ log }: OpenedLog): Promise<void> {
    const { endOffset } = log
    await log.flush()
    this.#promised.durableTo(endOffset)
  }

  async #truncate({ log }: OpenedLog, offset: number): Promise<void> {
    if (offset === log.endOffset) return
    const point = this.#promised.now.content.truncationPoint(offset)
    this.#promised.truncating(point)
    assert.equal(await log.truncate(offset), point)
    this.#promised.truncated(point)
  }

  async #trim({ log }: OpenedLog, offset: number): Promise<void> {
    const { startOffset, endOffset } = log
    // It changes nothing, and makes nothing durable.
    if (offset <= startOffset) return log.trim(offset)
    this.#promised.cutting(endOffset)
    await log.trim(offset)
    this.#promised.cut(log.startOffset, offset)
    this.#promised.durableTo(endOffset)
  }

  async #retain({ log }: OpenedLog): Promise<void> {
    this.#promised.cutting(log.endOffset)
    await log.applyRetention()
    this.#promised.cut(log.startOffset)
  }

  /** What is in an opened log is durable, and all of a killed one is still there. */
  async #open(): Promise<OpenedLog> {
    const opened = await openBoth(this.#env, this.#options)
    const { now } = this.#promised
    if (this.#isKilled) assert.equal(opened.log.endOffset, now.content.endOffset, 'after a kill')
    this.#isKilled = false
    this.#promised.settled(adopt(now, opened.log))
    this.#opened = opened
    return opened
  }

  // --- how it ends ---------------------------------------------------------------------------------------

  async #close(): Promise<void> {
    const opened = this.#opened
    if (opened === undefined) return
    await opened.log.close()
    this.#promised.settled(this.#promised.now.content)
    this.#opened = undefined
  }

  async #endProcess(end: () => MemoryFiles): Promise<void> {
    const dead = this.#opened
    this.#opened = undefined
    this.#memory = end()
    this.#points = this.#pointsOver(this.#memory)
    this.#env = this.#envOver(this.#points)
    this.#lastChangeCount = -1
    await dead?.log.close().catch(() => undefined)
  }

  async #delete(): Promise<void> {
    await this.#close()
    const { files } = this.#env
    if (files.statSync(directory) === undefined) return
    this.#promised.doomed()
    files.removeDirectorySync(directory)
    await files.syncDirectory(dirname(directory))
    this.#promised.gone()
  }

  // --- what is seen of it --------------------------------------------------------------------------------

  async #readBack(): Promise<void> {
    const { content } = this.#promised.now
    if (this.#opened === undefined) return
    const placed = new Map(content.batches.map((batch) => [batch.baseOffset, batch]))
    for await (const { baseOffset, bytes } of this.#opened.log.readBatches()) {
      const batch = placed.get(baseOffset)
      assert.ok(batch, `offset ${baseOffset} begins no batch that was appended`)
      this.#promised.readBack(batch, bytes)
    }
  }

  #look(next: FileCall | undefined): void {
    const { changeCount } = this.#points
    const expected = this.#promised.now
    if (changeCount === this.#lastChangeCount && expected === this.#lastExpected) return
    this.#lastChangeCount = changeCount
    this.#lastExpected = expected
    this.#onPoint({ files: this.#memory, expected, next })
  }

  #pointsOver(memory: MemoryFiles): CrashPointFiles {
    return new CrashPointFiles(memory, (next) => {
      // What still runs of a dead process reaches no disk.
      if (memory === this.#memory) this.#look(next)
    })
  }

  #envOver(files: Files): Env {
    return { files: this.#layer(files), clock: this.#clock, random: seededRandom(1) }
  }
}
