import type { Clock } from './env.ts'

/** Node's timers hold 32 bits; a longer delay would fire at once. About 24.8 days. */
const longestTimerMs = 2 ** 31 - 1

/** The computer's clocks, and the event loop's timers. */
export function nodeClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep,
    nextTurn: (action) => void setImmediate(action),
  }
}

/** Waits in an unref'd timer: a process with nothing else to do exits, and the promise then never settles. */
async function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  let leftMs = delayMs
  for (; leftMs > longestTimerMs; leftMs -= longestTimerMs) await sleepOnce(longestTimerMs, signal)
  await sleepOnce(leftMs, signal)
}

function sleepOnce(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, delayMs)
    timer.unref()
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
