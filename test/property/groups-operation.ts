import * as fc from 'fast-check'

/** Members of each simulated group. */
export const memberCount = 4

/** What happens to a group, as plain data, so that it can be printed, repeated and made smaller. */
export type GroupOperation =
  | { readonly kind: 'commit' | 'leave' | 'pause' | 'resume' | 'die' | 'start'; readonly member: number }
  | { readonly kind: 'time'; readonly steps: number }
  | { readonly kind: 'nap'; readonly member: number; readonly other: number; readonly steps: number }
  | { readonly kind: 'restart'; readonly isStored: boolean }
  | { readonly kind: 'hold' | 'release' | 'fail' | 'work' }

/** The life of a group. */
export interface GroupPlan {
  /** So many of the members are static (KIP-345). */
  readonly staticCount: number
  readonly initialDelayMs: number
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly operations: readonly GroupOperation[]
}

const member = fc.nat(memberCount - 1)

const operation: fc.Arbitrary<GroupOperation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('time' as const), steps: fc.integer({ min: 1, max: 8 }) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('commit' as const), member }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('nap' as const),
      member,
      other: member,
      steps: fc.integer({ min: 4, max: 15 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(...(['leave', 'pause', 'resume', 'die', 'start'] as const)),
      member,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), isStored: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom(...(['hold', 'release', 'fail', 'work'] as const)) }),
  },
)

/** Any life. */
export const groupPlans: fc.Arbitrary<GroupPlan> = fc.record({
  staticCount: fc.nat(memberCount),
  initialDelayMs: fc.constantFrom(0, 3000),
  sessionTimeoutMs: fc.constantFrom(10_000, 40_000),
  rebalanceTimeoutMs: fc.constantFrom(6000, 20_000),
  operations: fc.array(operation, { minLength: 5, maxLength: 60, size: 'max' }),
})

/** The life that a seed stands for, always the same. */
export function groupPlanOf(seed: number): GroupPlan {
  const [plan] = fc.sample(groupPlans, { seed, numRuns: 1 })
  if (plan === undefined) throw new TypeError('one plan was asked for')
  return plan
}
