import { leaderEpochCheckpointFile, logStartOffsetCheckpointFile, segmentFileName } from './file-names.ts'
import type { EpochRun, EpochVerdict } from './verify-epochs.ts'
import type { Evidence, SurveyedDirectory } from './verify-side-files.ts'

/** Notes what the verdict about the leader epochs means for the files. `endOffset` is that of the good batches. */
export function holdEpochs(
  { findings, listing }: SurveyedDirectory,
  { clean, epochs }: Evidence,
  { wrongRuns, checkpointFault, fromBatches }: EpochVerdict,
  endOffset: number,
): void {
  for (const run of wrongRuns)
    findings.of(segmentFileName(run.segment, '.log')).damage(run.position, reasonOf(run))
  if (!listing.names.has(leaderEpochCheckpointFile)) {
    if (fromBatches.latestEpoch >= 0) findings.of(leaderEpochCheckpointFile).damage(-1, 'the file is missing')
    return
  }
  const finding = findings.of(leaderEpochCheckpointFile)
  if (checkpointFault !== undefined) finding.damage(-1, checkpointFault)
  else if (epochs !== undefined) finding.note(`leader epoch ${epochs.latestEpoch}`)
  // After a crash the log may end before an epoch begins; the next open drops that one.
  const latest = clean && epochs?.entries.at(-1)
  if (latest !== undefined && latest.startOffset > endOffset)
    finding.damage(-1, `epoch ${latest.epoch} begins beyond the end of the log, ${endOffset}`)
}

function reasonOf({ epoch, expected, batches }: EpochRun): string {
  const subject = batches === 1 ? 'the batch carries' : `this and the next ${batches - 1} batches carry`
  return `${subject} leader epoch ${epoch} where ${expected} led`
}

/** Holds what the side files say of the log's ends against where it ends, `endOffset`. */
export function holdEnd(
  { findings, listing }: SurveyedDirectory,
  { durable, clean, startOffset }: Evidence,
  endOffset: number,
): void {
  const durableOffset = durable?.offset ?? 0
  const last = segmentFileName(listing.baseOffsets.at(-1) ?? durable?.baseOffset ?? 0, '.log')
  // What is below the start may be gone; and damage at the end of the log says all that there is to say.
  if (endOffset < durableOffset && durableOffset > startOffset && !findings.isDamaged(last))
    findings
      .of(last)
      .damage(-1, `offsets up to ${durableOffset} were durable, but the log ends at ${endOffset}`)
  if (startOffset > Math.max(endOffset, durableOffset))
    findings
      .of(logStartOffsetCheckpointFile)
      .damage(-1, `the start ${startOffset} is beyond the end, ${endOffset}`)
  else if (clean !== undefined && startOffset > clean.startOffset)
    findings
      .of(logStartOffsetCheckpointFile)
      .damage(-1, `the log was closed with the start ${clean.startOffset}`)
}
