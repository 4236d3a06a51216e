import { createHash, randomBytes } from 'node:crypto'
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { LockedError } from '../base/errors.ts'
import type { Lock } from './env.ts'
import { kernelLockOwner } from './kernel-locks.ts'
import { formatLockOwner, parseLockOwner, type LockOwner } from './lock-owner.ts'
import { currentProcess, fateOf, seeProcess } from './process-identity.ts'
import { entryCall, pauseThread } from './system-call.ts'
import { systemErrorCode } from './system-error.ts'

/** Each further attempt means that the lock changed hands while we looked, so a few are plenty. */
const attemptCountMax = 20

/** How long a file that is no lock may still become one: see {@link createExclusively}. */
const settlePauseMs = 20
const settlePauseCount = 5

/**
 * Takes the lock file at `path` for this process, or throws `LockedError` naming the live owner.
 *
 * The file is always whole: it is written under another name and linked into place. So what is not a valid lock
 * (empty, torn by a power cut, another program's) is held by nobody and is taken over, as is the lock of a
 * process that is gone, unless the kernel says that some process has locked that very file.
 */
export function lockProcess(path: string): Lock {
  const owner: LockOwner = { ...currentProcess(), token: randomBytes(16).toString('hex') }
  const text = formatLockOwner(owner)
  for (let attempt = 0; attempt < attemptCountMax; attempt++) {
    if (publish(path, text, owner.token)) return new ProcessLock(path, text)
    const found = readSettled(path)
    if (found === undefined) continue // released since
    refuseLiving(path, found, owner)
    if (replaceStale(path, found, text, owner.token)) return new ProcessLock(path, text)
  }
  throw new LockedError(path, parseLockOwner(readText(path) ?? '')?.pid ?? 0, 'the lock keeps changing hands')
}

class ProcessLock implements Lock {
  readonly #path: string
  readonly #text: string

  constructor(path: string, text: string) {
    this.#path = path
    this.#text = text
  }

  /** Removes the lock file, if it is still ours. */
  releaseSync(): void {
    if (readText(this.#path) === this.#text) removeIfThere(this.#path)
  }
}

/**
 * Creates the lock file if there is none. What the path holds afterwards decides, not the answer of the call:
 * a network file system may report a failure for a link that it did make.
 */
function publish(path: string, text: string, token: string): boolean {
  const whole = `${path}.${token}.new`
  writeFileSync(whole, text)
  try {
    linkSync(whole, path)
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') createExclusively(path, text)
  } finally {
    removeIfThere(whole)
  }
  return readText(path) === text
}

/** For file systems without hard links (exFAT, some shares): there the file is torn for a moment. */
function createExclusively(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error
  }
}

/** The text of the lock file, giving one that may still be in the making time to become whole. */
function readSettled(path: string): string | undefined {
  let text = readText(path)
  for (let pauses = 0; pauses < settlePauseCount; pauses++) {
    if (text === undefined || parseLockOwner(text)) break
    pauseThread(settlePauseMs)
    text = readText(path)
  }
  return text
}

/** Throws `LockedError` unless the process that wrote `text` is certainly gone. */
function refuseLiving(path: string, text: string, self: LockOwner): void {
  const owner = parseLockOwner(text)
  const fate = owner ? fateOf(owner, self, seeProcess(owner.pid, self)) : 'gone'
  if (owner && fate !== 'gone') throw new LockedError(path, owner.pid, describeOwner(owner, fate, self))
  const locker = kernelLockOwner(path)
  if (locker !== undefined) throw new LockedError(path, locker, 'which locked the file, as Apache Kafka does')
}

function describeOwner(owner: LockOwner, fate: 'live' | 'out of sight', self: LockOwner): string {
  if (fate === 'live') return owner.pid === self.pid ? 'this process itself' : 'which is running'
  return `on host ${owner.host}, which cannot be asked from here. If it no longer runs, delete that file`
}

/**
 * Puts our lock in the place of a stale one. Only the holder of a second lock, named after the stale text, may
 * replace that text, and does so by a rename. So the path always holds a lock, no two processes replace the same
 * one, and a process that comes late finds another text and starts over. If a crash leaves the second lock
 * behind, it is itself a stale lock and is taken over in the same way.
 */
function replaceStale(path: string, staleText: string, text: string, token: string): boolean {
  const claim = claimStale(path, staleText)
  try {
    if (readText(path) !== staleText) return false
    const whole = `${path}.${token}.new`
    writeFileSync(whole, text)
    entryCall(() => renameSync(whole, path))
    return readText(path) === text
  } finally {
    claim.releaseSync()
  }
}

/** The path of the lock that gives the right to replace `staleText` in the lock file at `path`. */
export function claimPathOf(path: string, staleText: string): string {
  return `${path}.${createHash('sha256').update(staleText).digest('hex').slice(0, 8)}`
}

function claimStale(path: string, staleText: string): Lock {
  try {
    return lockProcess(claimPathOf(path, staleText))
  } catch (error) {
    if (!(error instanceof LockedError)) throw error
    throw new LockedError(path, error.ownerPid, 'which is taking it over from a process that is gone')
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function removeIfThere(path: string): void {
  try {
    entryCall(() => unlinkSync(path))
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error
  }
}
