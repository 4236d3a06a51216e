import { readFileSync, statSync } from 'node:fs'

/**
 * The pid of a process that holds a lock of the kernel on the file at `path`, as Apache Kafka does on `.lock`
 * while it runs. Linux only, and only for processes of this pid namespace; `undefined` when none can be seen.
 */
export function kernelLockOwner(path: string): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return findLockOwner(readFileSync('/proc/locks', 'latin1'), fileKey(dev, ino))
  } catch {
    return undefined
  }
}

/**
 * Finds a file in the text of `/proc/locks`, proc_locks(5), whose lines read
 * `1: POSIX  ADVISORY  WRITE 2735 fd:01:131127 0 EOF`: the fifth column is the pid, the sixth the file.
 */
export function findLockOwner(locks: string, key: string): number | undefined {
  for (const line of locks.split('\n')) {
    const [, , , , pid, file] = line.split(/\s+/)
    if (file === key && Number(pid) > 0) return Number(pid)
  }
  return undefined
}

/** How `/proc/locks` names a file: the major and minor number of its device in hexadecimal, and its inode. */
export function fileKey(device: bigint, inode: bigint): string {
  // Linux packs 12 bits of major and 20 bits of minor into one number as mmmMMMmm.
  const major = (device >> 8n) & 0xfffn
  const minor = (device & 0xffn) | ((device >> 12n) & 0xfff00n)
  return `${hexByte(major)}:${hexByte(minor)}:${inode}`
}

function hexByte(value: bigint): string {
  return value.toString(16).padStart(2, '0')
}
