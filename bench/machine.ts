import { readFileSync } from 'node:fs'
import { arch, cpus, loadavg, release, totalmem, type as systemName } from 'node:os'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { projectRoot } from './project-root.ts'

/** What was measured on. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  /** Of the directory that was written to: the type of its file system, and the device where that is known. */
  readonly disk: string
  /** Runnable processes over the last minute when the measuring began: above 1 or so somebody else was at work. */
  readonly loadAverage: number
}

/** Name to version. */
export type Versions = Readonly<Record<string, string>>

/** This machine, as the benchmarks that write below `directory` see it. */
export function describeMachine(directory: string): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    system: `${systemName()} ${release()} ${arch()}`,
    disk: describeDisk(directory),
    loadAverage: loadavg()[0] ?? 0,
  }
}

/** Versions of what takes part: this package, Node, and the packages named, as they are installed. */
export function describeVersions(packages: readonly string[]): Versions {
  const own = readVersion(join(projectRoot, 'package.json'))
  const found: [string, string][] = packages.map((name) => [name, installedVersion(name)])
  return Object.fromEntries([
    ['tidemark', own],
    ['node', process.versions.node],
    ['v8', process.versions.v8],
    ...found,
  ])
}

function installedVersion(name: string): string {
  for (const from of ['bench', '.', 'test/interop/clients']) {
    const paths = createRequire(join(projectRoot, from, 'package.json')).resolve.paths(name) ?? []
    for (const path of paths) {
      const version = readVersion(join(path, name, 'package.json'))
      if (version !== 'not installed') return version
    }
  }
  return 'not installed'
}

function readVersion(path: string): string {
  try {
    const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
    return version
  } catch {
    return 'not installed'
  }
}

/** The mount that `directory` lies on, from the lines of `/proc/mounts`: device, directory, type, and so on. */
function describeDisk(directory: string): string {
  try {
    const path = `${resolve(directory)}/`
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
    const holding = mounts.filter(([, target = '']) =>
      path.startsWith(target.endsWith('/') ? target : `${target}/`),
    )
    const [device, , kind] = holding.toSorted((a, b) => (b[1]?.length ?? 0) - (a[1]?.length ?? 0))[0] ?? []
    return `${kind} on ${device}`
  } catch {
    return 'unknown'
  }
}
