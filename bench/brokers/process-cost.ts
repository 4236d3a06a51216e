import { readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second, whatever its own clock does. */
const ticksPerSecond = 100

/** Where `/proc/PID/stat` has user and system time, counted from behind the name of the program, which may hold spaces. */
const userField = 11
const systemField = 12

/** Processor seconds that a process has used so far, in all its threads. */
export function cpuSecondsOf(pid: number): number {
  const [, behindName = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const fields = behindName.split(' ')
  return (Number(fields[userField]) + Number(fields[systemField])) / ticksPerSecond
}

/** Memory that a process has resident. */
export function residentBytesOf(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kibibytes) * 1024
}
