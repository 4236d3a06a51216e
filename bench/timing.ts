import Benchmark from 'benchmark'
import type { Contestant, Unit } from './rounds.ts'

/** Seconds that Benchmark.js gives one function in one round, and one sample of it: short, for there are more rounds. */
const limits = { maxTime: 0.1, minTime: 0.02, minSamples: 3 }

/** How often per second `work` runs, by Benchmark.js. The rounds around it are ours: it has no notion of taking turns. */
function runsPerSecond(work: () => unknown): number {
  const benchmark = new Benchmark(work, limits)
  benchmark.run()
  // Benchmark.js catches what its function throws, and would report a rate of 0.
  const { error } = benchmark as { error?: unknown }
  if (error !== undefined) throw error
  return benchmark.hz
}

/** A contestant whose `work` handles `amount` of the unit each time: bytes for `MB/s`. */
export function timed(name: string, unit: Unit, amount: number, work: () => unknown): Contestant {
  const scale = unit === 'MB/s' ? amount / 1e6 : amount
  return { name, measure: () => [{ figure: name, unit, value: runsPerSecond(work) * scale }] }
}
