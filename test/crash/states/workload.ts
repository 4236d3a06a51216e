import type { Durability } from '../../../src/log/log-options.ts'
import type { SeededRandom } from '../../../src/testing/seeded-random.ts'

/** What a workload can do to a log. What needs an open log opens it first. `tear` is a power cut in the middle of writing. */
export const steps = [
  'append',
  'append several',
  'append compressed',
  'append idempotent',
  'append transactional',
  'abort',
  'roll',
  'flush',
  'truncate',
  'truncate far',
  'trim',
  'trim far',
  'retain',
  'epoch',
  'close',
  'open',
  'kill',
  'cut',
  'tear',
  'delete',
] as const

export type Step = (typeof steps)[number]

/** What is there when a workload begins: nothing at all, or a log of several segments that was closed. */
export type Origin = 'nothing' | 'grown'

/** A few steps, each cut short in all ways by a power cut. */
export interface Workload {
  readonly durability: Durability
  readonly origin: Origin
  readonly steps: readonly Step[]
}

/**
 * Every sequence of so many steps, under every durability. From nothing only up to two, for creating the log is one.
 * A crash in all but the last step of a workload is that of a shorter one.
 */
export function* workloadsOf(length: number): Generator<Workload> {
  for (const durability of ['sync', 'os', 'interval'] as const)
    for (const sequence of sequences(length)) {
      if (length <= 2) yield { durability, origin: 'nothing', steps: sequence }
      yield { durability, origin: 'grown', steps: sequence }
    }
}

/** All of up to three steps, short ones first; the long ones in an order of their own, for there may be no time for all. */
export function* allWorkloads(random: SeededRandom): Generator<Workload> {
  yield* workloadsOf(1)
  yield* workloadsOf(2)
  const long = [...workloadsOf(3)]
  while (long.length > 0) {
    const index = random.int(long.length)
    yield long[index] as Workload
    long[index] = long.at(-1) as Workload
    long.pop()
  }
}

/** `sync grown: append, kill, open`. */
export function formatWorkload({ durability, origin, steps: sequence }: Workload): string {
  return `${durability} ${origin}: ${sequence.join(', ')}`
}

/** The reverse of {@link formatWorkload}. */
export function parseWorkload(text: string): Workload {
  const [, durability, origin, sequence = ''] = /^(\w+) (\w+): (.*)$/.exec(text) ?? []
  const known = sequence.split(', ').filter((step): step is Step => steps.some((each) => each === step))
  if (known.length !== sequence.split(', ').length) throw new RangeError(`'${text}' is no workload`)
  return { durability: durability as Durability, origin: origin as Origin, steps: known }
}

function* sequences(length: number): Generator<readonly Step[]> {
  if (length === 0) return yield []
  for (const before of sequences(length - 1))
    for (const step of steps) if (isOfUse(step, before.at(-1))) yield [...before, step]
}

/** What is down, as every log is at first, is not ended once more; and only what is down is worth opening. */
function isOfUse(step: Step, before: Step | undefined): boolean {
  const isDown = before === undefined || endsLog(before)
  if (step === 'delete') return before === undefined || !isDown
  return step === 'open' ? isDown : !(isDown && endsLog(step))
}

/** After it the log is not open, and the next step opens it first. */
export function endsLog(step: Step): boolean {
  return ['close', 'kill', 'cut', 'tear', 'delete'].includes(step)
}
