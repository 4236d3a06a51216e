import type { Sample, Unit } from './rounds.ts'

/** Seconds that `work` takes. */
export async function secondsOf(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** A sample of `amount` per second; `MB/s` takes the amount in bytes. */
export function rate(figure: string, unit: Unit, amount: number, seconds: number): Sample {
  return { figure, unit, value: amount / (unit === 'MB/s' ? 1e6 : 1) / seconds }
}
