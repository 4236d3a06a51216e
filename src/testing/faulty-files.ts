import type { Files } from '../env/env.ts'
import { systemError } from '../env/system-error.ts'
import { type FileCall, type FileCallKind, InterposedFiles, loseUnsyncedOf } from './interposed-files.ts'

/** The failures of real disks: broken, full, over quota, out of descriptors, interrupted, turned read-only. */
export type FaultCode = 'EIO' | 'ENOSPC' | 'EDQUOT' | 'EMFILE' | 'EINTR' | 'EROFS'

/** What goes wrong with one call: it fails with an error of the system, or writes only so many bytes. */
export type Fault = FaultCode | { readonly shortBytes: number }

/** Which calls go wrong, and how. All conditions given must hold. */
export interface FaultRule {
  readonly fault: Fault
  /** Default: calls of any kind. */
  readonly kind?: FileCallKind
  /** Default: any path. A rename matches by its source or its target. */
  readonly path?: RegExp
  /** The first of the matching calls to fail, counted from 1. Default: 1. */
  readonly nth?: number
  /** How many fail from there on. Default: 1; `Infinity` for a disk that stays broken. */
  readonly times?: number
}

/**
 * Decides for each call what goes wrong, if anything. `nth` says how many calls of its kind there have been, and
 * `nthOfAll` how many calls of any kind, both counting this one.
 */
export type FaultPlan = (call: FileCall, nth: number, nthOfAll: number) => Fault | undefined

/** Puts `plan` between the caller and `files`. */
export function faultyFiles(files: Files, plan: FaultPlan | readonly FaultRule[] = []): FaultyFiles {
  return new FaultyFiles(files, plan)
}

/**
 * Files that fail as planned, and count the calls that reach them. A sync that fails loses what it should have
 * made durable, if the files beneath are `MemoryFiles`: see their documentation.
 */
export class FaultyFiles extends InterposedFiles {
  #plan: FaultPlan
  #counts = new Map<FileCallKind, number>()
  #totalCount = 0

  constructor(files: Files, plan: FaultPlan | readonly FaultRule[]) {
    super(files)
    this.#plan = asPlan(plan)
  }

  /** Replaces the plan; with `[]` the disk works again. Rules count matching calls from here, counts go on. */
  use(plan: FaultPlan | readonly FaultRule[]): void {
    this.#plan = asPlan(plan)
  }

  /** How many calls there have been, failed ones included: of one kind, or of all. */
  count(kind?: FileCallKind): number {
    return kind === undefined ? this.#totalCount : (this.#counts.get(kind) ?? 0)
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    const nth = this.count(call.kind) + 1
    this.#counts.set(call.kind, nth)
    this.#totalCount++
    const fault = this.#plan(call, nth, this.#totalCount)
    if (fault === undefined) return run(call)
    if (typeof fault === 'string') throw failure(call, fault)
    return run({ ...call, buffers: firstBytes(call.buffers ?? [], fault.shortBytes) })
  }
}

function asPlan(plan: FaultPlan | readonly FaultRule[]): FaultPlan {
  return typeof plan === 'function' ? plan : followRules(plan)
}

/** The first rule that strikes decides. Each counts the calls it matches, whether another strikes or not. */
function followRules(rules: readonly FaultRule[]): FaultPlan {
  const matchCounts = rules.map(() => 0)
  return (call) => {
    let fault: Fault | undefined
    rules.forEach((rule, index) => {
      if (!matches(rule, call)) return
      const count = (matchCounts[index] ?? 0) + 1
      matchCounts[index] = count
      const { nth = 1, times = 1 } = rule
      if (count >= nth && count < nth + times) fault ??= rule.fault
    })
    return fault
  }
}

function matches({ kind, path }: FaultRule, call: FileCall): boolean {
  if (kind !== undefined && kind !== call.kind) return false
  return path === undefined || path.test(call.path) || (call.target !== undefined && path.test(call.target))
}

/** The names of the system's calls where they differ from ours. */
const syscalls: Partial<Record<FileCallKind, string>> = {
  size: 'fstat',
  truncate: 'ftruncate',
  sync: 'fdatasync',
  list: 'scandir',
  remove: 'unlink',
  removeDirectory: 'rm',
  makeDirectory: 'mkdir',
  setModified: 'utime',
  freeBytes: 'statfs',
  syncDirectory: 'fsync',
  lock: 'open',
  unlock: 'unlink',
}

function failure(call: FileCall, code: FaultCode): Error {
  const { kind, path, target, file } = call
  if (kind === 'sync' && file) loseUnsyncedOf(file)
  const syscall = syscalls[kind] ?? kind
  if (file) return systemError(code, syscall)
  return systemError(code, syscall, target === undefined ? { path } : { path, dest: target })
}

function firstBytes(buffers: readonly Uint8Array[], length: number): Uint8Array[] {
  let left = length
  return buffers.map((buffer) => {
    const part = buffer.subarray(0, left)
    left -= part.length
    return part
  })
}
