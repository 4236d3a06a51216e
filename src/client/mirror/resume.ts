import type { Clock } from '../../env/env.ts'
import type { OffsetSpec } from '../admin/list-offsets.ts'
import { PartitionMap } from '../admin/partition-map.ts'
import type { TopicPartition } from '../cluster/cluster-metadata.ts'
import type { ConsumedRecord } from '../consumer/consumed-record.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import { CopyProgress, type TopicIds } from './copy-progress.ts'
import { isCopyOf } from './same-record.ts'
import { MirrorConflictError } from './mirror-conflict.ts'
import type { MirrorEnd } from './mirror-end.ts'
import { OffsetMap } from './offset-map.ts'
import { readRange } from './read-range.ts'

/** A partition to be mirrored, and what is noted of it. */
export interface PartitionToResume extends TopicPartition, TopicIds {
  readonly note: string | undefined
}

/** What {@link resumeAll} works with. */
export interface ResumeOptions {
  readonly source: MirrorEnd
  readonly target: MirrorEnd
  readonly clock: Clock
  /** How long the ends must stay the same after an end that was none, in milliseconds. */
  readonly settleMs: number
  readonly onWarning: (message: string) => void
  readonly signal: AbortSignal | undefined
}

/** Where a partition begins and ends on both sides. */
export interface PartitionBounds {
  readonly sourceStart: number
  readonly sourceEnd: number
  readonly targetStart: number
  readonly targetEnd: number
}

/**
 * Where to go on in each partition, found out from what is noted and what is in the target.
 *
 * @throws MirrorConflictError when these two do not go together
 */
export async function resumeAll(
  partitions: readonly PartitionToResume[],
  options: ResumeOptions,
): Promise<CopyProgress[]> {
  const noted = partitions.map(notedProgress)
  const bounds = await settledBounds(partitions, noted, options)
  const resumed: CopyProgress[] = []
  for (const [index, partition] of partitions.entries()) {
    const found = bounds[index]
    if (found !== undefined) resumed.push(await resume(partition, noted[index], found, options))
  }
  return resumed
}

/** What is noted of the topics as they are now; undefined for nothing. @throws MirrorConflictError, SerializationError */
function notedProgress(partition: PartitionToResume): CopyProgress | undefined {
  if (partition.note === undefined) return undefined
  const { progress, sourceTopicId, targetTopicId } = CopyProgress.fromNote(partition.note)
  // What was copied is gone with the topic; what is there now begins from nothing.
  if (isOther(targetTopicId, partition.targetTopicId)) return undefined
  if (isOther(sourceTopicId, partition.sourceTopicId))
    throw new MirrorConflictError(
      partition,
      "the source's topic was deleted and created anew since it was mirrored: delete that of the target to begin again",
    )
  return progress
}

/** Old brokers tell no ids. */
function isOther(id: string, other: string): boolean {
  return id !== other && id !== zeroUuid && other !== zeroUuid
}

/**
 * The bounds, when nothing changes them any more: what a mirror that was killed had sent may still be on its way into the log. Where all that
 * was planned is there, and after a clean end, there is nothing to wait for.
 */
async function settledBounds(
  partitions: readonly PartitionToResume[],
  noted: readonly (CopyProgress | undefined)[],
  options: ResumeOptions,
): Promise<PartitionBounds[]> {
  let bounds = await boundsOf(partitions, options)
  for (;;) {
    const isInDoubt = noted.some((progress, index) => {
      const planned = progress?.aheadCount ?? 0
      return planned > 0 && (bounds[index]?.targetEnd ?? 0) < (progress?.copied.targetEnd ?? 0) + planned
    })
    if (!isInDoubt) return bounds
    await options.clock.sleep(options.settleMs, options.signal)
    const later = await boundsOf(partitions, options)
    if (later.every(({ targetEnd }, index) => targetEnd === bounds[index]?.targetEnd)) return later
    bounds = later
  }
}

