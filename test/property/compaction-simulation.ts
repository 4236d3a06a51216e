import assert from 'node:assert/strict'
import { TidemarkError } from '../../src/base/errors.ts'
import type { CompressionName } from '../../src/batch/compression.ts'
import { encodeEndTransactionMarker } from '../../src/batch/control-record.ts'
import { encodeBatch } from '../../src/batch/encode-batch.ts'
import { type Log, openLog } from '../../src/log/log.ts'
import type { LogOptions } from '../../src/log/log-options.ts'
import { verifyDirectory } from '../../src/log/verify-directory.ts'
import { keepUnsynced, loseUnsynced, randomCrash } from '../../src/testing/crash-chooser.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { memoryEnv } from '../../src/testing/memory-env.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { FusedWorld, type WorldEnd } from '../crash/fused-world.ts'
import { settled } from './settled.ts'

const directory = '/data/orders-0'

/** A record of a plan: `null` is a tombstone. */
export interface PlannedRecord {
  readonly key: number
  readonly value: number | null
}

export type CompactionOperation =
  | {
      readonly do: 'append'
      readonly records: readonly PlannedRecord[]
      readonly compression: CompressionName
      /** 0 for none. */
      readonly producer: number
      readonly isTransactional: boolean
    }
  | { readonly do: 'end'; readonly producer: number; readonly type: 'COMMIT' | 'ABORT' }
  | { readonly do: 'compact' }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'truncate'; readonly records: number }
  | { readonly do: 'reopen' }
  | { readonly do: 'repeat'; readonly producer: number }
  | { readonly do: 'crash'; readonly afterCalls: number; readonly end: 'kill' | 'lose' | 'keep' | number }

export interface CompactionPlan {
  readonly segmentBytes: number
  readonly dedupeBufferBytes: number
  readonly entryOrder: 'journaled' | 'free'
  readonly operations: readonly CompactionOperation[]
}

type Fate = 'plain' | 'open' | 'COMMIT' | 'ABORT'

interface ModelRecord {
  readonly offset: number
  readonly batch: ModelBatch
  readonly key: string
  readonly value: string | null
}

interface ModelBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly producer: number
  readonly sequence: number
  readonly bytes: () => Buffer
  fate: Fate
}

const deleteRetentionMs = 1000

/** Runs a plan against a compacted log in memory, and holds what is left against what was appended. */
export async function runCompactionPlan(plan: CompactionPlan): Promise<void> {
  await new CompactionSimulation(plan).run()
}

class CompactionSimulation {
  readonly #plan: CompactionPlan
  readonly #clock = new ManualClock()
  readonly #world: FusedWorld
  readonly #options: LogOptions
  readonly #random = seededRandom(1)
  #log: Log | undefined
  #records: ModelRecord[] = []
  #batches: ModelBatch[] = []
  /** By producer, where its next sequence begins. */
  readonly #sequences = new Map<number, number>()
  /** When tombstones that stood then may be gone. */
  #horizonMs = Number.POSITIVE_INFINITY
  /** Aborted records before this must be gone. */
  #cleanedTo = 0

