import type { Peers } from './peers.ts'
import type { Contestant } from './rounds.ts'
import type { Workspace } from './workspace.ts'

/** What a suite runs with. */
export interface SuiteContext {
  readonly workspace: Workspace
  readonly peers: Peers
  /** Amounts are multiplied with it: 1 for a full run, less for a quick one. */
  readonly scale: number
  readonly load: OfferedLoad
}

/** What appends are offered to measure their latency: so many a second, or so many at a time. */
export interface OfferedLoad {
  readonly rate: number
  readonly concurrency: number
}

/** What a figure should be, alone or as a multiple of another one of the same suite. */
export interface Claim {
  readonly figure: string
  /** The figure to be divided by; the bound is then a ratio. */
  readonly against?: string
  readonly sense: 'at least' | 'at most'
  readonly bound: number
}

/** A suite made ready. */
export interface PreparedSuite {
  readonly contestants: readonly Contestant[]
  readonly claims: readonly Claim[]
  /** Whether each measurement is long enough to be its own warm-up: then there is one round. Default: false. */
  readonly isLong?: boolean
  /** Called when everything is measured: ends what the contestants have shared. */
  readonly end?: () => Promise<unknown>
  /** Further ratios worth showing: a figure, and what to divide it by. */
  readonly ratios?: readonly (readonly [figure: string, against: string])[]
}

/** Some contestants that do the same work, by turns. */
export interface Suite {
  readonly name: string
  /** What is measured and how, in a sentence or two: stands above the suite's table. */
  readonly about: string
  /** Packages that take part and not in other suites: their versions stand below the table. */
  readonly packages?: readonly string[]
  prepare(context: SuiteContext): Promise<PreparedSuite> | PreparedSuite
}