async function boundsOf(
  partitions: readonly TopicPartition[],
  { source, target, signal }: ResumeOptions,
): Promise<PartitionBounds[]> {
  const list = async (end: MirrorEnd, at: OffsetSpec): Promise<PartitionMap<number>> => {
    const queries = partitions.map(({ topic, partition }) => ({ topic, partition, at }))
    const offsets = new PartitionMap<number>()
    for (const found of await end.admin().listOffsets(queries, signal === undefined ? {} : { signal }))
      offsets.set(found, found.offset)
    return offsets
  }
  const [sourceStarts, sourceEnds, targetStarts, targetEnds] = await Promise.all([
    ...[list(source, 'earliest'), list(source, 'latest')],
    ...[list(target, 'earliest'), list(target, 'latest')],
  ])
  return partitions.map((each) => ({
    sourceStart: sourceStarts?.get(each) ?? 0,
    sourceEnd: sourceEnds?.get(each) ?? 0,
    targetStart: targetStarts?.get(each) ?? 0,
    targetEnd: targetEnds?.get(each) ?? 0,
  }))
}

async function resume(
  partition: PartitionToResume,
  noted: CopyProgress | undefined,
  bounds: PartitionBounds,
  options: ResumeOptions,
): Promise<CopyProgress> {
  const conflict = conflictIn(noted, bounds)
  if (conflict !== undefined) throw new MirrorConflictError(partition, conflict)
  const { sourceStart, targetEnd } = bounds
  if (noted === undefined) return new CopyProgress(OffsetMap.startingAt(sourceStart, targetEnd))
  const arrivedCount = targetEnd - noted.copied.targetEnd
  await verifyArrived(partition, noted, bounds, options)
  noted.settle(arrivedCount)
  noted.dropAhead()
  const { sourceEnd: nextOffset } = noted.copied
  if (nextOffset < sourceStart)
    options.onWarning(
      `${partition.topic}-${partition.partition}: the source has deleted the offsets from ${nextOffset} up to ${sourceStart} before they were mirrored`,
    )
  return noted
}

/** Why the partition cannot be gone on with; undefined when it can. */
export function conflictIn(noted: CopyProgress | undefined, bounds: PartitionBounds): string | undefined {
  const { sourceEnd, targetStart, targetEnd } = bounds
  if (noted === undefined)
    return targetStart === targetEnd
      ? undefined
      : 'the target holds records, and nothing says that they were mirrored: mirror to a topic that is empty, or not there'
  const { copied, aheadCount } = noted
  if (sourceEnd < copied.sourceEnd)
    return `the source ends at ${sourceEnd}, but was mirrored up to ${copied.sourceEnd}: it has lost records`
  if (targetEnd < copied.targetEnd)
    return `the target ends at ${targetEnd}, but was written up to ${copied.targetEnd}: it has lost records`
  if (targetEnd > copied.targetEnd + aheadCount)
    return `the target ends at ${targetEnd}, but no more than ${copied.targetEnd + aheadCount} is of this mirror: others have written to it`
  return undefined
}

/**
 * Holds the records that came after what is noted as copied against those that were planned. Either side may have deleted or compacted
 * some of them meanwhile: those are not compared.
 */
async function verifyArrived(
  partition: PartitionToResume,
  noted: CopyProgress,
  { targetEnd }: PartitionBounds,
  { source, target, clock, signal }: ResumeOptions,
): Promise<void> {
  const { topic, partition: index } = partition
  const start = noted.copied.targetEnd
  const planned = [...noted.aheadOffsets(targetEnd - start)]
  const [first, last] = [planned[0], planned.at(-1)]
  if (first === undefined || last === undefined) return
  const reading = { clock, signal, isolationLevel: 'read_uncommitted' } as const
  const originals = new Map<number, ConsumedRecord>()
  const inSource = { topic, partition: index, start: first, end: last + 1 }
  for await (const record of readRange(source, inSource, reading)) originals.set(record.offset, record)
  const inTarget = { topic, partition: index, start, end: targetEnd }
  for await (const copy of readRange(target, inTarget, reading)) {
    const original = originals.get(planned[copy.offset - start] ?? -1)
    if (original === undefined || isCopyOf(copy, original)) continue
    throw new MirrorConflictError(
      partition,
      `record ${copy.offset} of the target is not record ${original.offset} of the source: others have written to the target`,
    )
  }
}
