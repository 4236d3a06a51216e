/**
 * Closed loop: `concurrency` callers each wait for their call before they make the next, for `seconds`. Returns how
 * long each call took, in milliseconds.
 */
export async function closedLoop(
  concurrency: number,
  seconds: number,
  call: () => Promise<unknown>,
): Promise<number[]> {
  const latenciesMs: number[] = []
  const end = performance.now() + seconds * 1000
  const caller = async () => {
    for (let start = performance.now(); start < end; ) {
      await call()
      const now = performance.now()
      latenciesMs.push(now - start)
      start = now
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
  return latenciesMs
}

/**
 * Open loop: `rate` calls a second, due at even intervals whether or not the earlier ones have returned, for
 * `seconds`. A call's latency counts from when it was due, so that a stall shows in all the calls that it held up, and
 * not only in one.
 */
export async function openLoop(
  rate: number,
  seconds: number,
  call: () => Promise<unknown>,
): Promise<number[]> {
  const latenciesMs: number[] = []
  const calls: Promise<void>[] = []
  const total = Math.floor(rate * seconds)
  const start = performance.now()
  const make = async (dueMs: number) => {
    await call()
    latenciesMs.push(performance.now() - dueMs)
  }
  while (calls.length < total) {
    for (let dueMs = start; calls.length < total; ) {
      dueMs = start + (calls.length * 1000) / rate
      if (dueMs > performance.now()) break
      calls.push(make(dueMs))
    }
    await nextTurn()
  }
  await Promise.all(calls)
  return latenciesMs
}

/** A timer is a millisecond too coarse for thousands of calls a second, so the loop turns. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
