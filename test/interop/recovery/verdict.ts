import { isDeepStrictEqual } from 'node:util'
import { findFlaw, type Flaw, rightBatches, type Truth } from './flaw.ts'
import { isRefused, type LoadAnswer, type Served } from './load-answer.ts'

/** What two loaders made of the same damaged directory. */
export interface Comparison {
  readonly kafka: LoadAnswer
  readonly ours: LoadAnswer
  readonly truth: Truth
  /** The undamaged log, if it ended where the answer says it does. */
  readonly referenceFor: (answer: LoadAnswer) => Served | undefined
}

/** What Kafka does wrong, and what ours does instead. */
export interface DeliberateDifference {
  readonly kafka: Flaw
  readonly ours: OursInstead
}

export type OursInstead =
  /** The log does not open; the error says which file is damaged and how to repair it. */
  | 'refuses to open'
  /** Everything before the damage is served right, and reading the damage is an error. */
  | 'refuses to read it'
  /** Cut at the last whole batch, because the rest is gone; the report says how much of it had been durable. */
  | 'reports the loss'
  /** Cut where Kafka cuts, for nothing of it had been promised; but a copy of what was cut is kept, and reported. */
  | 'keeps a copy'
  /** As if there had been no damage, or it had only been a torn write. */
  | 'is right'

export type Verdict =
  | 'same'
  | 'both refuse'
  | DeliberateDifference
  /** The same is wrong with both, which neither can notice. */
  | { readonly both: Flaw }
  /** Ours is stricter than it need be. */
  | { readonly tooStrict: TooStrict }
  | { readonly mistake: string }

export type TooStrict =
  /** What is damaged lies before the start of the log, where nobody reads. */
  | 'refuses a log for what was trimmed'
  /** The leader epochs, or an index that can no longer be rebuilt, keep good batches from being read. */
  | 'refuses to read whole batches beside damaged files'

/** Decides whether ours may answer otherwise than Kafka: only where Kafka's answer is wrong and ours is not. */
export function judge(comparison: Comparison): Verdict {
  const { kafka, ours, truth, referenceFor } = comparison
  if (isRefused(ours) && isRefused(kafka)) return 'both refuse'
  const flaw = findFlaw(kafka, truth, referenceFor(kafka))
  const tooStrict = findTooStrict(comparison, flaw)
  if (tooStrict !== undefined) return { tooStrict }
  const mistake = findMistake(comparison)
  if (mistake !== undefined)
    return flaw !== undefined && isUnnoticed(mistake) ? { both: mistake } : { mistake: `ours ${mistake}` }
  if (flaw !== undefined) return { kafka: flaw, ours: insteadOf(ours, truth) }
  return isDeepStrictEqual(kafka, withoutReport(ours))
    ? 'same'
    : { mistake: 'ours is not what Kafka rightly has' }
}

/**
 * What ours may have in common with Kafka: without the record that a clean stop of ours leaves, nothing says that an
 * index whose entries are all in order once had more, that the first segments have gone for another reason than that
 * retention took them, or, before it is read, what is in a batch before the recovery point.
 */
function isUnnoticed(mistake: string): mistake is Flaw {
  return ['forgets aborted transactions', 'finds other records by timestamp', 'begins later'].includes(
    mistake,
  )
}

function findTooStrict({ kafka, ours, truth }: Comparison, flaw: Flaw | undefined): TooStrict | undefined {
  if (isRefused(ours))
    return flaw === undefined && truth.whole.startOffset > 0
      ? 'refuses a log for what was trimmed'
      : undefined
  const isRefusedReading = ours.readFault !== undefined && flaw !== undefined
  return isRefusedReading && rightBatches(kafka, truth) > rightBatches(ours, truth)
    ? 'refuses to read whole batches beside damaged files'
    : undefined
}

/**
 * An epoch that was begun stays begun: after a crash ours keeps the latest, from the end of the log on, though none of
 * its batches is left. Kafka forgets it.
 */
export function withoutEmptyEpoch(ours: LoadAnswer, whole: Served): LoadAnswer {
  if (isRefused(ours)) return ours
  const [latestOfWhole] = whole.epochs.at(-1)?.split('@') ?? []
  const isEmpty = ours.epochs.at(-1) === `${latestOfWhole}@${ours.endOffset}`
  return isEmpty && ours.endOffset < whole.endOffset ? { ...ours, epochs: ours.epochs.slice(0, -1) } : ours
}

/** What can be compared with Kafka's answer. */
function withoutReport(ours: LoadAnswer): LoadAnswer {
  if (isRefused(ours)) return ours
  const { lost: _, keptCopies: __, ...served } = ours
  return served
}

/** What is wrong with our answer, whatever Kafka's may be. */
function findMistake({
  kafka,
  ours,
  truth,
  referenceFor,
}: Comparison): Flaw | 'serves less than Kafka' | undefined {
  if (isRefused(ours)) return undefined
  if (rightBatches(kafka, truth) > rightBatches(ours, truth)) return 'serves less than Kafka'
  const { readFault: _, ...served } = ours
  return findFlaw(served, truth, wholeOr(referenceFor(ours), ours))
}

/** Where reading stops at damage, everything that is known beside the batches must be right all the same. */
function wholeOr(reference: Served | undefined, ours: Served): Served | undefined {
  if (reference === undefined || ours.readFault === undefined) return reference
  return { ...reference, batches: ours.batches, lookups: ours.lookups }
}

function insteadOf(ours: LoadAnswer, { intactEndOffset }: Truth): OursInstead {
  if (isRefused(ours)) return 'refuses to open'
  if (ours.readFault !== undefined) return 'refuses to read it'
  if (ours.lost !== undefined) return 'reports the loss'
  return ours.keptCopies && ours.endOffset < intactEndOffset ? 'keeps a copy' : 'is right'
}
