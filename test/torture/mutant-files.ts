import type { Files } from '../../src/env/env.ts'
import { systemErrorCode } from '../../src/env/system-error.ts'
import { type FileCall, InterposedFiles } from '../../src/testing/interposed-files.ts'

/**
 * A deliberate bug between the engine and the disk. A rig that lets it pass has no teeth.
 *
 * - `sync-lies`: nothing is synced at all, as by a disk that lies
 * - `sync-later`: appends are acknowledged, and the sync follows
 * - `sync-retried`: a sync that fails is made again until it succeeds, and counts
 * - `sync-swallowed`: nobody hears of a sync that fails
 * - `no-sync-before-rename`: a file is put in the place of another before its content is on the disk
 * - `write-later`: appends are acknowledged, and the write follows
 * - `short-write-passes`: what the full disk did not take counts as written
 * - `room-unseen`: it is never noticed that the disk has room again
 * - `retention-needs-room`: something is to be written before anything is deleted
 */
export type Mutant = keyof typeof behaviours

/** What is done in place of a call. */
type Behaviour = <T>(call: FileCall, run: (call: FileCall) => T, files: Files) => T

/** Puts the bug `mutant` before `files`. */
export function mutantFiles(files: Files, mutant: Mutant): Files {
  return new MutantFiles(files, behaviours[mutant])
}

class MutantFiles extends InterposedFiles {
  readonly #beneath: Files
  readonly #behaviour: Behaviour

  constructor(files: Files, behaviour: Behaviour) {
    super(files)
    this.#beneath = files
    this.#behaviour = behaviour
  }

  protected override around<T>(call: FileCall, run: (call: FileCall) => T): T {
    return this.#behaviour(call, run, this.#beneath)
  }
}

const syncLaterMs = 200
const writeLaterMs = 10
/** A disk that fails for good fails for them too. */
const syncTriesMax = 100
const roomForRetentionBytes = 1024 * 1024

const behaviours = {
  'sync-lies': (call, run) => (call.kind === 'sync' ? done(call) : run(call)),
  'sync-later': (call, run) => (call.kind === 'sync' ? later(call, run, syncLaterMs) : run(call)),
  'sync-retried': (call, run) => (call.kind === 'sync' ? again(call, run) : run(call)),
  'sync-swallowed': (call, run) => (call.kind === 'sync' ? rescued(call, run, () => done(call)) : run(call)),
  'no-sync-before-rename': (call, run) =>
    call.kind === 'sync' && call.path.endsWith('.tmp') ? done(call) : run(call),
  'write-later': (call, run) =>
    call.kind === 'write' && call.path.endsWith('.log') ? later(copyOf(call), run, writeLaterMs) : run(call),
  'short-write-passes': (call, run) => {
    if (call.kind !== 'write' || !call.path.endsWith('.log')) return run(call)
    try {
      run(call)
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOSPC') throw error
    }
    return done(call)
  },
  'room-unseen': (call, run) => (call.kind === 'freeBytes' ? (0 as ReturnType<typeof run>) : run(call)),
  'retention-needs-room': (call, run, files) => {
    if (call.kind === 'rename' && call.target?.endsWith('.log.deleted') === true)
      needRoom(files, `${call.target}.note`)
    return run(call)
  },
} as const satisfies Record<string, Behaviour>

/** What a call that did all it should would return: the bytes of a write, nothing of a sync. */
function done<T>({ kind, buffers = [] }: FileCall): T {
  return (kind === 'write' ? buffers.reduce((sum, { length }) => sum + length, 0) : undefined) as T
}

/** Answers at once and makes the call afterwards; by then the file may be closed or the power gone. */
function later<T>(call: FileCall, run: (call: FileCall) => T, delayMs: number): T {
  setTimeout(() => {
    new Promise((resolve) => resolve(run(call))).catch(() => undefined)
  }, delayMs).unref()
  return done(call)
}

/** What the failed ones were to make durable is forgotten: nothing is left for the one that succeeds. */
function again<T>(call: FileCall, run: (call: FileCall) => T, triesLeft = syncTriesMax): T {
  return rescued(call, run, (error) => {
    if (triesLeft === 0) throw error
    return again(call, run, triesLeft - 1)
  })
}

/** The call, or what `rescue` makes of its failure. */
function rescued<T>(call: FileCall, run: (call: FileCall) => T, rescue: (error: unknown) => T): T {
  try {
    const result = run(call)
    return result instanceof Promise ? (result.catch(rescue) as T) : result
  } catch (error) {
    return rescue(error)
  }
}

/** The writer may use its buffers again once the call is answered. */
function copyOf(call: FileCall): FileCall {
  return { ...call, buffers: (call.buffers ?? []).map((bytes) => Buffer.from(bytes)) }
}

function needRoom(files: Files, path: string): void {
  const file = files.openSync(path, 'write')
  try {
    for (let position = 0; position < roomForRetentionBytes; )
      position += file.writevSync([Buffer.alloc(64 * 1024)], position)
  } finally {
    file.closeSync()
    files.removeSync(path)
  }
}
