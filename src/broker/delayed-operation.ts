import type { Timers } from '../env/timers.ts'

/** Something that wakes those who wait for a change of it, such as a partition. */
export interface Watchable {
  /** Calls `watcher` after each change until the returned function is called. */
  watch(watcher: () => void): () => void
}

/**
 * Waits until `isDone` says so, which is asked at once and again after each change of one of `watched`, or until
 * `timeoutMs` have passed, or `signal` is aborted. Nothing polls. Resolves with whether it was done.
 *
 * Kafka's purgatory: produce requests that wait for replicas, fetches that wait for records.
 */
export function delayOperation(given: {
  readonly timers: Timers
  readonly watched: Iterable<Watchable>
  readonly timeoutMs: number
  readonly isDone: () => boolean
  readonly signal?: AbortSignal | undefined
}): Promise<boolean> {
  const { timers, watched, timeoutMs, isDone, signal } = given
  if (isDone()) return Promise.resolve(true)
  if (timeoutMs <= 0 || signal?.aborted === true) return Promise.resolve(false)
  return new Promise((resolve, reject) => {
    const unwatch: (() => void)[] = []
    const end = (): void => {
      timer.cancel()
      signal?.removeEventListener('abort', expire)
      for (const stop of unwatch) stop()
    }
    const expire = (): void => {
      end()
      resolve(false)
    }
    const look = (): void => {
      try {
        if (!isDone()) return
        end()
        resolve(true)
      } catch (error) {
        end()
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    const timer = timers.after(timeoutMs, expire)
    signal?.addEventListener('abort', expire)
    for (const each of watched) unwatch.push(each.watch(look))
  })
}
