import { isDeepStrictEqual } from 'node:util'
import { isRefused, type LoadAnswer, type Served } from './load-answer.ts'

/** What an answer is held against. */
export interface Truth {
  /** Of the undamaged directory. */
  readonly whole: Served
  /** Everything before was synced, and so promised. */
  readonly durableOffset: number
  /** The end of the last batch that the damage has spared. */
  readonly intactEndOffset: number
}

/** What can be wrong with what is served after damage, the worst first. */
export const flaws = [
  'does not start',
  'serves damaged batches',
  'has a hole',
  'cannot read on',
  'cuts off what was durable',
  'cuts off whole batches behind the damage',
  'ends inside a batch',
  'leaves garbage behind the last batch',
  'forgets aborted transactions',
  'has other producers',
  'has other leader epochs',
  'finds other records by timestamp',
  'begins later',
  'is stable elsewhere',
] as const

export type Flaw = (typeof flaws)[number]

/**
 * The worst that is wrong with an answer; undefined when it is what the undamaged log would be if it ended there.
 *
 * @param reference that log, as Kafka itself loads it from undamaged bytes; undefined when no batch ends there
 */
export function findFlaw(answer: LoadAnswer, truth: Truth, reference: Served | undefined): Flaw | undefined {
  if (isRefused(answer)) return 'does not start'
  return flawOfBatches(answer, truth) ?? (reference ? flawOfState(answer, reference) : 'ends inside a batch')
}

function flawOfBatches(served: Served, { whole, durableOffset, intactEndOffset }: Truth): Flaw | undefined {
  const right = new Set(whole.batches)
  if (served.batches.some((batch) => !right.has(batch))) return 'serves damaged batches'
  const first = whole.batches.indexOf(served.batches[0] ?? '')
  const due = whole.batches.slice(first, first + served.batches.length)
  if (first >= 0 && !isDeepStrictEqual(due, served.batches)) return 'has a hole'
  if (served.readFault !== undefined) return 'cannot read on'
  if (served.endOffset < durableOffset && served.lost === undefined) return 'cuts off what was durable'
  const isKept = served.endOffset >= intactEndOffset || served.keptCopies === true
  return isKept ? undefined : 'cuts off whole batches behind the damage'
}

function flawOfState(served: Served, reference: Served): Flaw | undefined {
  const differs = (...fields: readonly (keyof Served)[]) =>
    fields.some((field) => !isDeepStrictEqual(served[field], reference[field]))
  if (differs('garbageBytes')) return 'leaves garbage behind the last batch'
  if (differs('startOffset')) return 'begins later'
  if (differs('aborted')) return 'forgets aborted transactions'
  if (differs('producers')) return 'has other producers'
  if (differs('epochs')) return 'has other leader epochs'
  if (differs('lookups')) return 'finds other records by timestamp'
  return differs('endOffset', 'stableOffset', 'batches') ? 'is stable elsewhere' : undefined
}

/** How many batches are served right before anything is wrong. */
export function rightBatches(answer: LoadAnswer, { whole }: Truth): number {
  if (isRefused(answer)) return 0
  const first = whole.batches.indexOf(answer.batches[0] ?? '')
  if (first < 0) return 0
  const wrong = answer.batches.findIndex((batch, index) => batch !== whole.batches[first + index])
  return wrong < 0 ? answer.batches.length : wrong
}