  constructor(plan: CompactionPlan) {
    this.#plan = plan
    this.#world = new FusedWorld(memoryEnv({ clock: this.#clock, seed: 1, entryOrder: plan.entryOrder }))
    const { segmentBytes, dedupeBufferBytes } = plan
    this.#options = {
      cleanupPolicy: 'compact',
      ...{ segmentBytes, dedupeBufferBytes, deleteRetentionMs, indexIntervalBytes: 100 },
      // Passes are made when the plan says so.
      compactionCheckMs: 1e12,
      producerIdExpirationMs: 1e12,
    }
  }

  async run(): Promise<void> {
    await this.#open()
    for (const operation of this.#plan.operations) {
      await this.#perform(operation)
      await this.#check()
    }
    await this.#reopen()
    await this.#check()
    await settled(this.#openLog.close())
  }

  get #openLog(): Log {
    assert.ok(this.#log)
    return this.#log
  }

  async #open(): Promise<void> {
    this.#log = await settled(openLog(directory, { ...this.#options, env: this.#world.env }))
    assert.equal(this.#log.recovery.lost, undefined)
  }

  async #reopen(): Promise<void> {
    await settled(this.#openLog.close())
    await this.#open()
    assert.equal(this.#openLog.recovery.cleanStop, true)
  }

  async #perform(operation: CompactionOperation): Promise<void> {
    switch (operation.do) {
      case 'append':
        return this.#append(operation)
      case 'end':
        return this.#end(operation.producer, operation.type)
      case 'compact':
        return this.#compact()
      case 'advance':
        this.#clock.advance(operation.ms)
        return
      case 'truncate':
        return this.#truncate(operation.records)
      case 'reopen':
        return this.#reopen()
      case 'repeat':
        return this.#repeat(operation.producer)
      case 'crash':
        return this.#crash(operation)
    }
  }

  // --- appending -----------------------------------------------------------------------------------------

  async #append(operation: CompactionOperation & { do: 'append' }): Promise<void> {
    const { records, compression, producer } = operation
    const isTransactional = producer > 0 && (operation.isTransactional || this.#isOpen(producer))
    const sequence = this.#sequences.get(producer) ?? 0
    const inputs = records.map(({ key, value }) => ({
      key: keyOf(key),
      value: value === null ? null : `value ${value}`.repeat(3),
    }))
    const bytes = () =>
      encodeBatch(inputs, {
        now: this.#clock.nowMs(),
        compression,
        isTransactional,
        ...(producer > 0 && { producerId: producer, producerEpoch: 0, baseSequence: sequence }),
      })
    const { baseOffset, lastOffset, duplicate } = await settled(this.#openLog.appendBatch(bytes()))
    assert.equal(duplicate, false)
    if (producer > 0) this.#sequences.set(producer, sequence + records.length)
    const fate = isTransactional ? 'open' : 'plain'
    const batch: ModelBatch = { baseOffset, lastOffset, producer, sequence, bytes, fate }
    this.#batches.push(batch)
    for (const [index, { key, value }] of inputs.entries())
      this.#records.push({ offset: baseOffset + index, batch, key, value })
  }

  #isOpen(producer: number): boolean {
    return this.#batches.some((batch) => batch.producer === producer && batch.fate === 'open')
  }

  async #end(producer: number, type: 'COMMIT' | 'ABORT'): Promise<void> {
    if (!this.#sequences.has(producer)) return
    await settled(this.#openLog.appendBatch(this.#marker(producer, type)))
    for (const batch of this.#batches)
      if (batch.producer === producer && batch.fate === 'open') batch.fate = type
  }

  #marker(producerId: number, type: 'COMMIT' | 'ABORT'): Buffer {
    const timestampMs = this.#clock.nowMs()
    return encodeEndTransactionMarker({
      type,
      coordinatorEpoch: 0,
      producerId,
      producerEpoch: 0,
      timestampMs,
    })
  }

  /** What a producer has appended last is known as such, whatever was compacted. */
  async #repeat(producer: number): Promise<void> {
    const last = this.#batches.findLast((batch) => batch.producer === producer)
    if (producer === 0 || last === undefined) return
    const { baseOffset, lastOffset } = last
    const answer = await settled(this.#openLog.appendBatch(last.bytes()))
    assert.deepEqual({ ...answer, timestamp: 0 }, { baseOffset, lastOffset, timestamp: 0, duplicate: true })
  }

  // --- cutting -------------------------------------------------------------------------------------------

  async #compact(): Promise<void> {
    const report = await settled(this.#openLog.compact())
    assert.ok(report.bytesAfter <= report.bytesBefore + 20 * report.recordsKept + 61 * report.segmentsAfter)
    this.#noteCompaction()
    if (report.isComplete) this.#cleanedTo = report.firstDirtyOffset
  }

  #noteCompaction(): void {
    this.#horizonMs = Math.min(this.#horizonMs, this.#clock.nowMs() + deleteRetentionMs)
  }

  async #truncate(count: number): Promise<void> {
    const { startOffset, endOffset } = this.#openLog
    const wanted = Math.max(startOffset, endOffset - count)
    // Not into a transaction that has ended, and not behind what was dropped for what is truncated now.
    if (wanted < this.#cleanedTo || this.#batches.some(({ fate }) => fate !== 'plain')) return
    const end = await settled(this.#openLog.truncate(wanted))
    if (this.#cleanedTo > end) return
    this.#records = this.#records.filter(({ offset }) => offset < end)
    this.#batches = this.#batches.filter(({ lastOffset }) => lastOffset < end)
    for (const producer of this.#sequences.keys()) {
      const last = this.#batches.findLast((batch) => batch.producer === producer)
      if (last === undefined) this.#sequences.delete(producer)
      else this.#sequences.set(producer, last.sequence + last.lastOffset - last.baseOffset + 1)
    }
  }

  async #crash({ afterCalls, end }: CompactionOperation & { do: 'crash' }): Promise<void> {
    const dead = this.#openLog
    const how = this.#endOf(end)
    this.#world.arm(afterCalls, how)
    this.#noteCompaction()
    await settled(dead.compact().catch(mustBeOurs))
    this.#world.end(how)
    await settled(dead.close().catch(mustBeOurs))
    this.#world.restart()
    await this.#open()
  }

  #endOf(end: 'kill' | 'lose' | 'keep' | number): WorldEnd {
    if (end === 'kill') return end
    if (end === 'lose') return loseUnsynced
    return end === 'keep' ? keepUnsynced : randomCrash(this.#random)
  }

  // --- checking ------------------------------------------------------------------------------------------

  async #check(): Promise<void> {
    const left = await this.#recordsLeft()
    const byOffset = new Map(this.#records.map((record) => [record.offset, record]))
    for (const { offset, key, value } of left) {
      const original = byOffset.get(offset)
      assert.deepEqual({ offset, key, value }, pick(original))
      assert.ok(original?.batch.fate !== 'ABORT' || offset >= this.#cleanedTo, `${offset} was aborted`)
    }
    for (const [key, last] of this.#lastOfEachKey()) this.#checkKey(key, last, left)
    const { env } = this.#world
    const report = await settled(verifyDirectory(directory, { env, allowGaps: true, isOpen: true }))
    assert.ok(report.ok, JSON.stringify(report.files.filter(({ verdict }) => verdict === 'damaged')))
  }

  #lastOfEachKey(): Map<string, ModelRecord> {
    const counting = this.#records.filter(({ batch }) => batch.fate !== 'ABORT')
    return new Map(counting.map((record) => [record.key, record]))
  }

  #checkKey(key: string, last: ModelRecord, left: readonly { offset: number; key: string }[]): void {
    const isThere = left.some(({ offset }) => offset === last.offset)
    if (isThere) return
    assert.ok(last.value === null, `the last record of ${key}, ${last.offset}, is gone`)
    assert.ok(this.#clock.nowMs() >= this.#horizonMs, `the tombstone ${last.offset} of ${key} has gone early`)
    const older = left.filter((record) => record.key === key && !this.#isAborted(record.offset))
    assert.deepEqual(older, [], `${key} has come back`)
  }

  #isAborted(offset: number): boolean {
    return this.#records.some((record) => record.offset === offset && record.batch.fate === 'ABORT')
  }

  async #recordsLeft(): Promise<{ offset: number; key: string; value: string | null }[]> {
    const found: { offset: number; key: string; value: string | null }[] = []
    const reading = async () => {
      for await (const { offset, key, value } of this.#openLog.read())
        found.push({ offset, key: String(key), value: value && value.toString() })
    }
    await settled(reading())
    return found
  }
}

/** Short ones, and some that are longer than their digest. */
function keyOf(key: number): string {
  return key % 3 === 0 ? `a key that is rather long: ${key}` : `k${key}`
}

function pick(record: ModelRecord | undefined) {
  return record && { offset: record.offset, key: record.key, value: record.value }
}

function mustBeOurs(error: unknown): void {
  if (!(error instanceof TidemarkError)) throw error
}
