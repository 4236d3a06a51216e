import { join, resolve } from 'node:path'
import type { Env, Files } from '../env/env.ts'
import { nodeEnv } from '../env/node-env.ts'
import { cleanShutdownSidecar } from './clean-shutdown.ts'
import { type DurablePoint, durablePointFile, DurablePointStore } from './durable-point.ts'
import { leaderEpochCheckpointFile, lockFile, segmentFileName } from './file-names.ts'
import { FilePool } from './file-pool.ts'
import { finishInterrupted, mustBeDirectory } from './partition-listing.ts'
import { copyToQuarantine, moveToQuarantine, quarantineDirectory } from './quarantine.ts'
import { planRepair, type RepairPlan } from './repair-plan.ts'
import type { RepairOptions, RepairReport } from './repair-report.ts'
import { createSegment, rebuildIndexFiles, rewriteSegment } from './repair-segment.ts'
import { replaceFile } from './replace-file.ts'
import { sealLedgerFile } from './seal-ledger.ts'
import { operatingError } from './storage-error.ts'
import type { EpochRun } from './verify-epochs.ts'
import { surveyDirectory } from './verify-survey.ts'
import { endOfSegmentFile, walkHeaders } from './walk.ts'

export type { OffsetRange, RepairAction, RepairOptions, RepairReport, RepairVerb } from './repair-report.ts'

/**
 * Makes the damaged log in `directory` one that opens again, and loses as little as possible by it: good batches stay
 * byte for byte, damaged ones between them give way to batches without records, so that every offset keeps its
 * meaning. A copy of every file that is changed is kept in the sub-directory `quarantine`. A log without damage is not
 * touched; what a crash left behind is the next open's to put right.
 *
 * A crash in the middle leaves each file as it was or as it will be, and repairing again goes on from there.
 *
 * @throws NotALogError when there is no log
 * @throws LockedError when a live process has it open
 * @throws StorageError when the file system refuses, such as when there is no room for the copies
 * @throws the signal's reason when it aborts before anything is changed
 */
export async function repairDirectory(directory: string, options: RepairOptions = {}): Promise<RepairReport> {
  const { env = nodeEnv(), dryRun = false, signal } = options
  const path = resolve(directory)
  signal?.throwIfAborted()
  mustBeDirectory(env.files, path)
  try {
    if (dryRun) return reportOf(path, true, await surveyAndPlan(env, path, options), undefined)
    const lock = env.files.lockSync(join(path, lockFile))
    try {
      return await repairLocked(env, path, options)
    } finally {
      lock.releaseSync()
    }
  } catch (error) {
    throw operatingError(`repairing ${path}`, error)
  }
}

async function repairLocked(env: Env, path: string, options: RepairOptions): Promise<RepairReport> {
  let plan = await surveyAndPlan(env, path, options)
  if (plan.actions.length === 0) return reportOf(path, false, plan, [])
  // What seems to be missing may be in a file that a crash kept from taking its place.
  if (finishInterrupted(env.files, path, endOfSegmentFile(env.files)).length > 0)
    plan = await surveyAndPlan(env, path, options)
  options.signal?.throwIfAborted()
  const quarantined = plan.actions.length === 0 ? [] : await carryOut(env.files, path, plan)
  return reportOf(path, false, plan, quarantined)
}

async function surveyAndPlan(env: Env, path: string, options: RepairOptions): Promise<RepairPlan> {
  const survey = await surveyDirectory(env, path, options)
  return planRepair(survey, (run) => batchPositions(env.files, path, run))
}

function batchPositions(files: Files, directory: string, run: EpochRun): number[] {
  const positions: number[] = []
  const file = files.openSync(join(directory, segmentFileName(run.segment, '.log')), 'read')
  try {
    walkHeaders(file, run.position, run.endPosition, (_batch, position) => {
      positions.push(position)
      return false
    })
  } finally {
    file.closeSync()
  }
  return positions
}

/** Does what the plan says. Returns the paths of the copies. */
async function carryOut(files: Files, directory: string, plan: RepairPlan): Promise<string[]> {
  const quarantined: string[] = []
  for (const name of plan.copied) quarantined.push(await copyToQuarantine(files, directory, name))
  const setAside = (name: string) => quarantined.push(moveToQuarantine(files, directory, name))
  if (plan.removed.includes(durablePointFile)) setAside(durablePointFile)
  if (plan.durable !== undefined) settleDurablePoint(files, directory, plan.durable)
  for (const name of plan.removed) if (name !== durablePointFile) setAside(name)
  // From here on nobody may take the log for cleanly closed, nor a segment for what it was: they are about to be others.
  for (const name of [cleanShutdownSidecar, sealLedgerFile]) files.removeSync(join(directory, name))
  await files.syncDirectory(directory)
  await writeSegments(files, directory, plan)
  if (plan.epochs !== undefined)
    await replaceFile(files, join(directory, leaderEpochCheckpointFile), plan.epochs.encode())
  if (quarantined.length > 0) await files.syncDirectory(join(directory, quarantineDirectory))
  await files.syncDirectory(directory)
  return quarantined
}

async function writeSegments(
  files: Files,
  directory: string,
  { created, rewrites }: RepairPlan,
): Promise<void> {
  for (const { baseOffset, content } of created) {
    await createSegment(files, directory, baseOffset, content)
    await rebuildIndexFiles(files, directory, { baseOffset, aborted: [] })
  }
  for (const rewrite of rewrites) {
    if (rewrite.splices.length > 0) await rewriteSegment(files, directory, rewrite)
    if (rewrite.isSealed) await rebuildIndexFiles(files, directory, rewrite)
  }
}

/**
 * Before the clean-shutdown file goes, which may be the only one to know the durable point; and before the end of the
 * log is cut: should a crash come in between, the next open finds damage behind the durable point and cuts it itself.
 */
function settleDurablePoint(files: Files, directory: string, durable: DurablePoint): void {
  const pool = new FilePool(files, 8)
  try {
    new DurablePointStore(pool, directory).storeDurably(durable)
  } finally {
    pool.dropDirectory(directory)
  }
}

function reportOf(
  directory: string,
  dryRun: boolean,
  { actions, lostOffsets, copied, removed }: RepairPlan,
  quarantined: readonly string[] | undefined,
): RepairReport {
  return {
    ...{ directory, dryRun, changed: !dryRun && actions.length > 0, actions, lostOffsets },
    quarantined:
      quarantined ?? [...copied, ...removed].map((name) => join(directory, quarantineDirectory, name)),
  }
}
