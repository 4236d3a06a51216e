import { systemErrorCode, withErrorName } from './system-error.ts'

/** How often a call that a signal interrupts is repeated. A limit, so that a storm of signals cannot hang us. */
const interruptedRetryCount = 100

/** Pauses between tries when another program holds a file, in milliseconds: about a second in all. */
const busyPausesMs = [5, 10, 20, 40, 80, 160, 320, 320]

/** What Windows answers while a virus scanner, an indexer or another handle has the file open. */
const busyCodes = new Set(['EPERM', 'EACCES', 'EBUSY'])

/** Runs a system call, again when a signal interrupts it (libuv repeats writes by itself, but not reads). */
export function systemCall<T>(call: () => T): T {
  for (let retriesLeft = interruptedRetryCount; ; retriesLeft--) {
    try {
      return call()
    } catch (error) {
      if (retriesLeft === 0 || systemErrorCode(error) !== 'EINTR') throw withErrorName(error)
    }
  }
}

/** How Node's callback functions answer. */
type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void

/** {@link systemCall} for a call that runs in the thread pool. */
export function pooledCall<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let retriesLeft = interruptedRetryCount
    const attempt = () =>
      start((error, value) => {
        if (!error) resolve(value)
        else if (error.code === 'EINTR' && retriesLeft-- > 0) attempt()
        else reject(withErrorName(error))
      })
    attempt()
  })
}

/**
 * {@link systemCall} for a rename or a remove, which Windows refuses while any other program has the file open.
 * Waits for that program, at most about a second: the thread sleeps, because the caller is synchronous.
 */
export function patientCall<T>(call: () => T, pause: (delayMs: number) => void = pauseThread): T {
  for (const pauseMs of busyPausesMs) {
    try {
      return systemCall(call)
    } catch (error) {
      if (!busyCodes.has(systemErrorCode(error) ?? '')) throw error
      pause(pauseMs)
    }
  }
  return systemCall(call)
}

/** Renames and removes. Only Windows minds open files; elsewhere a refusal is final. */
export const entryCall: <T>(call: () => T) => T =
  process.platform === 'win32' ? (call) => patientCall(call) : systemCall

const neverWoken = new Int32Array(new SharedArrayBuffer(4))

/** Puts this thread to sleep. Only for the rare wait inside a synchronous call. */
export function pauseThread(delayMs: number): void {
  Atomics.wait(neverWoken, 0, 0, delayMs)
}
