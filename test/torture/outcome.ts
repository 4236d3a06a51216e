import type { Finding } from './finding.ts'

/** What one trial did and found. */
export interface Outcome {
  readonly findings: readonly Finding[]
  readonly kills: number
  /** Power cuts by the flag of the shutdown. */
  readonly cuts: Readonly<Record<ShutdownFlag, number>>
  /** Records whose acknowledgement was heard. */
  readonly acknowledged: number
  /** Some of them were not promised to survive, and the cut was of the hardest kind. */
  readonly exposed: boolean
  /** Acknowledged records that went, and were allowed to. */
  readonly shed: number
  /** Age of the oldest of those, in milliseconds. */
  readonly shedAgeMs: number
  /** Times that the disk was full. */
  readonly fills: number
  /** The longest that writing took to go on after there was room again, in milliseconds. */
  readonly resumeMs: number
}

/** How the file system stops: 0 writes everything before, 1 its journal, 2 nothing. */
export type ShutdownFlag = 0 | 1 | 2

/** Nothing done and nothing found. */
export const nothingHappened: Outcome = {
  ...{ findings: [], kills: 0, cuts: { 0: 0, 1: 0, 2: 0 }, acknowledged: 0, exposed: false },
  ...{ shed: 0, shedAgeMs: 0, fills: 0, resumeMs: 0 },
}
