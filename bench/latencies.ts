import { EventLoopDelay } from './event-loop-delay.ts'
import type { Sample } from './rounds.ts'
import { percentile, sort } from './statistics.ts'

/** Makes calls for a while, and returns how long each took in milliseconds. */
export type Load = (call: () => Promise<unknown>) => Promise<number[]>

/** Calls `call` as `load` says. Samples, all under `name`: calls per second, their latency, and the event loop's delay. */
export async function measureLatency(
  name: string,
  load: Load,
  call: () => Promise<unknown>,
): Promise<Sample[]> {
  const delay = new EventLoopDelay()
  const start = performance.now()
  const latenciesMs = sort(await load(call))
  const elapsedMs = performance.now() - start
  const loopDelay = delay.stop()
  const inMs = (what: string, value: number): Sample => ({ figure: `${name}: ${what}`, unit: 'ms', value })
  return [
    { figure: `${name}: rate`, unit: 'appends/s', value: (latenciesMs.length * 1000) / elapsedMs },
    inMs('latency p50', percentile(latenciesMs, 50)),
    inMs('latency p99', percentile(latenciesMs, 99)),
    inMs('latency p99.9', percentile(latenciesMs, 99.9)),
    inMs('latency max', percentile(latenciesMs, 100)),
    inMs('event-loop delay p50', loopDelay.p50),
    inMs('event-loop delay p99', loopDelay.p99),
    inMs('event-loop delay max', loopDelay.max),
  ]
}
