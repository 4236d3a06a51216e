import assert from 'node:assert/strict'
import { CorruptionError } from '../../../src/base/errors.ts'
import { Batch } from '../../../src/batch/batch.ts'
import type { Env } from '../../../src/env/env.ts'
import { type Log, openLog } from '../../../src/log/log.ts'
import type { LogOptions } from '../../../src/log/log-options.ts'
import { verifyDirectory } from '../../../src/log/verify-directory.ts'
import { loseUnsynced } from '../../../src/testing/crash-chooser.ts'
import { ManualClock } from '../../../src/testing/manual-clock.ts'
import type { MemoryFiles } from '../../../src/testing/memory-files.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { abortedIn, epochsIn } from '../../property/check-log.ts'
import { checkRefusal } from '../../property/check-refusal.ts'
import { adopt } from '../../property/expected-log.ts'
import { startMs } from '../../property/log-operation.ts'
import type { ModelAborted, ModelLog, PlacedBatch } from '../../property/model-log.ts'
import { lastingContentOf } from '../directory-content.ts'
import { directoryDigest } from './directory-digest.ts'
import type { Expected } from './expected.ts'
import { directory } from './opened-log.ts'

/** What a disk is held against. */
export interface Duty {
  readonly expected: Expected
  /** The batches of the workload, byte by byte. */
  readonly bytes: ReadonlyMap<PlacedBatch, Buffer>
  readonly options: LogOptions
  /** Disks as recovery left them, with the log that was on them: from the same the log goes on alike. */
  readonly recovered: Set<string>
}

/** Opens the log on a disk that a power cut has left, and throws unless it is one that may be there. Uses the disk up. */
export async function checkState(
  files: MemoryFiles,
  { expected, bytes, options, recovered }: Duty,
): Promise<void> {
  const settings = { ...options, env: envOver(files) }
  const log = await open(settings, expected.isDoomed)
  if (log === undefined) return
  const found = await batchesOf(log)
  if (expected.isDoomed) return checkGenuine(found, expected.content, bytes)
  assert.equal(log.recovery.lost, undefined)
  const model = adopt(expected, log)
  checkBatches(found, model, bytes)
  const bounds = `${log.startOffset} ${log.endOffset}`
  const left = files.imagineCrash(loseUnsynced)
  if (isNew(recovered, `cut again: ${directoryDigest(left, directory)} ${bounds}`))
    await checkAnotherCut(left, settings, log)
  if (!isNew(recovered, `${directoryDigest(files, directory)} ${bounds} ${log.recovery.cleanStop}`)) return
  await checkProducers(log, model)
  await log.append({ value: 'afterwards' })
  await log.close()
  await checkClosed(settings, model)
}

function isNew(known: Set<string>, key: string): boolean {
  const { size } = known
  return known.add(key).size > size
}

function envOver(files: MemoryFiles): Env {
  return { files, clock: new ManualClock(startMs), random: seededRandom(1) }
}

/** What is left of a log that was being deleted may be refused as damaged. */
async function open(settings: LogOptions, mayRefuse: boolean): Promise<Log | undefined> {
  try {
    return await openLog(directory, settings)
  } catch (error) {
    if (mayRefuse && error instanceof CorruptionError) return undefined
    throw error
  }
}

async function batchesOf(log: Log): Promise<Buffer[]> {
  const found: Buffer[] = []
  for await (const batch of log.readBatches()) found.push(Buffer.from(batch.bytes))
  return found
}

/** Every batch of the model is there, whole, in its place, and none besides: so the offsets are dense. */
function checkBatches(
  found: readonly Buffer[],
  model: ModelLog,
  bytes: ReadonlyMap<PlacedBatch, Buffer>,
): void {
  const due = model.batches.filter(({ nextOffset }) => nextOffset > model.startOffset)
  const offsets = found.map((each) => new Batch(each, 0).baseOffset)
  assert.deepEqual(
    offsets,
    due.map(({ baseOffset }) => baseOffset),
  )
  for (const [index, batch] of due.entries())
    assert.ok(found[index]?.equals(bytes.get(batch) as Buffer), `batch ${batch.baseOffset} is another one`)
}

function checkGenuine(
  found: readonly Buffer[],
  content: ModelLog,
  bytes: ReadonlyMap<PlacedBatch, Buffer>,
): void {
  const known = content.batches.map((batch) => bytes.get(batch))
  for (const each of found)
    assert.ok(
      known.some((batch) => batch?.equals(each)),
      'a batch is there that nobody appended',
    )
}

/** The last append of each producer is answered as the repetition it is, and what does not follow it is refused. */
async function checkProducers(log: Log, model: ModelLog): Promise<void> {
  for (const producerId of model.producers().keys())
    for (const what of ['duplicate', 'gap', 'outside its transaction'] as const)
      await checkRefusal(log, model, what, producerId)
}

/** What was recovered is durable before it is served: a cut right now takes none of it. */
async function checkAnotherCut(
  left: MemoryFiles,
  settings: LogOptions,
  { startOffset, endOffset }: Log,
): Promise<void> {
  const again = await openLog(directory, { ...settings, env: envOver(left) })
  const { recovery } = again
  assert.deepEqual(
    { startOffset: again.startOffset, endOffset: again.endOffset, cut: recovery.cut, lost: recovery.lost },
    { startOffset, endOffset, cut: undefined, lost: undefined },
    'opened once more after another power cut',
  )
  left.kill()
  await again.close().catch(() => undefined)
}

/**
 * Readers of committed records leave out what they must: the batches of aborted transactions. Of a transaction that began
 * before the start of the log nothing more may be known.
 */
function checkAborted(env: Env, model: ModelLog): void {
  const sent = model.batches.filter(
    ({ nextOffset, isTransactional, marker }) =>
      nextOffset > model.startOffset && isTransactional === true && marker === undefined,
  )
  const leftOut = (aborted: readonly ModelAborted[]) =>
    sent
      .filter(({ baseOffset, producer }) =>
        aborted.some(
          ({ producerId, firstOffset, lastOffset }) =>
            producerId === producer?.id && firstOffset <= baseOffset && baseOffset <= lastOffset,
        ),
      )
      .map(({ baseOffset }) => baseOffset)
  assert.deepEqual(leftOut(abortedIn(directory, env)), leftOut(model.aborted()), 'aborted batches')
}

/** A closed log is right in all its files, and opening it changes nothing. */
async function checkClosed(settings: LogOptions & { readonly env: Env }, model: ModelLog): Promise<void> {
  const { env } = settings
  const { files } = await verifyDirectory(directory, { env })
  const wrong = files.filter(({ verdict }) => verdict === 'damaged' || verdict === 'stale')
  assert.deepEqual(wrong, [])
  checkAborted(env, model)
  const closed = lastingContentOf(env.files, directory)
  const log = await openLog(directory, settings)
  assert.equal(log.recovery.cleanStop, true)
  assert.equal(log.endOffset, model.endOffset + 1)
  const epochs = epochsIn(directory, env)
  for (const each of await batchesOf(log)) {
    const { baseOffset, partitionLeaderEpoch } = new Batch(each, 0)
    assert.equal(
      epochs.epochFor(Math.max(baseOffset, log.startOffset)),
      partitionLeaderEpoch,
      `epoch of offset ${baseOffset}`,
    )
  }
  await log.close()
  assert.deepEqual(lastingContentOf(env.files, directory), closed)
}
