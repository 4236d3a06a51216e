import assert from 'node:assert/strict'
import { TidemarkError } from '../../src/base/errors.ts'
import { turn } from '../../src/env/turn.ts'
import { type Log, openLog } from '../../src/log/log.ts'
import type { AppendResult } from '../../src/log/log-writer.ts'
import type { LogOptions } from '../../src/log/log-options.ts'
import { keepUnsynced, loseUnsynced, randomCrash } from '../../src/testing/crash-chooser.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../src/testing/memory-env.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { FusedWorld, type WorldEnd } from '../crash/fused-world.ts'
import { lastingContentOf } from '../crash/directory-content.ts'
import { checkLog } from '../check-whole-log.ts'
import { Follower } from './follower.ts'
import type { BatchPlan, CrashOperation, Operation, Plan, ReadKind } from './log-operation.ts'
import { startMs } from './log-operation.ts'
import { type ModelBatch, ModelLog, type PlacedBatch } from './model-log.ts'
import { checkReads, checkSideFiles } from './check-log.ts'
import { adopt, type ExpectedLog } from './expected-log.ts'
import { checkRefusal } from './check-refusal.ts'
import { settled } from './settled.ts'
import { batchOf, submitBatch } from './submit-batch.ts'

const directory = '/data/orders-0'

/** Runs a plan against a log in memory and against the model; throws where they differ. */
export async function runPlan(plan: Plan): Promise<void> {
  const simulation = new LogSimulation(plan)
  await simulation.run()
}

class LogSimulation {
  readonly #operations: readonly Operation[]
  readonly #options: LogOptions
  readonly #clock = new ManualClock(startMs)
  readonly #world: FusedWorld
  #model = new ModelLog()
  #log: Log | undefined
  #followers: Follower[] = []
  /** A power cut takes nothing before this. */
  #durableEnd = 0
  #durableStart = 0

  constructor({ options, entryOrder, operations }: Plan) {
    this.#operations = operations
    this.#options = options
    this.#world = new FusedWorld(memoryEnv({ clock: this.#clock, seed: 1, entryOrder }))
  }

