import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LeaderEpochs } from '../../src/log/leader-epochs.ts'
import { decodeProducerSnapshot, encodeProducerSnapshot } from '../../src/log/producer-snapshot.ts'
import { type ProducedBatch, type ProducerBatch, ProducerTable } from '../../src/log/producer-table.ts'
import { type AbortedTransaction, TransactionIndex } from '../../src/log/transaction-index.ts'

function readLines<T>(name: string): T[] {
  const text = readFileSync(new URL(`../../data/golden/kafka-4.3/${name}`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line): T => JSON.parse(line))
}

interface ProducerStep {
  readonly batch: ProducerBatch
  readonly appended?: true
  readonly duplicate?: ProducedBatch
  readonly error?: string
  readonly aborted?: AbortedTransaction
  readonly firstUnstableOffset: number | null
}

interface ProducerEnd {
  readonly snapshot: string
  readonly transactionIndex: string
  readonly searches: {
    fetchOffset: number
    upperBoundOffset: number
    lastOffsets: number[]
    complete: boolean
  }[]
  readonly expiry: { nowMs: number; expirationMs: number; left: number[] }
}

/** Our name for each refusal of Kafka's that occurs in the steps. */
const refusals: Readonly<Record<string, string>> = {
  InvalidProducerEpochException: 'FencedEpochError',
  TransactionCoordinatorFencedException: 'FencedEpochError',
  OutOfOrderSequenceException: 'SequenceError',
  InvalidTxnStateException: 'TransactionStateError',
}

type Verdict = Pick<ProducerStep, 'appended' | 'duplicate' | 'error'>

function ask(producers: ProducerTable, batch: ProducerBatch): Verdict {
  try {
    const duplicate = producers.check(batch)
    return duplicate === undefined ? { appended: true } : { duplicate }
  } catch (error) {
    return { error: error instanceof Error ? error.name : String(error) }
  }
}

/** What our classes answer to the batches of `steps`. A follower is not asked: it notes what its leader has appended. */
function replay(steps: readonly ProducerStep[], role: string) {
  const producers = new ProducerTable()
  const index = new TransactionIndex()
  const answers = steps.map(({ batch }): ProducerStep => {
    const verdict = role === 'leader' ? ask(producers, batch) : { appended: true as const }
    const aborted = verdict.appended && producers.apply(batch)
    if (aborted !== undefined) index.append(aborted)
    const firstUnstableOffset = producers.firstUnstableOffset ?? null
    return { batch, ...verdict, ...(aborted && { aborted }), firstUnstableOffset }
  })
  return { producers, index, answers }
}

describe.each(['leader', 'follower'])('the producers as a %s sees them', (role) => {
  const lines = readLines<ProducerStep | ProducerEnd>(`producers-${role}.ndjson`)
  const steps = lines.filter((line) => 'batch' in line)
  const [end] = lines.filter((line) => 'snapshot' in line)
  if (end === undefined) throw new Error('the last line is missing')

  test('every step has the same answer', () => {
    const told = steps.map((step) =>
      step.error === undefined ? step : { ...step, error: refusals[step.error] },
    )
    expect(replay(steps, role).answers).toEqual(told)
  })

  test('the steps cover what they are for', () => {
    const count = (key: keyof ProducerStep) => steps.filter((step) => step[key] !== undefined).length
    expect(count('aborted')).toBeGreaterThan(15)
    expect(count('duplicate')).toBeGreaterThan(role === 'leader' ? 30 : -1)
    const errors = new Set(steps.map((step) => step.error).filter((error) => error !== undefined))
    expect([...errors].toSorted()).toEqual(role === 'leader' ? Object.keys(refusals).toSorted() : [])
  })

  test('the snapshot and the transaction index have the same bytes', () => {
    const { producers, index } = replay(steps, role)
    const snapshot = encodeProducerSnapshot(producers.entries())
    expect(snapshot.toString('hex')).toBe(end.snapshot)
    expect(encodeProducerSnapshot(decodeProducerSnapshot(snapshot).value ?? [])).toEqual(snapshot)
    expect(index.encode().toString('hex')).toBe(end.transactionIndex)
  })

  test('a search for aborted transactions finds the same', () => {
    const { index } = replay(steps, role)
    const found = end.searches.map(({ fetchOffset, upperBoundOffset }) => {
      const { entries, complete } = index.collect(fetchOffset, upperBoundOffset)
      return {
        fetchOffset,
        upperBoundOffset,
        lastOffsets: entries.map((entry) => entry.lastOffset),
        complete,
      }
    })
    expect(found).toEqual(end.searches)
    expect(found.some((search) => search.lastOffsets.length > 1)).toBe(true)
    expect(found.some((search) => search.complete)).toBe(true)
  })

  test('the same producers expire', () => {
    const { producers } = replay(steps, role)
    const before = producers.size
    const expired = producers.expire(end.expiry.nowMs, end.expiry.expirationMs)
    const left = [...producers.entries()].map((entry) => entry.producerId)
    expect(left.toSorted((one, other) => one - other)).toEqual(end.expiry.left)
    expect(expired).toBe(before - left.length)
    expect(expired).toBeGreaterThan(3)
  })
})

interface EpochStep {
  readonly step: 'new' | 'assign' | 'truncateFromEnd' | 'truncateFromStart'
  readonly epoch: number
  readonly offset: number
  readonly text: string
  readonly asked: { epoch: number; logEndOffset: number; offset: number }
  readonly end: { epoch: number; endOffset: number }
  readonly epochFor: number
}

test('the leader epochs change, answer and are written as in Kafka', () => {
  let epochs = new LeaderEpochs()
  let text = ''
  for (const [number, step] of readLines<EpochStep>('leader-epochs.ndjson').entries()) {
    if (step.step === 'new') [epochs, text] = [new LeaderEpochs(), '']
    // Kafka writes the file only when something changes, so the answer "changed" is tested by the file too.
    const changed =
      step.step === 'assign'
        ? epochs.assign(step.epoch, step.offset)
        : step.step !== 'new' && epochs[step.step](step.offset)
    if (changed) text = epochs.encode()
    expect({ number, text }).toEqual({ number, text: step.text })
    expect(epochs.endOffsetFor(step.asked.epoch, step.asked.logEndOffset)).toEqual(step.end)
    expect(epochs.epochFor(step.asked.offset)).toBe(step.epochFor)
    expect(LeaderEpochs.decode(text).value?.encode()).toBe(epochs.encode())
  }
})
