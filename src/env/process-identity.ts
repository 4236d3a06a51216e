import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, uptime } from 'node:os'

/** What tells one process from every other, also from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started: clock ticks since boot where `bootId` is known, else milliseconds since 1970. */
  readonly startTime: number
  /** Linux's random name of this run of the kernel; empty elsewhere. */
  readonly bootId: string
  /** Linux's name of the set of processes that `pid` counts in (a container has its own); empty elsewhere. */
  readonly pidNamespace: string
  readonly host: string
}

/** What can be seen of the process that has some pid now: when it may have started, in the units of `startTime`. */
export interface SeenProcess {
  readonly startedFrom: number
  readonly startedTo: number
}

/**
 * Whether the process that wrote `owner` still runs, where `seen` is what now has its pid, if anything has.
 * `'out of sight'` means that it cannot be known from here: it may run on another machine of a shared folder.
 *
 * A host that is the same with another boot was restarted, and one with another pid namespace is a container that
 * was: what ran there before is gone. Two live containers that share both a volume and the host's name look the
 * same and are not told apart.
 */
export function fateOf(
  owner: ProcessIdentity,
  self: ProcessIdentity,
  seen: SeenProcess | undefined,
): 'live' | 'gone' | 'out of sight' {
  const sameBoot = owner.bootId === self.bootId
  const sameNamespace = sameBoot && owner.pidNamespace === self.pidNamespace
  // With a boot id the pid can be trusted even if the host was renamed since.
  const comparable = sameNamespace && (owner.bootId !== '' || owner.host === self.host)
  if (comparable) return seen && isWithin(owner.startTime, seen) ? 'live' : 'gone'
  if (owner.host !== self.host) return 'out of sight'
  return owner.bootId === '' || self.bootId === '' ? 'out of sight' : 'gone'
}

function isWithin(startTime: number, seen: SeenProcess): boolean {
  return seen.startedFrom <= startTime && startTime <= seen.startedTo
}

/** Clocks that are read apart, or adjusted in between, differ by less than this. */
const clockMarginMs = 2_000
const bootMarginMs = 60_000

/** The identity of this process. Threads of one process have the same. */
export function currentProcess(): ProcessIdentity {
  const bootId = readOr('', () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim())
  const stat = bootId === '' ? undefined : readProcessStat('self')
  const pidNamespace = stat ? readOr('', () => readlinkSync('/proc/self/ns/pid')) : ''
  const startTime = stat?.startTime ?? Math.round(Date.now() - process.uptime() * 1000)
  return { pid: process.pid, startTime, bootId: stat ? bootId : '', pidNamespace, host: hostname() }
}

/** Looks at the process that now has `pid`; `undefined` when there is none, or only its unreaped remains. */
export function seeProcess(pid: number, self: ProcessIdentity): SeenProcess | undefined {
  if (!hasProcess(pid)) return undefined
  if (self.bootId !== '') return seeOnLinux(pid)
  // Other systems tell the start of other processes only through helper programs. What is certain without: our
  // own start, and that whatever runs now started after the machine did.
  if (pid !== self.pid)
    return { startedFrom: Date.now() - uptime() * 1000 - bootMarginMs, startedTo: Infinity }
  return { startedFrom: self.startTime - clockMarginMs, startedTo: self.startTime + clockMarginMs }
}

function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs, as another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function seeOnLinux(pid: number): SeenProcess | undefined {
  const stat = readProcessStat(String(pid))
  // /proc may hide the processes of other users (hidepid): then all that is known is that it runs.
  if (!stat) return { startedFrom: -Infinity, startedTo: Infinity }
  const isRemains = stat.state === 'Z' || stat.state === 'X'
  return isRemains ? undefined : { startedFrom: stat.startTime, startedTo: stat.startTime }
}

/** Fields 3 (`state`) and 22 (`starttime`) of `/proc/<pid>/stat`, proc(5). */
function readProcessStat(pid: string): { state: string; startTime: number } | undefined {
  const stat = readOr('', () => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // Field 2 is the program's name in brackets and may itself hold spaces and brackets.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const startTime = fields[18]
  return state === undefined || startTime === undefined ? undefined : { state, startTime: Number(startTime) }
}

function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
