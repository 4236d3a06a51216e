import assert from 'node:assert/strict'
import {
  FencedEpochError,
  OffsetMismatchError,
  RecordTooLargeError,
  SequenceError,
  TransactionStateError,
} from '../../src/base/errors.ts'
import type { Log } from '../../src/log/log.ts'
import type { AppendResult } from '../../src/log/log-writer.ts'
import { type BatchPlan, type Refusal, startMs } from './log-operation.ts'
import type { ModelBatch, ModelLog, ModelRecord, PlacedBatch } from './model-log.ts'
import { settled } from './settled.ts'
import { submitBatch } from './submit-batch.ts'

/** An append that must not be made, and the check of what it resolves or rejects with. */
interface Attempt {
  readonly batch: ModelBatch
  readonly expectedOffset?: number
  readonly check: (outcome: unknown) => void
}

const record: ModelRecord = { key: null, value: 'refused', headers: [], timestamp: startMs }

/** Tries an append that the log must refuse, or answer with the one it repeats, if the log is such that there is one. */
export async function checkRefusal(
  log: Log,
  model: ModelLog,
  what: Refusal,
  producerId: number,
): Promise<void> {
  const attempt = attemptAt(model, what) ?? attemptOf(model, what, producerId)
  if (attempt === undefined) return
  const { batch, expectedOffset } = attempt
  const isTransactional = batch.isTransactional === true
  const plan: BatchPlan = { records: [], encoded: isTransactional, compression: 'none', isTransactional }
  const appending =
    expectedOffset === undefined
      ? submitBatch(log, batch, plan, startMs)
      : log.append({ value: 'refused' }, { expectedOffset })
  attempt.check(await settled(appending.catch((error: unknown) => error)))
}

/** What is refused whoever sends it. */
function attemptAt(model: ModelLog, what: Refusal): Attempt | undefined {
  if (what === 'expected offset')
    return {
      batch: { records: [record] },
      expectedOffset: model.endOffset + 1,
      check: mustBe(OffsetMismatchError),
    }
  const large = { ...record, value: 'x'.repeat(10_000) }
  if (what === 'too large') return { batch: { records: [large] }, check: mustBe(RecordTooLargeError) }
  return undefined
}

/** What is refused because of what its producer has sent before. */
function attemptOf(model: ModelLog, what: Refusal, producerId: number): Attempt | undefined {
  const state = model.producers().get(producerId)
  const last = state?.batches.at(-1)
  // Of a producer whose batches are all gone nothing may be known any more.
  if (state === undefined || last === undefined || last.baseOffset < model.startOffset) return undefined
  if (what === 'duplicate') return { batch: last, check: mustRepeat(last) }
  const { epoch } = state
  const next = { id: producerId, epoch, sequence: (last.producer?.sequence ?? 0) + last.records.length }
  const batch = { records: [record], producer: next, isTransactional: last.isTransactional === true }
  if (what === 'gap') {
    const gap = { ...next, sequence: next.sequence + 1 }
    return { batch: { ...batch, producer: gap }, check: mustBe(SequenceError) }
  }
  if (what === 'old epoch' && epoch > 0)
    return { batch: { ...batch, producer: { ...next, epoch: epoch - 1 } }, check: mustBe(FencedEpochError) }
  if (what === 'outside its transaction' && state.openSince >= 0)
    return { batch: { ...batch, isTransactional: false }, check: mustBe(TransactionStateError) }
  return undefined
}

function mustBe(kind: new (...given: never[]) => Error): (outcome: unknown) => void {
  return (outcome) =>
    assert.ok(outcome instanceof kind, `${kind.name} is due, not ${JSON.stringify(outcome)}`)
}

function mustRepeat({ baseOffset, nextOffset }: PlacedBatch): (outcome: unknown) => void {
  return (outcome) => {
    if (outcome instanceof Error) throw outcome
    const { timestamp: _, ...result } = outcome as AppendResult
    assert.deepEqual(result, { baseOffset, lastOffset: nextOffset - 1, duplicate: true })
  }
}
