import type { Timers } from '../../env/timers.ts'

/** Settles as `promise` does, or resolves when the time is up. What is under way goes on. */
export async function atMost(promise: Promise<void>, durationMs: number, timers: Timers): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = timers.after(durationMs, resolve)
    promise.then(resolve, reject).finally(() => timer.cancel())
  })
}
