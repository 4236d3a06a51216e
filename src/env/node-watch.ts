import * as fs from 'node:fs'
import type { Watch } from './env.ts'
import { systemErrorCode } from './system-error.ts'

/** How often a change is assumed where the system cannot tell. */
const blindIntervalMs = 250

/**
 * Watches a directory with the system's own notices. Where there are none to be had (no watches left, a file
 * system without them) or where they fail later, assumes a change four times a second instead. Throws only when
 * the directory does not exist. Does not keep the process alive.
 */
export function watchDirectory(directory: string, onChange: () => void): Watch {
  let stop: () => void
  try {
    const watcher = fs.watch(directory, { persistent: false }, onChange)
    stop = () => watcher.close()
    watcher.once('error', () => {
      watcher.close()
      stop = assumeChanges(onChange)
    })
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') throw error
    stop = assumeChanges(onChange)
  }
  return { close: () => stop() }
}

function assumeChanges(onChange: () => void): () => void {
  const timer = setInterval(onChange, blindIntervalMs)
  timer.unref()
  return () => clearInterval(timer)
}