  async run(): Promise<void> {
    await this.#open()
    for (const operation of this.#operations) {
      await this.#perform(operation)
      await this.#checkState()
    }
    await this.#close()
    await checkLog(directory, { ...this.#options, env: this.#world.env })
    checkSideFiles(directory, this.#world.env, this.#model)
  }

  get #openLog(): Log {
    assert.ok(this.#log)
    return this.#log
  }

  async #perform(operation: Operation): Promise<void> {
    switch (operation.do) {
      case 'append':
        return this.#append(operation.batches)
      case 'refuse':
        return checkRefusal(this.#openLog, this.#model, operation.what, operation.producerId)
      case 'read':
        return this.#read(operation)
      case 'follow':
        this.#followers.push(new Follower(this.#openLog, operation.maxBytes))
        return
      case 'flush':
        await settled(this.#openLog.flush())
        this.#durableEnd = this.#model.endOffset
        return
      case 'retain':
        await settled(this.#openLog.applyRetention())
        return
      case 'truncate':
        return this.#truncate(this.#offsetAt(operation.at))
      case 'trim':
        return this.#trim(this.#offsetAt(operation.at))
      case 'advance':
        return this.#advance(operation.ms)
      case 'reopen':
        await this.#close()
        return this.#open()
      case 'reopen twice':
        return this.#reopenTwice()
      case 'crash':
        return this.#crash(operation)
    }
  }

  // --- appending -----------------------------------------------------------------------------------------

  async #append(plans: readonly BatchPlan[]): Promise<void> {
    const after = this.#model.fork()
    const batches = this.#place(plans, after)
    const results = await settled(Promise.all(this.#submit(batches, plans)))
    for (const [index, result] of results.entries()) {
      const { baseOffset, nextOffset, records } = batches[index] as PlacedBatch
      const timestamp = Math.max(
        ...records.map((each) => each.timestamp),
        ...(records.length ? [] : [result.timestamp]),
      )
      assert.deepEqual(result, { baseOffset, lastOffset: nextOffset - 1, timestamp, duplicate: false })
    }
    this.#model = after
    if (this.#options.durability === 'sync') this.#durableEnd = after.endOffset
  }

  #place(plans: readonly BatchPlan[], after: ModelLog): PlacedBatch[] {
    const setsTime = this.#options.timestampType === 'LogAppendTime'
    return plans.map((plan) => after.append(batchOf(plan, after, setsTime ? this.#clock.nowMs() : undefined)))
  }

  #submit(batches: readonly ModelBatch[], plans: readonly BatchPlan[]): Promise<AppendResult>[] {
    return batches.map((batch, index) =>
      submitBatch(this.#openLog, batch, plans[index] as BatchPlan, this.#clock.nowMs()),
    )
  }

  // --- reading -------------------------------------------------------------------------------------------

  async #read({ how, from, to, maxBytes }: { how: ReadKind; from: number; to: number; maxBytes: number }) {
    const [first, second] = [this.#offsetAt(from), this.#offsetAt(to)]
    await settled(checkReads(this.#openLog, this.#model, { how, from: first, to: second, maxBytes }))
  }

  #offsetAt(fraction: number): number {
    const { startOffset, endOffset } = this.#model
    return startOffset + Math.floor(fraction * (endOffset - startOffset + 1))
  }

  // --- cutting -------------------------------------------------------------------------------------------

  async #truncate(offset: number): Promise<void> {
    await this.#dropFollowers()
    const expected = this.#model.truncationPoint(offset)
    assert.equal(await settled(this.#openLog.truncate(offset)), expected)
    if (expected < this.#model.endOffset) this.#durableEnd = expected
    this.#model.truncate(expected)
  }

  async #trim(offset: number): Promise<void> {
    await this.#flushBefore('trim')
    await settled(this.#openLog.trim(offset))
    this.#model.startOffset = Math.max(this.#model.startOffset, offset)
    this.#durableStart = this.#model.startOffset
  }

  /**
   * A start that is durable before what lies behind it leaves, after a power cut, a log that has forgotten who wrote
   * before its start: right, but not to be foretold.
   */
  async #flushBefore(what: CrashOperation['during']): Promise<void> {
    if (what !== 'trim') return
    await settled(this.#openLog.flush())
    this.#durableEnd = this.#model.endOffset
  }

  async #advance(ms: number): Promise<void> {
    this.#clock.advance(ms)
    for (let turns = 0; turns < 20; turns++) await turn(this.#clock)
  }

  // --- opening and closing -------------------------------------------------------------------------------

  async #open(): Promise<void> {
    this.#log = await settled(openLog(directory, { ...this.#options, env: this.#world.env }))
    this.#durableEnd = this.#log.endOffset
    this.#durableStart = this.#log.startOffset
    assert.equal(this.#log.recovery.lost, undefined)
  }

  async #close(): Promise<void> {
    const followers = this.#followers.splice(0)
    await settled(this.#openLog.close())
    for (const follower of followers) await settled(follower.ended)
    this.#log = undefined
    this.#durableStart = this.#model.startOffset
  }

  /** Opening what was closed, or recovered, changes nothing. */
  async #reopenTwice(): Promise<void> {
    await this.#close()
    const closed = lastingContentOf(this.#world.env.files, directory)
    await this.#open()
    assert.equal(this.#openLog.recovery.cleanStop, true)
    await this.#close()
    // Opening an empty log may begin its leader epoch anew.
    const isEmpty = this.#model.endOffset === this.#model.startOffset
    if (!isEmpty) assert.deepEqual(lastingContentOf(this.#world.env.files, directory), closed)
    await this.#open()
  }

  async #dropFollowers(): Promise<void> {
    for (const follower of this.#followers.splice(0)) {
      follower.stop()
      await settled(follower.ended.catch(mustBeOurs))
    }
  }

  // --- crashing ------------------------------------------------------------------------------------------

  async #crash(operation: CrashOperation): Promise<void> {
    const dead = this.#openLog
    const end = endOf(operation)
    await this.#flushBefore(operation.during)
    this.#world.arm(operation.afterCalls, end)
    const expected = await this.#interrupted(operation)
    this.#world.end(end)
    await this.#dropFollowers()
    await settled(dead.close().catch(mustBeOurs))
    for (const calls of operation.openings) await this.#interruptOpening(calls, end)
    this.#world.restart()
    await this.#open()
    this.#model = adopt(expected, this.#openLog)
    await checkReads(this.#openLog, this.#model, {
      how: 'records',
      from: this.#model.startOffset,
      to: this.#model.endOffset,
      maxBytes: 100_000,
    })
    // After a clean stop nothing was scanned, and a scan may leave out time entries that only a close had called for.
    if (operation.seed % 4 === 0 && !this.#openLog.recovery.cleanStop) await this.#recoverAgain()
  }

  /** Starts what the crash interrupts; resolves, when all of it has ended, with what must be left. */
  async #interrupted({ batches: plans, during, at, end }: CrashOperation): Promise<ExpectedLog> {
    const model = this.#model
    const content = model.fork()
    const offset = this.#offsetAt(at)
    const batches = this.#place(plans, content)
    const acknowledged = this.#submit(batches, plans).map((append) =>
      append.then(() => true as const, mustBeOurs),
    )
    const finished = this.#start(during, offset).then(() => true as const, mustBeOurs)
    const count = countLeading(await settled(Promise.all(acknowledged)))
    const isDone = await settled(finished)
    const acknowledgedEnd = batches[count - 1]?.nextOffset ?? model.endOffset
    const isKept = end === 'kill' || this.#options.durability === 'sync'
    const { recoveryPoint } = await this.#openLog.stats().catch(() => ({ recoveryPoint: 0 }))
    let endMin = isKept ? acknowledgedEnd : Math.max(this.#durableEnd, recoveryPoint)
    let startMin = end === 'kill' ? model.startOffset : this.#durableStart
    let startMax = model.startOffset
    if (isDone && (during === 'flush' || during === 'close')) endMin = Math.max(endMin, model.endOffset)
    if (isDone && during === 'close') startMin = model.startOffset
    if (during === 'truncate') {
      const point = content.truncationPoint(offset)
      endMin = Math.min(endMin, point)
      if (isDone) content.truncate(point)
    }
    if (during === 'trim') startMax = Math.max(startMax, offset)
    if (during === 'trim' && isDone) startMin = startMax
    if (during === 'retain' || during === 'trim')
      startMax = Math.max(startMax, this.#retainsAll ? startMax : content.endOffset)
    return { content, endMin, startMin, startMax }
  }

  get #retainsAll(): boolean {
    return this.#options.retentionBytes === -1 && this.#options.retentionMs === -1
  }

  async #start(what: CrashOperation['during'], offset: number): Promise<unknown> {
    const log = this.#openLog
    switch (what) {
      case 'nothing':
        return undefined
      case 'flush':
        return log.flush()
      case 'truncate':
        return log.truncate(offset)
      case 'trim':
        return log.trim(offset)
      case 'retain':
        return log.applyRetention()
      case 'close':
        return log.close()
    }
  }

  async #interruptOpening(calls: number, end: WorldEnd): Promise<void> {
    this.#world.restart()
    this.#world.arm(calls, end)
    const opening = openLog(directory, { ...this.#options, env: this.#world.env })
    const log = await settled(opening.catch(mustBeOurs))
    this.#world.end(end)
    if (log) await settled(log.close().catch(mustBeOurs))
  }

  /** What was recovered is as durable as it will be: another crash right away changes nothing. */
  async #recoverAgain(): Promise<void> {
    const recovered = lastingContentOf(this.#world.env.files, directory)
    const dead = this.#openLog
    this.#world.end(loseUnsynced)
    await settled(dead.close().catch(mustBeOurs))
    this.#world.restart()
    await this.#open()
    assert.equal(this.#openLog.recovery.cut, undefined)
    assert.deepEqual(lastingContentOf(this.#world.env.files, directory), recovered)
  }

  // --- after every operation -----------------------------------------------------------------------------

  async #checkState(): Promise<void> {
    const log = this.#openLog
    const model = this.#model
    assert.equal(log.endOffset, model.endOffset)
    if (this.#retainsAll) assert.equal(log.startOffset, model.startOffset)
    assert.ok(log.startOffset >= model.startOffset && log.startOffset <= model.endOffset)
    model.startOffset = log.startOffset
    const { recoveryPoint } = await log.stats()
    assert.ok(recoveryPoint >= this.#durableEnd && recoveryPoint <= model.endOffset)
    this.#durableEnd = recoveryPoint
    for (const follower of this.#followers) await settled(follower.check(model))
  }
}

/** What fails because the world ends fails with an error of ours that names the cause. */
function mustBeOurs(error: unknown): undefined {
  if (!(error instanceof TidemarkError)) throw error
}

/** How many of the first answers are yes; no yes may follow a no. */
function countLeading(answers: readonly (true | undefined)[]): number {
  const count = answers.indexOf(undefined)
  if (count < 0) return answers.length
  assert.ok(
    !answers.slice(count).includes(true),
    'an append was acknowledged after an earlier one had failed',
  )
  return count
}

function endOf({ end, seed }: CrashOperation): WorldEnd {
  if (end === 'kill') return 'kill'
  if (end === 'lose unsynced') return loseUnsynced
  return end === 'keep unsynced' ? keepUnsynced : randomCrash(seededRandom(seed))
}
