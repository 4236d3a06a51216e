import { type Spread, spreadOf } from './statistics.ts'

/** One thing that a contestant measured, once. */
export interface Sample {
  /** Unique within a suite. */
  readonly figure: string
  readonly unit: Unit
  readonly value: number
}

/** A rate says more with more, a time or a size with less. `MB` are 10^6 bytes; `MB/million` counts records. */
export type Unit =
  | 'records/s'
  | 'appends/s'
  | 'ops/s'
  | 'MB/s'
  | 'us'
  | 'ms'
  | 's/GB'
  | 'bytes'
  | 'MB'
  | 'MB/million'

/** What takes part in a suite: ours, a peer, or the bare system calls. */
export interface Contestant {
  readonly name: string
  /** Measures once. Sets up and clears away what it needs, outside of what it times. */
  measure(): Promise<readonly Sample[]> | readonly Sample[]
}

/** A figure over all rounds, in the order of the rounds. */
export interface Figure extends Spread {
  readonly name: string
  readonly unit: Unit
  readonly rounds: readonly number[]
}

/**
 * Lets the contestants measure in turn, round by round (A B C, A B C, ...): when the machine's speed drifts it drifts
 * for all of them, and the ratio within a round holds. A first round warms up and is not counted.
 *
 * @param firstRound 1 when there is to be no such round
 */
export async function runRounds(
  contestants: readonly Contestant[],
  roundCount: number,
  onMeasured: (contestant: Contestant, round: number) => void = () => {},
  firstRound: 0 | 1 = 0,
): Promise<Figure[]> {
  const samples = new Map<string, Sample[]>()
  for (let round: number = firstRound; round <= roundCount; round++)
    for (const contestant of contestants) {
      const measured = await contestant.measure()
      if (round > 0) for (const sample of measured) collect(samples, sample)
      onMeasured(contestant, round)
    }
  return [...samples.values()].map(figureOf)
}

function collect(samples: Map<string, Sample[]>, sample: Sample): void {
  const list = samples.get(sample.figure)
  if (list === undefined) samples.set(sample.figure, [sample])
  else list.push(sample)
}

function figureOf(samples: readonly Sample[]): Figure {
  const { figure: name, unit } = samples[0] as Sample
  const rounds = samples.map(({ value }) => value)
  return { name, unit, ...spreadOf(rounds), rounds }
}

/** How many times `figure` is `against`, of each round and so unmoved by what slows both. */
export function ratioOf(figure: Figure, against: Figure): Spread {
  return spreadOf(figure.rounds.map((value, round) => value / (against.rounds[round] as number)))
}
