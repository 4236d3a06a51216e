import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { FileSystem } from './loop-disk.ts'

/** Why file systems cannot be mounted here; undefined when they can. */
export function missingForMounts(): string | undefined {
  if (process.platform !== 'linux') return 'only on Linux'
  if (process.getuid?.() !== 0) return 'needs root, to mount'
  return (
    missingProgram('mount') ??
    missingProgram('umount') ??
    (mayMount() ? undefined : 'root may not mount here')
  )
}

/** Why the power of a `fileSystem` in a file cannot be cut here; undefined when it can. */
export function missingForCuts(fileSystem: FileSystem): string | undefined {
  const program = missingForMounts() ?? missingProgram(`mkfs.${fileSystem}`) ?? missingProgram('perl')
  if (program !== undefined) return program
  return existsSync('/dev/loop-control') ? undefined : 'there are no loop devices'
}

/** A directory whose files cost no writes to a disk, where there is one. */
export function directoryInMemory(): string {
  try {
    accessSync('/dev/shm', constants.W_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}

function missingProgram(name: string): string | undefined {
  const { status } = spawnSync('sh', ['-c', 'command -v "$0"', name], { stdio: 'ignore' })
  return status === 0 ? undefined : `needs ${name}`
}

/** Containers often have root without the right to mount (CAP_SYS_ADMIN is bit 21). */
function mayMount(): boolean {
  const { stdout } = spawnSync('sed', ['-n', 's/^CapEff:\\s*//p', '/proc/self/status'], { encoding: 'utf8' })
  return ((BigInt(`0x${stdout.trim() || '0'}`) >> 21n) & 1n) === 1n
}
