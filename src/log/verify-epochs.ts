import type { Batch } from '../batch/batch.ts'
import { noPartitionLeaderEpoch } from '../batch/format.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import { counted } from './verify-findings.ts'

/** Batches one after the other that carry the same leader epoch, where one and the same is to be expected. */
export interface EpochRun {
  readonly epoch: number
  /** What the checkpoint says of these offsets; -1 when it says nothing. */
  expected: number
  /** Base offset of the segment. */
  readonly segment: number
  readonly position: number
  endPosition: number
  readonly fromOffset: number
  batches: number
  isRight: boolean
}

/** What the leader epochs of the batches and those of the checkpoint say about each other. */
export interface EpochVerdict {
  /** Runs whose epoch is not what it must have been. It lies outside the checksum. */
  readonly wrongRuns: readonly EpochRun[]
  /** Why the checkpoint is wrong, and not the batches. */
  readonly checkpointFault: string | undefined
  /** The epochs as the batches have them. */
  readonly fromBatches: LeaderEpochs
}

export interface EpochEvidence {
  /** The checkpoint; undefined when it is missing or cannot be read. */
  readonly checkpoint: LeaderEpochs | undefined
  /** Of what comes before, the checkpoint knows nothing any more. */
  readonly startOffset: number
  /** From here on a batch may carry a later epoch than the checkpoint has. */
  readonly durableOffset: number | undefined
}

/** Collects the leader epochs of a log's batches, and holds them against the checkpoint. */
export class EpochSurvey {
  readonly #evidence: EpochEvidence
  readonly #runs: EpochRun[] = []

  constructor(evidence: EpochEvidence) {
    this.#evidence = evidence
  }

  /** The epoch that must have led at `offset`: the checkpoint's, or else the latest that was seen. */
  epochFor(offset: number): number {
    const { checkpoint } = this.#evidence
    return checkpoint === undefined ? (this.#runs.at(-1)?.epoch ?? -1) : checkpoint.epochFor(offset)
  }

  add(batch: Batch, position: number, segment: number): void {
    const { partitionLeaderEpoch: epoch, nextOffset } = batch
    // -1 is no epoch, as of batches from before there were any; another negative one was never written.
    if (epoch === noPartitionLeaderEpoch || nextOffset <= this.#evidence.startOffset) return
    const { expected, isRight } = this.#hold(batch)
    const last = this.#runs.at(-1)
    const endPosition = position + batch.sizeBytes
    if (
      last?.epoch === epoch &&
      last.expected === expected &&
      last.isRight === isRight &&
      last.segment === segment
    ) {
      last.endPosition = endPosition
      last.batches++
      return
    }
    const { baseOffset: fromOffset } = batch
    this.#runs.push({
      epoch,
      expected,
      segment,
      position,
      endPosition,
      fromOffset,
      batches: 1,
      isRight,
    })
  }

  #hold(batch: Batch): { expected: number; isRight: boolean } {
    const { checkpoint, startOffset, durableOffset = Number.POSITIVE_INFINITY } = this.#evidence
    const { partitionLeaderEpoch: epoch, baseOffset, lastOffset } = batch
    if (checkpoint === undefined) return { expected: -1, isRight: true }
    const expected = checkpoint.epochFor(lastOffset)
    const isNew = lastOffset >= durableOffset && epoch > checkpoint.latestEpoch
    // A checkpoint that was trimmed knows nothing of what comes before its first epoch, but that it was no later one.
    const { epoch: firstEpoch = -1, startOffset: knownFrom = 0 } = checkpoint.entries[0] ?? {}
    if (lastOffset < knownFrom) return { expected, isRight: epoch <= firstEpoch }
    const from = Math.max(baseOffset, startOffset, knownFrom)
    const agrees = expected === epoch && checkpoint.epochFor(from) === epoch
    return { expected, isRight: isNew || agrees }
  }

  /**
   * Decides who is wrong where batches and checkpoint disagree. A checkpoint that can be read is believed over a
   * single batch; but not over several that agree with each other, or where it knows no epoch at all.
   */
  judge(): EpochVerdict {
    const backward = backwardRuns(this.#runs)
    const deviating = this.#runs.filter((run) => !run.isRight)
    const batches = deviating.reduce((sum, run) => sum + run.batches, 0)
    const [first] = deviating
    // A boundary inside a batch no epoch of that batch could satisfy.
    const cannotBeBatch = deviating.some(({ epoch, expected }) => expected < 0 || expected === epoch)
    const isCheckpointWrong = first !== undefined && backward.length === 0 && (batches > 1 || cannotBeBatch)
    const wrongRuns = this.#evidence.checkpoint === undefined || isCheckpointWrong ? backward : deviating
    const { startOffset } = this.#evidence
    const fromBatches = epochsOf(this.#runs.filter((run) => !wrongRuns.includes(run)))
    fromBatches.truncateFromStart(startOffset)
    const fault =
      isCheckpointWrong &&
      `it contradicts ${counted(batches, 'batch', 'batches')} from offset ${first.fromOffset} on, with epoch ${first.epoch}`
    return { wrongRuns, checkpointFault: fault || undefined, fromBatches }
  }
}

/** The runs that make the epochs go back: where two disagree, the shorter one. Corrects what is expected of them. */
function backwardRuns(runs: readonly EpochRun[]): EpochRun[] {
  const kept: EpochRun[] = []
  const wrong: EpochRun[] = []
  for (const run of runs) {
    while ((kept.at(-1)?.epoch ?? -1) > run.epoch && (kept.at(-1)?.batches ?? 0) <= run.batches)
      wrong.push(kept.pop() as EpochRun)
    const latest = kept.at(-1)?.epoch ?? -1
    if (latest > run.epoch) wrong.push(run)
    else kept.push(run)
  }
  for (const run of wrong)
    if (run.expected < 0)
      run.expected = kept.findLast((each) => each.fromOffset < run.fromOffset)?.epoch ?? kept[0]?.epoch ?? -1
  return wrong
}

function epochsOf(runs: readonly EpochRun[]): LeaderEpochs {
  const epochs = new LeaderEpochs()
  for (const { epoch, fromOffset } of runs) if (epoch > epochs.latestEpoch) epochs.assign(epoch, fromOffset)
  return epochs
}
